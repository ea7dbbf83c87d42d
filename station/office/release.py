"""D4: a document that the office cancels releases its serial numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, func, insert, literal, select

from station.office.staging import TABLES
from station.repository.statement import insert_or_skip
from station.repository.tables import attachments, moves, serial_numbers, stations

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

STATION = "import"
"""The station name of these moves in serial number history."""


def release_cancelled(connection: Connection, at: str) -> None:
    """Detach all units of the documents that were just cancelled, each with its row of history."""
    source = TABLES["documents"]
    cancelled = select(source.c.number).where(source.c.status == "cancelled")
    release(connection, attachments.c.document.in_(cancelled), at)


def release(connection: Connection, cancelled: ColumnElement[bool], at: str) -> None:
    """Detach the units of these attachments, each with its row of history."""
    if connection.execute(select(attachments.c.document).where(cancelled).limit(1)).first() is None:
        return
    connection.execute(insert_or_skip(stations, connection.dialect).values(name=STATION))
    # Its rows are numbered consecutively: one transaction at a time.
    connection.execute(select(stations.c.name).where(stations.c.name == STATION).with_for_update())
    connection.execute(_moves(cancelled, at))
    connection.execute(delete(attachments).where(cancelled))


def _moves(cancelled: Any, at: str) -> Any:
    key = [attachments.c.document, attachments.c.serial_number, attachments.c.item]
    last = select(func.coalesce(func.max(moves.c.number), 0)).where(moves.c.station == STATION)
    columns = {
        "station": literal(STATION),
        "number": last.scalar_subquery() + func.row_number().over(order_by=key),
        "at": literal(at),
        "document": attachments.c.document,
        "event": literal("Released"),
        "serial_number": attachments.c.serial_number,
        "item": attachments.c.item,
        "from_area": serial_numbers.c.stock_area,
        "to_area": serial_numbers.c.stock_area,
    }
    unit = and_(
        serial_numbers.c.serial_number == attachments.c.serial_number,
        serial_numbers.c.item == attachments.c.item,
    )
    rows = select(*columns.values()).join_from(attachments, serial_numbers, unit).where(cancelled)
    return insert(moves).from_select(list(columns), rows)
