"""The outbox in a database: what a station's publishers still have to send, and each one's position."""

from __future__ import annotations

from collections import deque
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, event, exists, func, select, update

from station.history import OFFICE, EndedSession, HistoryRow, Lag, Move, MoveEvent, OutboxEntry, Position
from station.repository.database import is_sqlite, open_engine, reading, transaction
from station.repository.history_reads import NEWEST, rows_after
from station.repository.statement import insert_or_skip
from station.repository.tables import generated_numbers, history, moves, publishers, sessions, stations
from station.source import now, timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import BindParameter, Connection, Engine, Row, Table

    What = HistoryRow | Move | EndedSession

_STATION: BindParameter[str] = bindparam("station")

_LAST_ENDED = select(func.coalesce(func.max(sessions.c.number), 0)).where(
    sessions.c.station == _STATION, sessions.c.ended_at.is_not(None)
)
_ENDED_AFTER = (
    select(sessions)
    .where(
        sessions.c.station == _STATION,
        sessions.c.number > bindparam("after"),
        sessions.c.ended_at.is_not(None),
    )
    .order_by(sessions.c.number)
    .limit(bindparam("rows_at_most"))
)
_IS_GENERATED = exists().where(
    generated_numbers.c.serial_number == moves.c.serial_number, generated_numbers.c.item == moves.c.item
)
_MOVES_AFTER = (
    select(moves, _IS_GENERATED.label("is_generated"))
    .where(moves.c.station == _STATION, moves.c.number > bindparam("after"))
    .order_by(moves.c.number)
    .limit(bindparam("rows_at_most"))
)
_NEWEST_MOVE = select(func.coalesce(func.max(moves.c.number), 0)).where(moves.c.station == _STATION)
_SENT = {
    "row": publishers.c.sent_row,
    "session": publishers.c.sent_session,
    "move": publishers.c.sent_move,
    "office_move": publishers.c.sent_office_move,
}
"""The column of each part of a position, in order."""
_POSITION = select(*_SENT.values()).where(
    publishers.c.station == _STATION, publishers.c.name == bindparam("publisher")
)
_MOVE = (
    update(publishers)
    .where(publishers.c.station == bindparam("its_station"), publishers.c.name == bindparam("publisher"))
    .values({column: bindparam(part) for part, column in _SENT.items()})
)


def _first_after(table: Table) -> Any:
    return (
        select(table.c.number, table.c.at)
        .where(table.c.station == _STATION, table.c.number > bindparam("after"))
        .order_by(table.c.number)
        .limit(1)
    )


_FIRST_ROW_AFTER, _FIRST_MOVE_AFTER = _first_after(history), _first_after(moves)
_ENDS_AFTER = select(func.count(), func.min(sessions.c.ended_at)).where(
    sessions.c.station == _STATION,
    sessions.c.number > bindparam("after"),
    sessions.c.ended_at.is_not(None),
)


def open_publishing_engine(url: str) -> Engine:
    """Create a separate engine for the publishers, so that they and the desk don't wait for each other.

    An embedded database has one writer at a time, and a scan must not wait until a publisher's position is
    on disk. The position survives ``kill -9`` without that; after a power cut a publisher may find an older
    one, and send again.

    Raises:
        DatabaseError: see `open_engine`.
    """
    engine = open_engine(url)
    if is_sqlite(engine):
        event.listen(engine, "connect", _without_waiting_for_the_disk)
    return engine


