"""``import DIR``: imports the CSV files of a directory into the database, all of them or none.

Files are first read and checked into temporary tables, without a lock; then one transaction checks them
against the current data, and writes.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from station.errors import ImportFailedError, UsageError
from station.office.checks import check_rows
from station.office.columns import FORMATS
from station.office.constraints import check_after, check_before, lock_documents
from station.office.merge import merge
from station.office.release import release_cancelled
from station.office.result import ImportSummary
from station.office.staging import Staged, create_tables, index_tables, stage
from station.office.unit_changes import ListTime
from station.repository.database import is_sqlite, plain_errors, writing
from station.source import timestamp

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from station.office.columns import FileFormat

    Progress = Callable[[str, int, int], None]

_CACHE_KIB = 32_768
"""SQLite's page cache during the merge: manufacturers' serial numbers are in random order."""

_NAMES = ", ".join(file_format.name for file_format in FORMATS)


CLOCKS_APART = timedelta(minutes=5)
"""How far the clocks of stations and senders may be ahead of ours."""


def import_directory(  # noqa: PLR0913 - the options of the command
    engine: Engine,
    directory: Path,
    now: datetime,
    progress: Progress | None = None,
    *,
    as_of: datetime | None = None,
    dry_run: bool = False,
) -> ImportSummary:
    """Import the files of a directory as one transaction.

    Args:
        engine: A database of the newest schema.
        directory: The directory of the files; missing files are skipped.
        now: The time for the history of units.
        progress: Called with the current file, the bytes read of all files, and their total.
        as_of: When the list of serial numbers was made; None: when its file was written, and it knows of no
            booking that it would undo.
        dry_run: Only find out what would change.

    Raises:
        UsageError: there is no such directory, or `as_of` is in the future.
        ImportFailedError: a row is wrong, or a file is unknown; nothing is stored.
        DatabaseError: the database failed; nothing is stored.
    """
    if as_of is not None and as_of > now + CLOCKS_APART:
        raise UsageError(f"{timestamp(as_of)} is in the future; give the time when the list was made")
    files = _files(directory)
    with plain_errors(engine), engine.connect() as connection:
        # Closed rather than returned to the pool: that drops the temporary tables and the settings.
        connection.detach()
        _prepare(connection)
        staged = _stage(connection, files, progress)
        check_rows(connection, staged)
        connection.commit()
        with writing(connection, keep=not dry_run):
            made = ListTime(timestamp(as_of or _written(staged) or now), is_stated=as_of is not None)
            summary = _write(connection, staged, timestamp(now), made)
        _tidy(connection)
    return summary


def _written(staged: dict[str, Staged]) -> datetime | None:
    """Return when the file with the list of serial numbers was written."""
    if "serial_numbers" not in staged:
        return None
    return datetime.fromtimestamp(staged["serial_numbers"].path.stat().st_mtime, UTC)


def _files(directory: Path) -> dict[FileFormat, Path]:
    """Find the files of the import.

    Raises:
        UsageError: there is no such directory.
        ImportFailedError: there is a CSV file with another name, or no file at all.
    """
    try:
        names = sorted(path.name for path in directory.iterdir())
    except OSError as error:
        raise UsageError(
            f"{directory}: can't be read: {error.strerror}; name a directory with CSV files",
        ) from error
    known = {file_format.name for file_format in FORMATS}
    for name in names:
        if name.lower().endswith(".csv") and name not in known:
            raise ImportFailedError(
                f"{directory / name}: is not one of the known files ({_NAMES}); rename it"
            )
    files = {each: directory / each.name for each in FORMATS if each.name in names}
    if not files:
        raise ImportFailedError(f"{directory}: there is nothing to import; put one of {_NAMES} there")
    return files


def _prepare(connection: Connection) -> None:
    if is_sqlite(connection):
        connection.exec_driver_sql(f"PRAGMA cache_size = -{_CACHE_KIB}")
        connection.exec_driver_sql("BEGIN")
    create_tables(connection)


def _stage(
    connection: Connection,
    files: dict[FileFormat, Path],
    progress: Progress | None,
) -> dict[str, Staged]:
    sizes = {path: path.stat().st_size if path.is_file() else 0 for path in files.values()}
    total, done = sum(sizes.values()), 0
    staged = {}
    for file_format, path in files.items():

        def report(read: int, before: int = done, name: str = file_format.name) -> None:
            if progress is not None:
                progress(name, before + read, total)

        staged[file_format.table] = stage(connection, file_format, path, report)
        done += sizes[path]
    index_tables(connection)
    return staged


def _write(connection: Connection, staged: dict[str, Staged], at: str, made: ListTime) -> ImportSummary:
    lock_documents(connection)
    check_before(connection, staged)
    # First, so that the units of a document that is being cancelled are free to move.
    release_cancelled(connection, at)
    files, remarks = merge(connection, staged, at, made)
    check_after(connection, staged)
    return ImportSummary(files, remarks)


def _tidy(connection: Connection) -> None:
    """Write SQLite's log into the database file, so that no scan has to."""
    if is_sqlite(connection):
        # The first does the work without blocking, so the second blocks writers only for an instant.
        connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
