"""The schema's version: upgrade, and refusing what is newer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from station.errors import DatabaseError
from station.store.database import is_sqlite, plain_errors, reading, transaction, where
from station.store.shelf import back_up_before_upgrade

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

MIGRATIONS = Path(__file__).parent / "migrations"


def _alembic() -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def newest() -> str:
    """The version that this program writes."""
    return str(ScriptDirectory.from_config(_alembic()).get_current_head())


def current(connection: Connection) -> str | None:
    """The version of this database; None: empty."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine) -> bool:
    """Bring the database to the newest version, in one transaction; an embedded one is backed up first.

    Returns:
        Whether there was anything to do.

    Raises:
        DatabaseError: it is from a newer version, or can't be written.
        StationError: it can't be backed up; it is as it was.
    """
    if _is_newest(engine):
        return False
    with reading(engine) as connection:
        version = current(connection)
    if version is not None and is_sqlite(engine):
        back_up_before_upgrade(engine, version)
    with transaction(engine) as connection:
        config = _alembic()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    if is_sqlite(engine):
        with plain_errors(engine), engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return True


def require_newest(engine: Engine) -> None:
    """Make sure that this program can use the database as it is.

    Raises:
        DatabaseError: it is empty, older or newer.
    """
    if not _is_newest(engine):
        raise DatabaseError(f"{where(engine)}: is empty or from an older version; run scanstation db upgrade")


def _is_newest(engine: Engine) -> bool:
    with reading(engine) as connection:
        version = current(connection)
    if version is None or version == newest():
        return version is not None
    known = {script.revision for script in ScriptDirectory.from_config(_alembic()).walk_revisions()}
    if version not in known:
        raise DatabaseError(
            f'{where(engine)}: was written by a newer scanstation (schema "{version}", '
            f'this program knows up to "{newest()}"); install that version',
        )
    return False
