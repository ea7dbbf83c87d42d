"""The schema's version: upgrades a database, and refuses a newer one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import inspect, text

from station.errors import DatabaseError, UpgradeNeededError
from station.repository.backup import back_up_before_upgrade
from station.repository.database import is_sqlite, plain_errors, reading, transaction, where

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

NEWEST: Final = "0006"
"""The version that this program writes: that of the newest migration."""


def current(connection: Connection) -> str | None:
    """Return the database's version as stored by Alembic; None: it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return version


def upgrade(engine: Engine) -> bool:
    """Upgrade the database to the newest version, in one transaction; an embedded one is backed up first.

    Returns:
        Whether an upgrade was needed.

    Raises:
        DatabaseError: it is from a newer version, or can't be written.
        StationError: it can't be backed up; it is unchanged.
    """
    if _is_newest(engine):
        return False
    with reading(engine) as connection:
        version = current(connection)
    if version is not None and is_sqlite(engine):
        back_up_before_upgrade(engine, version)
    from station.repository.migrations import migrate  # noqa: PLC0415 - only then

    with transaction(engine) as connection:
        migrate(connection)
    if is_sqlite(engine):
        with plain_errors(engine), engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return True


def require_newest(engine: Engine) -> None:
    """Check that this program can use the database as it is.

    Raises:
        DatabaseError: it is empty, older or newer.
    """
    if not _is_newest(engine):
        raise UpgradeNeededError(
            f"{where(engine)}: is empty or from an older version; run scanstation db upgrade"
        )


def _is_newest(engine: Engine) -> bool:
    with reading(engine) as connection:
        version = current(connection)
    if version is None or version == NEWEST:
        return version is not None
    from station.repository.migrations import known_versions  # noqa: PLC0415 - only then

    if version not in known_versions():
        raise DatabaseError(newer(where(engine), version))
    return False


def newer(subject: object, version: str) -> str:
    """Return the message for something written with a newer schema version."""
    return (
        f'{subject}: was written by a newer scanstation (schema "{version}", '
        f'this program knows up to "{NEWEST}"); install that version'
    )
