"""Writes history without scanning."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select, update

from station.repository.database import transaction
from station.repository.statement import insert_or_skip
from station.repository.tables import history, moves, sessions, stations
from station.source import timestamp, uuid7

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

AT = datetime(2026, 11, 23, 5, 0, 0, 812000, tzinfo=UTC)
DOCK = "dock-1"


def add_rows(
    engine: Engine, count: int, *, session: int | None = None, station: str = DOCK, at: datetime = AT
) -> list[str]:
    """Write history rows; return their ids."""
    ids = [uuid7() for _ in range(count)]
    with transaction(engine) as connection:
        _know(connection, station)
        last = connection.execute(
            select(func.coalesce(func.max(history.c.number), 0)).where(history.c.station == station)
        ).scalar_one()
        for number, key in enumerate(ids, start=last + 1):
            connection.execute(
                insert(history).values(
                    station=station, number=number, id=key, at=timestamp(at), session=session,
                    document="CM-1" if session else None, action="Refused", reason="unknown serial number",
                    scanner="left", text=f"SN-{number}",
                )
            )  # fmt: skip
    return ids


def begin_session(engine: Engine, number: int, station: str = DOCK) -> None:
    with transaction(engine) as connection:
        _know(connection, station)
        connection.execute(
            insert(sessions).values(
                station=station, number=number, document=f"CM-{number}", opened_at=timestamp(AT)
            )
        )


def end_session(engine: Engine, number: int, why: str = "saved", station: str = DOCK) -> None:
    with transaction(engine) as connection:
        connection.execute(
            update(sessions)
            .where(sessions.c.station == station, sessions.c.number == number)
            .values(ended_at=timestamp(AT), ended_why=why)
        )


def add_move(
    engine: Engine,
    *,
    session: int | None = None,
    station: str = DOCK,
    at: datetime = AT,
    serial_number: str = "SN-1",
) -> int:
    """Write a move; return its number."""
    with transaction(engine) as connection:
        _know(connection, station)
        number: int = connection.execute(
            select(func.coalesce(func.max(moves.c.number), 0) + 1).where(moves.c.station == station)
        ).scalar_one()
        connection.execute(
            insert(moves).values(
                station=station, number=number, at=timestamp(at), document="CM-1", session=session,
                event="Booked" if session else "Imported", serial_number=serial_number, item="PROC-1",
                from_area="SOLD", to_area="RETURNS", receipt=1 if session else None,
            )
        )  # fmt: skip
    return number


def _know(connection: Connection, station: str) -> None:
    connection.execute(insert_or_skip(stations, connection.dialect).values(name=station))
