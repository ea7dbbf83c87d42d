"""Which row numbers the archive has, as runs (`archived_rows`)."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, insert, select

from station.errors import StationError
from station.repository.archive.files import ArchiveFiles, entry_of, lines_of
from station.repository.database import is_sqlite, reading
from station.repository.tables import archived_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from sqlalchemy import ColumnElement, Connection, Engine


def note(connection: Connection, kind: str, station: str, numbers: Iterable[int]) -> None:
    """Add numbers that are not yet noted, merged into the longest possible runs."""
    for first, last in runs(numbers):
        before, after = (
            _run(connection, kind, station, last=first - 1),
            _run(connection, kind, station, last + 1),
        )
        for neighbour in (before, after):
            if neighbour is not None:
                connection.execute(delete(archived_rows).where(_key(kind, station, neighbour[0])))
        connection.execute(
            insert(archived_rows).values(
                kind=kind,
                station=station,
                first=before[0] if before else first,
                last=after[1] if after else last,
            )
        )


def runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Group numbers into runs of consecutive ones; yields the first and last of each."""
    for _distance, run in groupby(enumerate(sorted(numbers)), key=lambda each: each[1] - each[0]):
        members = [number for _place, number in run]
        yield members[0], members[-1]


def _run(
    connection: Connection, kind: str, station: str, first: int | None = None, last: int | None = None
) -> tuple[int, int] | None:
    """The run that begins at `first`, or ends at `last`."""
    wanted = archived_rows.c.first == first if first is not None else archived_rows.c.last == last
    row = connection.execute(
        select(archived_rows.c.first, archived_rows.c.last).where(
            archived_rows.c.kind == kind, archived_rows.c.station == station, wanted
        )
    ).first()
    return (row.first, row.last) if row else None


def _key(kind: str, station: str, first: int) -> ColumnElement[bool]:
    return and_(
        archived_rows.c.kind == kind, archived_rows.c.station == station, archived_rows.c.first == first
    )


Runs = dict[tuple[str, str], list[tuple[int, int]]]
"""First and last numbers of runs of rows, by table and station."""


def archive_findings(engine: Engine, directory: Path) -> Iterator[str]:
    """Yield one sentence for each problem; nothing if there is none.

    Machines that share a database may each have a part of the archive, so missing parts are reported only for
    an embedded database.

    Raises:
        DatabaseError: the database can't be read.
    """
    # Before the files are read: they also contain anything archived meanwhile.
    with reading(engine) as connection:
        noted = connection.execute(select(archived_rows)).all()
    held: Runs = defaultdict(list)
    for path in ArchiveFiles(directory).all():
        try:
            for key, numbers in _numbers(path).items():
                held[key] += runs(numbers)
        except StationError as error:
            yield f"archive: {error}"
        except TypeError as error:
            yield f"archive: {path}: contains an invalid line ({error})"
    for row in noted if is_sqlite(engine) else ():
        missing = _missing(row.first, row.last, held[row.kind, row.station])
        if missing:
            yield (
                f"I5: {missing} rows of {row.kind} of station {row.station} were archived, "
                f"but no file in {directory} has them"
            )


def _numbers(path: Path) -> dict[tuple[str, str], set[int]]:
    numbers: dict[tuple[str, str], set[int]] = defaultdict(set)
    for line in lines_of(path):
        entry = entry_of(line, path)
        for kind in ("history", "moves"):
            for row in getattr(entry, kind):
                numbers[kind, row["station"]].add(row["number"])
    return numbers


def _missing(first: int, last: int, held: list[tuple[int, int]]) -> int:
    """Count the numbers from first to last that are in none of these runs."""
    missing, expected = 0, first
    for begin, end in sorted(held):
        if end < expected or begin > last:
            continue
        missing += max(begin - expected, 0)
        expected = max(expected, end + 1)
    return missing + max(last + 1 - expected, 0)
