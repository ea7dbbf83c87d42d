"""Choosing what may go into the archive: anything before a day that the database no longer needs.

- A saved or cancelled document without an open session, whose last scan, move and session are before that
  day. No station can add anything to such a document.
- A row of history without a document; a post.
- Never anything that a publisher has not sent, nor a station's newest row or session, because the next number
  continues from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, func, select, tuple_

from station.history import OFFICE
from station.repository.archive.files import ArchiveEntry, month_of
from station.repository.database import reading
from station.repository.schema import NEWEST
from station.repository.tables import (
    archived_documents,
    attachments,
    counts,
    documents,
    generated_numbers,
    history,
    lines,
    moves,
    posts,
    publishers,
    receipts,
    sessions,
)
from station.rules.model import OPEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine, ScalarSelect, Select, Table

    from station.repository.archive.files import Row


_PAGE = 500
"""Documents read in one transaction."""
SENSIBLE = "2000"
"""Older times come from a clock that had lost its time; such rows may be recent, so they stay."""
_NEVER = "9999"
"""Sorts after every time."""


class Due(NamedTuple):
    """A document that ended before the day."""

    month: str
    document: str
    ended_at: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """The first number of each station that must stay, by table and station."""

    rows: dict[tuple[str, str], int]
    """Because it is the newest; stations without an entry keep all rows."""
    unsent: dict[tuple[str, str], int]
    """Because the slowest publisher has not sent it; stations without an entry keep none for this reason."""

    def keeps(self, entry: ArchiveEntry) -> str:
        """Return why the entry must stay; empty: it may go."""
        numbers = [(name, row) for name in ("history", "moves", "sessions") for row in getattr(entry, name)]
        if any(_stays(self.unsent, name, row, without=False) for name, row in numbers):
            return "unsent"
        return "newest" if any(_stays(self.rows, name, row, without=True) for name, row in numbers) else ""


def _stays(bounds: dict[tuple[str, str], int], table: str, row: Row, *, without: bool) -> bool:
    first = bounds.get((table, row["station"]))
    return without if first is None else row["number"] >= first


def bounds(connection: Connection) -> Bounds:
    """Return the current bounds; they only ever increase."""
    newest = {
        (table.name, station): number
        for table in (history, moves, sessions)
        for station, number in connection.execute(
            select(table.c.station, func.max(table.c.number)).group_by(table.c.station)
        )
    }
    sent = select(
        publishers.c.station,
        func.min(publishers.c.sent_row),
        func.min(publishers.c.sent_session),
        func.min(publishers.c.sent_move),
    ).group_by(publishers.c.station)
    unsent = {}
    for station, row, session, move in connection.execute(sent):
        unsent["history", station] = row + 1
        unsent["sessions", station] = session + 1
        unsent["moves", station] = move + 1
    # The office's moves go to the receivers of all stations.
    office = connection.execute(select(func.min(publishers.c.sent_office_move))).scalar()
    if office is not None:
        unsent["moves", OFFICE] = office + 1
    return Bounds(newest, unsent)


def _last(table: Table, at: Any) -> ScalarSelect[Any]:
    return select(func.max(at)).where(table.c.document == documents.c.number).scalar_subquery()


_ENDED = (
    select(
        documents.c.number,
        _last(history, history.c.at),
        _last(moves, moves.c.at),
        _last(sessions, func.coalesce(sessions.c.ended_at, _NEVER)),
    )
    .where(
        documents.c.number > bindparam("after"),
        documents.c.status.not_in(OPEN),
        documents.c.number.not_in(select(archived_documents.c.document)),
    )
    .order_by(documents.c.number)
    .limit(_PAGE)
)


def due_documents(engine: Engine, before: str) -> list[Due]:
    """Return the documents whose whole activity was before a time, by month.

    A document without any activity has nothing to archive.
    """
    return sorted(due for due in _ended(engine) if SENSIBLE <= due.ended_at < before)


def _ended(engine: Engine) -> Iterator[Due]:
    after = ""
    while True:
        with reading(engine) as connection:
            rows = connection.execute(_ENDED, {"after": after}).all()
        for number, *times in rows:
            last = max((at for at in times if at is not None), default=_NEVER)
            yield Due(month_of(last), number, last)
        if len(rows) < _PAGE:
            return
        after = rows[-1][0]


_ROWS_PAGE = 1000
"""Rows without a document that are read at once."""


def document_entry(connection: Connection, number: str) -> ArchiveEntry | None:
    """Return a document with all its rows, in key order; None: the number is unknown."""
    its_rows = select(history.c.id).where(history.c.document == number)
    found = _rows(connection, select(documents).where(documents.c.number == number))
    if not found:
        return None
    return ArchiveEntry(
        schema=NEWEST,
        document=found[0],
        generated_numbers=_rows(
            connection,
            select(generated_numbers)
            .where(generated_numbers.c.history_id.in_(its_rows))
            .order_by(generated_numbers.c.prefix, generated_numbers.c.number),
        ),
        **{
            table.name: _rows(
                connection, select(table).where(table.c.document == number).order_by(*table.primary_key)
            )
            for table in (lines, receipts, attachments, counts, history, moves, sessions)
        },
    )


def rows_of_no_document(connection: Connection, station: str, after: int, before: str) -> list[ArchiveEntry]:
    """Return a page of a station's rows without a document, before a time and after a number."""
    wanted = (
        select(history)
        .where(
            history.c.station == station,
            history.c.number > after,
            history.c.document.is_(None),
            history.c.at >= SENSIBLE,
            history.c.at < before,
        )
        .order_by(history.c.number)
        .limit(_ROWS_PAGE)
    )
    return [ArchiveEntry(schema=NEWEST, history=(row,)) for row in _rows(connection, wanted)]


def old_posts(connection: Connection, after: tuple[str, str], before: str) -> list[ArchiveEntry]:
    """Return a page of posts before a time, oldest first, after a time and id; empty at the end.

    A post stays as long as its row of history: if it is repeated, it is the same scan (I4).
    """
    its_row = select(history.c.id).where(history.c.id == posts.c.id).exists()
    wanted = (
        select(posts)
        .where(
            tuple_(posts.c.at, posts.c.id) > tuple_(*after),
            posts.c.at >= SENSIBLE,
            posts.c.at < before,
            ~its_row,
        )
        .order_by(posts.c.at, posts.c.id)
        .limit(_ROWS_PAGE)
    )
    return [ArchiveEntry(schema=NEWEST, posts=(row,)) for row in _rows(connection, wanted)]


def _rows(connection: Connection, statement: Select[tuple[object, ...]]) -> tuple[Row, ...]:
    return tuple(dict(row) for row in connection.execute(statement).mappings())
