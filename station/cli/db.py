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
def upgrade() -> None:
    """Make the tables, or bring them to this version's schema."""
    from station.store import schema  # noqa: PLC0415
    from station.store.database import open_engine, where  # noqa: PLC0415

    engine = open_engine(configuration().database_url())
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
def backup(file: Path) -> None:
    """Copy the database to FILE, consistently, while the station works."""
    from station.store.backup import back_up  # noqa: PLC0415

    size = back_up(engine_to_read(), file)
    say(f"{file}: {size:,} bytes, checked")
