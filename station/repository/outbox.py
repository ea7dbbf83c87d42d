"""The outbox in a database: what a station's publishers still have to send, and each one's position."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, event, func, select, update

from station.history import EndedSession, Lag, OutboxEntry, Position
from station.repository.database import is_sqlite, open_engine, reading, transaction
from station.repository.history_reads import NEWEST, rows_after
from station.repository.statement import insert_or_skip
from station.repository.tables import history, publishers, sessions, stations
from station.source import now

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import BindParameter, Connection, Engine

    from station.history import HistoryRow

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
_POSITION = select(publishers.c.sent_row, publishers.c.sent_session).where(
    publishers.c.station == _STATION, publishers.c.name == bindparam("publisher")
)
_MOVE = (
    update(publishers)
    .where(publishers.c.station == bindparam("its_station"), publishers.c.name == bindparam("publisher"))
    .values(sent_row=bindparam("row"), sent_session=bindparam("session"))
)
_FIRST_ROW_AFTER = (
    select(history.c.number, history.c.at)
    .where(history.c.station == _STATION, history.c.number > bindparam("after"))
    .order_by(history.c.number)
    .limit(1)
)
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
            connection.execute(
                insert_or_skip(publishers, connection.dialect).values(
                    station=self._station, name=publisher, sent_row=start.row, sent_session=start.session
                )
            )

    def _end(self, connection: Connection) -> Position:
        mine = {"station": self._station}
        newest = connection.execute(NEWEST, mine).scalar_one()
        return Position(newest, connection.execute(_LAST_ENDED, mine).scalar_one())

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
            rows = rows_after(connection, self._station, position.row, limit)
            ended = self._ended_after(connection, position.session, limit)
        found = _in_order(position, rows, ended, all_rows=len(rows) < limit, all_ended=len(ended) < limit)
        return list(found)

    def _ended_after(self, connection: Connection, session: int, limit: int) -> list[EndedSession]:
        given = {"station": self._station, "after": session, "rows_at_most": limit}
        return [
            EndedSession(
                station=row.station,
                session=row.number,
                document=row.document,
                operator=row.operator,
                opened_at=row.opened_at,
                ended_at=row.ended_at,
                ended_why=row.ended_why,
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
            newest = connection.execute(NEWEST, mine).scalar_one()
            first = connection.execute(_FIRST_ROW_AFTER, {**mine, "after": position.row}).first()
            ends, ended_at = connection.execute(_ENDS_AFTER, {**mine, "after": position.session}).one()
        # Archived rows leave gaps, so this is too many for a publisher that starts at the beginning.
        rows = newest - first.number + 1 if first else 0
        oldest = min((at for at in (first.at if first else None, ended_at) if at is not None), default=None)
        age_s = (now() - datetime.fromisoformat(oldest)).total_seconds() if oldest else 0.0
        return Lag(publisher, rows + ends, max(age_s, 0.0))


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


def _in_order(
    position: Position,
    rows: Sequence[tuple[int, HistoryRow]],
    ended: Sequence[EndedSession],
    *,
    all_rows: bool,
    all_ended: bool,
) -> Iterator[OutboxEntry]:
    """Merge rows and ended sessions, each session after its last row.

    `all_rows`, `all_ended`: no more follow; otherwise the result ends where the next one would be needed.
    """
    place = 0
    for end in ended:
        while place < len(rows) and (rows[place][1].session or 0) <= end.session:
            number, row = rows[place]
            position = position._replace(row=number)
            yield OutboxEntry(position, row)
            place += 1
        if place == len(rows) and not all_rows:
            return
        position = position._replace(session=end.session)
        yield OutboxEntry(position, end)
    for number, row in rows[place:] if all_ended else ():
        position = position._replace(row=number)
        yield OutboxEntry(position, row)
