"""What may go into the archive: what ended before a day, and what nobody needs in the database any more.

- A document that is saved or cancelled, whose last scan, move and session are before that day, and that no
  session is open on. Nothing can be added to such a document any more, on any station.
- A row of history of no document, a post.
- Nothing that a publisher has not sent, and not a station's newest row or session: its number is what the
  next one counts on from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, func, select

from station.store.archive.entry import month_of
from station.store.database import reading
from station.store.tables import archived_documents, documents, history, moves, publishers, sessions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine, ScalarSelect, Table

    from station.store.archive.entry import Entry, Row

_PAGE = 500
"""Documents that are looked at in one read transaction."""
SENSIBLE = "2000"
"""What is older was stamped by a clock that had lost its time, and may be of today: it stays."""
_NEVER = "9999"
"""Sorts behind every time."""


class Due(NamedTuple):
    """A document that ended before the day."""

    month: str
    document: str
    ended_at: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """The first number of each station that must stay, by table and station; without one all of it stays."""

    rows: dict[tuple[str, str], int]
    """By what is the newest."""
    unsent: dict[tuple[str, str], int]
    """By what the slowest publisher has sent."""

    def keeps(self, entry: Entry) -> str:
        """Why the entry must stay; empty: it may go."""
        numbers = [(name, row) for name in ("history", "moves", "sessions") for row in getattr(entry, name)]
        if any(_stays(self.unsent, name, row, without=False) for name, row in numbers):
            return "unsent"
        return "newest" if any(_stays(self.rows, name, row, without=True) for name, row in numbers) else ""


def _stays(bounds: dict[tuple[str, str], int], table: str, row: Row, *, without: bool) -> bool:
    first = bounds.get((table, row["station"]))
    return without if first is None else row["number"] >= first


def bounds(connection: Connection) -> Bounds:
    """The bounds as they are now; they only ever go up."""
    newest = {
        (table.name, station): number
        for table in (history, moves, sessions)
        for station, number in connection.execute(
            select(table.c.station, func.max(table.c.number)).group_by(table.c.station)
        )
    }
    sent = select(
        publishers.c.station, func.min(publishers.c.sent_row), func.min(publishers.c.sent_session)
    ).group_by(publishers.c.station)
    unsent = {}
    for station, row, session in connection.execute(sent):
        unsent["history", station] = row + 1
        unsent["sessions", station] = session + 1
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
        documents.c.status != "open",
        documents.c.number.not_in(select(archived_documents.c.document)),
    )
    .order_by(documents.c.number)
    .limit(_PAGE)
)


def due_documents(engine: Engine, before: str) -> list[Due]:
    """The documents of which all that happened was before a time, by month.

    One that nothing ever happened to has nothing to archive.
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
