"""``db``: the database's schema, health and backup."""

from __future__ import annotations

from pathlib import Path

import click

from station.cli import configuration, example, fail, say
from station.cli.database import engine_to_read


@click.group(epilog=example("scanstation db check"))
def db() -> None:
    """Look after the database."""


@db.command(epilog=example("scanstation db upgrade"))
@click.option("--embedded", is_flag=True, help="Only an embedded database that is there already.")
def upgrade(*, embedded: bool) -> None:
    """Make the tables, or bring them to this version's schema; an embedded database is backed up first."""
    from station.store import schema  # noqa: PLC0415
    from station.store.database import is_embedded_and_there, open_engine, where  # noqa: PLC0415

    url = configuration().database_url()
    if embedded and not is_embedded_and_there(url):
        say("there is no embedded database to upgrade")
        return
    engine = open_engine(url)
    changed = schema.upgrade(engine)
    say(f"{where(engine)}: {'upgraded' if changed else 'is up to date'}, schema {schema.newest()}")


@db.command(epilog=example("scanstation db check"))
def check() -> None:
    """Check the database's integrity and the invariants I1, I2, I3 and I5; exit 1 when something is wrong."""
    from station.store.checking import findings  # noqa: PLC0415
    from station.store.database import where  # noqa: PLC0415

    engine = engine_to_read()
    found = 0
    for finding in findings(engine):
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
    help="FILE is a directory: a backup named by the time, and only so many of them stay.",
)
def backup(file: Path, keep: int | None) -> None:
    """Copy the database to FILE, consistently, while the station works."""
    from station.store.backup import back_up  # noqa: PLC0415
    from station.store.database import open_engine  # noqa: PLC0415
    from station.store.shelf import back_up_by_date  # noqa: PLC0415

    # Of whatever schema: before an upgrade it is of an older one.
    engine = open_engine(configuration().database_url(), read_only=True)
    if keep is None:
        back_up(engine, file)
    else:
        file = back_up_by_date(engine, file, keep)
    say(f"{file}: {file.stat().st_size:,} bytes, checked")
