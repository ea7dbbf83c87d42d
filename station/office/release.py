"""What the office takes off a document: one that it cancels releases everything (D4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, func, insert, literal, select, union_all

from station.history import OFFICE, MoveEvent
from station.office.staging import TABLES
from station.repository.statement import insert_or_skip
from station.repository.tables import attachments, counts, moves, serial_numbers, stations

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, ScalarSelect, Select


def release_cancelled(connection: Connection, at: str) -> None:
    """Take everything off the documents that were just cancelled, each unit with its row of history."""
    source = TABLES["documents"]
    cancelled = select(source.c.number).where(source.c.status == "cancelled")
    release(connection, cancelled, at)


def release(connection: Connection, released: Select[tuple[str]], at: str) -> None:
    """Take everything off these documents that is not booked yet, each unit and count with its row."""
    units, counted = (
        and_(table.c.document.in_(released), table.c.receipt.is_(None)) for table in (attachments, counts)
    )
    anything = select(attachments.c.document).where(units).union_all(select(counts.c.document).where(counted))
    if connection.execute(anything.limit(1)).first() is None:
        return
    connection.execute(_moves(units, counted, last_number(connection), at))
    connection.execute(delete(attachments).where(units))
    connection.execute(delete(counts).where(counted))


def last_number(connection: Connection) -> ScalarSelect[int]:
    """Select the number of the office's last move; only this transaction adds moves until it ends."""
    connection.execute(insert_or_skip(stations, connection.dialect).values(name=OFFICE))
    # Its rows are numbered consecutively: one transaction at a time.
    connection.execute(select(stations.c.name).where(stations.c.name == OFFICE).with_for_update())
    last = select(func.coalesce(func.max(moves.c.number), 0)).where(moves.c.station == OFFICE)
    return last.scalar_subquery()


def _moves(units: ColumnElement[bool], counted: ColumnElement[bool], last: ScalarSelect[int], at: str) -> Any:
    unit = and_(
        serial_numbers.c.serial_number == attachments.c.serial_number,
        serial_numbers.c.item == attachments.c.item,
    )
    area = serial_numbers.c.stock_area
    leaving = union_all(
        select(
            attachments.c.document,
            attachments.c.serial_number,
            attachments.c.item,
            area,
            literal(1).label("quantity"),
        )
        .join_from(attachments, serial_numbers, unit)
        .where(units),
        select(counts.c.document, literal(""), counts.c.item, literal(""), func.sum(counts.c.quantity))
        .where(counted)
        .group_by(counts.c.document, counts.c.item),
    ).subquery("leaving")
    key = [leaving.c.document, leaving.c.serial_number, leaving.c.item]
    columns: dict[str, ColumnElement[Any]] = {
        "station": literal(OFFICE),
        "number": last + func.row_number().over(order_by=key),
        "at": literal(at),
        "document": leaving.c.document,
        "event": literal(str(MoveEvent.RELEASED)),
        "serial_number": leaving.c.serial_number,
        "item": leaving.c.item,
        "from_area": leaving.c.stock_area,
        "to_area": leaving.c.stock_area,
        "quantity": leaving.c.quantity,
    }
    return insert(moves).from_select(list(columns), select(*columns.values()))
