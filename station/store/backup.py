"""``db backup``: a consistent copy of the embedded database while the station works."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import quote

from station.errors import StationError, UsageError
from station.store.database import describe, is_sqlite, where

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine


def back_up(engine: Engine, target: Path) -> int:
    """Copy the database to `target` and check the copy.

    The copy is made beside the target and renamed, so that a file of that name is always a whole backup.

    Returns:
        Bytes of the copy.

    Raises:
        UsageError: it is no embedded database, or the target is there already.
        DatabaseError: the copy can't be made.
    """
    if not is_sqlite(engine):
        raise UsageError(
            f"{where(engine)}: is backed up with PostgreSQL's own pg_dump, not with this command"
        )
    if target.exists():
        raise UsageError(f"{target}: is there already; name a new file")
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
    # Made by hand first: SQLite would not say why it can't.
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
    """The new name is on disk too."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