def _without_waiting_for_the_disk(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous = NORMAL").close()


class SqlOutbox:
    """Implements `sending.Outbox` of the publishers for one station; several threads may use it at once."""

    def __init__(self, engine: Engine, station: str) -> None:
        self._engine = engine
        self._station = station

    def begin(self, publisher: str, *, at_the_beginning: bool) -> None:
        """Store where a new publisher begins; a known one keeps its position.

        Raises:
            DatabaseError: it can't be stored.
        """
        mine = {"station": self._station, "publisher": publisher}
        with reading(self._engine) as connection:
            if connection.execute(_POSITION, mine).first():
                return
        with transaction(self._engine) as connection:
            connection.execute(insert_or_skip(stations, connection.dialect).values(name=self._station))
            start = Position() if at_the_beginning else self._end(connection)
            sent = {_SENT[part].name: number for part, number in start._asdict().items()}
            connection.execute(
                insert_or_skip(publishers, connection.dialect).values(
                    station=self._station, name=publisher, **sent
                )
            )

    def _end(self, connection: Connection) -> Position:
        mine, office = {"station": self._station}, {"station": OFFICE}
        return Position(
            connection.execute(NEWEST, mine).scalar_one(),
            connection.execute(_LAST_ENDED, mine).scalar_one(),
            connection.execute(_NEWEST_MOVE, mine).scalar_one(),
            connection.execute(_NEWEST_MOVE, office).scalar_one(),
        )

    def position(self, publisher: str) -> Position:
        """Return a publisher's position.

        Raises:
            DatabaseError: it can't be read.
        """
        with reading(self._engine) as connection:
            return self._position(connection, publisher)

    def _position(self, connection: Connection, publisher: str) -> Position:
        row = connection.execute(_POSITION, {"station": self._station, "publisher": publisher}).first()
        return Position(*row) if row else Position()

    def after(self, position: Position, limit: int) -> Sequence[OutboxEntry]:
        """Return about `limit` entries after a position, in order; empty at the end.

        Raises:
            DatabaseError: it can't be read.
        """
        with reading(self._engine) as connection:
            streams = [
                _Stream("row", rows_after(connection, self._station, position.row, limit), limit),
                _Stream("move", _moves_after(connection, self._station, position.move, limit), limit),
                _Stream("session", self._ended_after(connection, position.session, limit), limit),
                _Stream("office_move", _moves_after(connection, OFFICE, position.office_move, limit), limit),
            ]
        return list(_in_order(position, *streams))

    def _ended_after(self, connection: Connection, session: int, limit: int) -> list[tuple[int, What]]:
        given = {"station": self._station, "after": session, "rows_at_most": limit}
        return [
            (
                row.number,
                EndedSession(
                    station=row.station,
                    session=row.number,
                    document=row.document,
                    operator=row.operator,
                    opened_at=row.opened_at,
                    ended_at=row.ended_at,
                    ended_why=row.ended_why,
                    receipt=row.receipt,
                ),
            )
            for row in connection.execute(_ENDED_AFTER, given)
        ]

    def move(self, publisher: str, position: Position) -> None:
        """Store a publisher's position.

        Raises:
            DatabaseError: it can't be stored.
        """
        given = {"its_station": self._station, "publisher": publisher, **position._asdict()}
        with transaction(self._engine) as connection:
            connection.execute(_MOVE, given)

    def lag(self, publisher: str) -> Lag:
        """Return how far a publisher is behind.

        Raises:
            DatabaseError: it can't be read.
        """
        mine = {"station": self._station}
        with reading(self._engine) as connection:
            position = self._position(connection, publisher)
            unsent = [
                _unsent(connection, self._station, position.row, NEWEST, _FIRST_ROW_AFTER),
                _unsent(connection, self._station, position.move, _NEWEST_MOVE, _FIRST_MOVE_AFTER),
                _unsent(connection, OFFICE, position.office_move, _NEWEST_MOVE, _FIRST_MOVE_AFTER),
                connection.execute(_ENDS_AFTER, {**mine, "after": position.session}).one(),
            ]
        oldest = min((at for _, at in unsent if at is not None), default=None)
        age_s = (now() - datetime.fromisoformat(oldest)).total_seconds() if oldest else 0.0
        return Lag(publisher, sum(count for count, _ in unsent), max(age_s, 0.0))


def _unsent(
    connection: Connection, station: str, after: int, newest: Any, first_after: Any
) -> tuple[int, str | None]:
    """Return how many entries follow a number, and the time of the first.

    Archived entries leave gaps, so this is too many for a publisher that starts at the beginning.
    """
    last = connection.execute(newest, {"station": station}).scalar_one()
    first = connection.execute(first_after, {"station": station, "after": after}).first()
    return (last - first.number + 1, first.at) if first else (0, None)


def _moves_after(connection: Connection, station: str, number: int, limit: int) -> list[tuple[int, What]]:
    given = {"station": station, "after": number, "rows_at_most": limit}
    return [(row.number, _move_of(row)) for row in connection.execute(_MOVES_AFTER, given)]


def _move_of(row: Row[Any]) -> Move:
    empty = {name: getattr(row, name) or None for name in ("serial_number", "from_area", "to_area")}
    return Move(**row._asdict() | empty | {"event": MoveEvent(row.event)})


def publisher_names(engine: Engine) -> list[tuple[str, str]]:
    """Return station and name of each publisher that ever began, except forgotten ones.

    Raises:
        DatabaseError: they can't be read.
    """
    wanted = select(publishers.c.station, publishers.c.name).order_by(*publishers.primary_key)
    with reading(engine) as connection:
        return [(station, name) for station, name in connection.execute(wanted)]


def forget_publisher(engine: Engine, station: str, publisher: str) -> None:
    """Delete a publisher's position; nothing waits for it any more.

    Raises:
        DatabaseError: it can't be deleted.
    """
    its_row = (publishers.c.station == station) & (publishers.c.name == publisher)
    with transaction(engine) as connection:
        connection.execute(delete(publishers).where(its_row))


class _Stream:
    """What follows one part of a position, in order, each with its number."""

    def __init__(self, part: str, found: Sequence[tuple[int, What]], limit: int) -> None:
        """`found`: at most `limit` entries; if they are fewer, no more follow."""
        self.part = part
        self.waiting = deque(found)
        self._is_all = len(found) < limit

    @property
    def is_known(self) -> bool:
        """Whether it is known what comes next, even if that is nothing."""
        return bool(self.waiting) or self._is_all

    @property
    def head(self) -> Any:
        """The next entry."""
        return self.waiting[0][1]


def _in_order(
    position: Position, rows: _Stream, moves: _Stream, ended: _Stream, office: _Stream
) -> Iterator[OutboxEntry]:
    """Merge the streams: each session has its rows, then its moves, then its end.

    Moves that belong to no session come at their time. The result ends where an entry would be needed that
    was not read yet.
    """
    streams = (rows, moves, ended, office)
    while all(each.is_known for each in streams) and any(each.waiting for each in streams):
        chosen = _first_of(rows, moves, ended, office)
        number, what = chosen.waiting.popleft()
        position = position._replace(**{chosen.part: number})
        yield OutboxEntry(position, what)


def _first_of(rows: _Stream, moves: _Stream, ended: _Stream, office: _Stream) -> _Stream:
    """Return the stream whose head comes next."""
    own = [each for each in (rows, moves, ended) if each.waiting and (each is rows or each.head.session)]
    loose = [each for each in (moves, office) if each.waiting and each not in own]
    # In a session, the order of the list: rows, moves, end.
    first = min(own, key=lambda each: each.head.session or 0, default=None)
    if first is ended and any(what.session == ended.head.session for _, what in moves.waiting):
        return moves
    earliest = min(loose, key=lambda each: _at(each.head), default=None)
    if first is None or (earliest is not None and _at(earliest.head) < _at(first.head)):
        return earliest or rows
    return first


def _at(what: What) -> str:
    match what:
        case HistoryRow(at=at):
            return timestamp(at)
        case EndedSession(ended_at=at) | Move(at=at):
            return at
