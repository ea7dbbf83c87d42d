"""``db backup``: a consistent copy of the embedded database while the station is running."""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from station.errors import StationError, UsageError
from station.files import give_to_owner_of_directory
from station.repository.database import describe, is_sqlite, where
from station.source import now

if TYPE_CHECKING:
    from sqlalchemy import Engine


def back_up(engine: Engine, target: Path) -> int:
    """Copy the database to `target` and check the copy.

    The copy is written beside the target and renamed, so that the target is always a complete backup.

    Returns:
        The size of the copy in bytes.

    Raises:
        UsageError: the database is not embedded, or the target exists.
        DatabaseError: the copy fails.
    """
    if not is_sqlite(engine):
        raise UsageError(f"{where(engine)}: back up PostgreSQL with its own pg_dump, not with this command")
    if target.exists():
        raise UsageError(f"{target}: already exists; choose another name")
    part = target.with_name(f".{target.name}.part")
    try:
        _copy(engine, part)
        part.rename(target)
        _sync_directory(target.parent)
    except OSError as error:
        raise StationError(f"{target}: can't be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
    return target.stat().st_size


def _copy(engine: Engine, part: Path) -> None:
    # Created by hand first: SQLite would not report why it can't.
    part.write_bytes(b"")
    try:
        with (
            closing(sqlite3.connect(f"file:{quote(str(engine.url.database))}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(part)) as copy,
        ):
            source.backup(copy)
            # A copy in one file, without a write-ahead log beside it.
            copy.execute("PRAGMA journal_mode = DELETE")
            (verdict,) = copy.execute("PRAGMA quick_check").fetchone()
    except sqlite3.Error as error:
        raise describe(error, engine) from error
    if verdict != "ok":
        raise StationError(f"{where(engine)}: the copy is damaged ({verdict}); run scanstation db check")
    with part.open("rb") as file:
        os.fsync(file.fileno())


def _sync_directory(directory: Path) -> None:
    """Make the new name durable too."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


_BY_DATE = re.compile(r"scanstation-[0-9]{8}T[0-9]{6}Z\.db")


def back_up_by_date(engine: Engine, directory: Path, keep: int) -> Path:
    """Make a backup in `directory`, named by the time; only the newest `keep` of these stay.

    Raises:
        UsageError: the database is not embedded.
        StationError: the copy fails; then nothing is removed.
    """
    target = _back_up_into(directory, engine, f"scanstation-{now():%Y%m%dT%H%M%SZ}.db")
    made = sorted(path for path in directory.iterdir() if _BY_DATE.fullmatch(path.name))
    for old in made[:-keep]:
        old.unlink()
    return target


def back_up_before_upgrade(engine: Engine, version: str) -> Path:
    """Back up an embedded database beside itself, before its schema `version` changes; the backup is kept.

    Raises:
        StationError: the copy fails.
    """
    directory = Path(str(engine.url.database)).parent / "backups"
    return _back_up_into(directory, engine, f"schema-{version}-{now():%Y%m%dT%H%M%SZ}.db")


def _back_up_into(directory: Path, engine: Engine, name: str) -> Path:
    try:
        if not directory.is_dir():
            directory.mkdir(parents=True, mode=0o750)
            give_to_owner_of_directory(directory)
    except OSError as error:
        raise StationError(f"{directory}: can't create the backup directory: {error.strerror}") from error
    back_up(engine, directory / name)
    give_to_owner_of_directory(directory / name)
    return directory / name
