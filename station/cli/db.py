"""``db``: the database's schema, health, backup and archive."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli import configuration, example, fail, say
from station.cli.output import engine_to_read

if TYPE_CHECKING:
    from station.repository.archive.running import Tally


@click.group(epilog=example("scanstation db check"))
def db() -> None:
    """Look after the database."""


@db.command(epilog=example("scanstation db upgrade"))
@click.option("--embedded", is_flag=True, help="Only if an embedded database exists already.")
def upgrade(*, embedded: bool) -> None:
    """Create the tables, or upgrade them to this version's schema.

    An embedded database is backed up first.
    """
    from station.repository import schema  # noqa: PLC0415
    from station.repository.database import is_embedded_and_there, open_engine, where  # noqa: PLC0415

    url = configuration().database_url()
    if embedded and not is_embedded_and_there(url):
        say("there is no embedded database to upgrade")
        return
    engine = open_engine(url)
    changed = schema.upgrade(engine)
    say(f"{where(engine)}: {'upgraded' if changed else 'is up to date'}, schema {schema.NEWEST}")


@db.command(epilog=example("scanstation db check"))
def check() -> None:
    """Check the database's integrity, the invariants I1, I2, I3 and I5, and the archive.

    Exit 1 when something is wrong.
    """
    from station.repository.archive.checking import archive_findings  # noqa: PLC0415
    from station.repository.archive.files import archive_directory  # noqa: PLC0415
    from station.repository.checking import findings  # noqa: PLC0415
    from station.repository.database import where  # noqa: PLC0415

    engine = engine_to_read()
    found = 0
    for finding in chain(findings(engine), archive_findings(engine, archive_directory(configuration()))):
        click.echo(finding)
        found += 1
    if found:
        fail(f"{where(engine)}: {found} things are wrong; restore a backup, or ask for help with this list")
    say(f"{where(engine)}: nothing is wrong")


@db.command(epilog=example("scanstation db backup /srv/backup/scanstation.db"))
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--keep",
    type=click.IntRange(1, 10_000),
    help="FILE is a directory: name the backup by the time, and keep only this many.",
)
def backup(file: Path, keep: int | None) -> None:
    """Copy the database to FILE, consistently, while the station runs."""
    from station.repository.backup import back_up, back_up_by_date  # noqa: PLC0415
    from station.repository.database import open_engine  # noqa: PLC0415

    # Any schema will do: before an upgrade it is an older one.
    engine = open_engine(configuration().database_url(), read_only=True)
    if keep is None:
        back_up(engine, file)
    else:
        file = back_up_by_date(engine, file, keep)
    say(f"{file}: {file.stat().st_size:,} bytes, checked")


@db.command(epilog=example("scanstation db archive --dry-run"))
@click.option("--dry-run", is_flag=True, help="Print what would be archived, and change nothing.")
@click.option(
    "--after-days",
    type=click.IntRange(1, 36_500),
    metavar="DAYS",
    help="Instead of archive.after_days of the configuration.",
)
@click.option("--embedded", is_flag=True, help="Only if an embedded database exists already.")
def archive(after_days: int | None, *, dry_run: bool, embedded: bool) -> None:
    """Move old documents from the database into files, while the station runs.

    Documents that ended more than archive.after_days ago, and their history, go into one file per month in
    the state directory. Nothing is deleted from the database until it has been read back from the file.
    """
    from station.repository.archive.files import archive_directory  # noqa: PLC0415
    from station.repository.archive.running import Archive, cutoff  # noqa: PLC0415
    from station.repository.database import is_embedded_and_there, open_engine  # noqa: PLC0415
    from station.repository.outbox import publisher_names  # noqa: PLC0415

    config = configuration()
    days = after_days or config.archive.after_days, config.archive.posts_after_days
    if not any(days):
        say("nothing is archived: archive.after_days and archive.posts_after_days are 0")
        return
    if embedded and not is_embedded_and_there(config.database_url()):
        say("there is no embedded database to archive")
        return
    # Read-only at first: archiving must not create a database.
    engine = engine_to_read()
    before = cutoff(engine, *days)
    directory = archive_directory(config)
    if dry_run:
        tally = Archive(engine, directory, before).rehearse()
    else:
        tally = Archive(open_engine(config.database_url()), directory, before).run()
    for due in tally.documents:
        click.echo(f"{due.document}  {due.ended_at}")
    _report(tally, f"would go into {directory}" if dry_run else f"are now in {directory}")
    if tally.unsent:
        names = ", ".join(f"{name} of {station}" for station, name in publisher_names(engine))
        say(
            f"{tally.unsent} documents and scans stay until a publisher ({names}) has sent them; to drop a "
            "publisher that was removed: scanstation db forget-publisher"
        )


@db.command("forget-publisher", epilog=example("scanstation db forget-publisher old-erp"))
@click.argument("name")
@click.option("--station", metavar="NAME", help="Another station, or a former name of this one.")
def forget_publisher(name: str, station: str | None) -> None:
    """Forget the position of a publisher that is no longer configured.

    Until then nothing is archived that it has not sent, as it may be configured again. After this it would
    start like a new one.
    """
    from station.repository.database import open_engine  # noqa: PLC0415
    from station.repository.outbox import forget_publisher, publisher_names  # noqa: PLC0415

    config = configuration()
    station = station or config.station.name
    if station == config.station.name and name in (each.name for each in config.publish):
        fail(f"{name}: is configured; remove its [[publish]] table and restart the station first")
    engine_to_read()
    engine = open_engine(config.database_url())
    known = publisher_names(engine)
    if (station, name) not in known:
        shown = ", ".join(f"{name} of {station}" for station, name in known) or "none"
        fail(f"{name}: is not a publisher of {station}; known are: {shown}")
    forget_publisher(engine, station, name)
    say(f"{name} of {station}: forgotten")


def _report(tally: Tally, result: str) -> None:
    say(
        f"{len(tally.documents)} documents, {tally.rows} scans without a document and {tally.posts} "
        f"Idempotency-Keys {result}"
    )
