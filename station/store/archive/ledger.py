"""The runs of numbers of rows that the archive has (`archived_rows`)."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, insert, select

from station.store.tables import archived_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import ColumnElement, Connection


def note(connection: Connection, kind: str, station: str, numbers: Iterable[int]) -> None:
    """Numbers that are not in it yet are in it from now on, in runs as long as can be."""
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
    """Numbers as runs of consecutive ones, first and last of each."""
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
