"""``db check``: are the archive's files whole, and do they have what the database has no longer?"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from station.errors import StationError
from station.store.archive.entry import entry_of
from station.store.archive.files import ArchiveFiles, lines_of
from station.store.archive.ledger import runs
from station.store.database import is_sqlite, reading
from station.store.tables import archived_rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

Runs = dict[tuple[str, str], list[tuple[int, int]]]
"""First and last numbers of runs of rows, by table and station."""


def archive_findings(engine: Engine, directory: Path) -> Iterator[str]:
    """What is wrong, one sentence each; nothing when all is well.

    Several machines that share a database may each have a part of the archive, so there no part is missed.

    Raises:
        DatabaseError: the database can't be read.
    """
    # Before the files are read: what is archived meanwhile is in them.
    with reading(engine) as connection:
        noted = connection.execute(select(archived_rows)).all()
    held: Runs = defaultdict(list)
    for path in ArchiveFiles(directory).all():
        try:
            for key, numbers in _numbers(path).items():
                held[key] += runs(numbers)
        except StationError as error:
            yield f"archive: {error}"
        except (msgspec.DecodeError, KeyError, TypeError) as error:
            yield f"archive: {path}: holds a line that is none of an archive ({error})"
    for row in noted if is_sqlite(engine) else ():
        missing = _missing(row.first, row.last, held[row.kind, row.station])
        if missing:
            yield (
                f"I5: {missing} rows of {row.kind} of station {row.station} were archived, "
                f"but are in no file of {directory}"
            )


def _numbers(path: Path) -> dict[tuple[str, str], set[int]]:
    numbers: dict[tuple[str, str], set[int]] = defaultdict(set)
    for entry in map(entry_of, lines_of(path)):
        for kind in ("history", "moves"):
            for row in getattr(entry, kind):
                numbers[kind, row["station"]].add(row["number"])
    return numbers


def _missing(first: int, last: int, held: list[tuple[int, int]]) -> int:
    """How many numbers from first to last are in none of these runs."""
    missing, expected = 0, first
    for begin, end in sorted(held):
        if end < expected or begin > last:
            continue
        missing += max(begin - expected, 0)
        expected = max(expected, end + 1)
    return missing + max(last + 1 - expected, 0)
