"""What the office asks: documents, and the history of a serial number or a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, func, literal, null, select, union_all

from station.store.database import reading
from station.store.tables import (
    attachments,
    documents,
    history,
    items,
    lines,
    locations,
    moves,
    operators,
    serial_numbers,
)

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Engine

COLUMNS = (
    "id",
    "at",
    "station",
    "session",
    "document",
    "action",
    "reason",
    "serial_number",
    "mfr_serial_number",
    "item",
    "description",
    "stock_area",
    "operator",
    "scanner",
    "text",
)
"""The keys of a history row, in the interface's order."""


def serial_number_history(
    engine: Engine, *, serial_number: str | None = None, document: str | None = None, limit: int | None = None
) -> list[dict[str, Any]]:
    """History rows and moves of a serial number or of a document, oldest first.

    A move's action is ``Booked`` or ``Released``, its `stock_area` where the unit was, and `to_area` where it
    went; history rows have no such key. With a `limit` only the newest rows are given.
    """
    filters: list[tuple[Any, str]] = []
    if serial_number is not None:
        filters.append(("serial_number", serial_number))
    if document is not None:
        filters.append(("document", document))
    scans = select(
        *(history.c[name] for name in COLUMNS),
        null().label("to_area"),
        history.c.number,
        literal(0).label("after"),
    ).where(*_all_of(history, filters))
    booked = (
        select(
            null().label("id"),
            moves.c.at,
            moves.c.station,
            null().label("session"),
            moves.c.document,
            moves.c.event.label("action"),
            null().label("reason"),
            moves.c.serial_number,
            null().label("mfr_serial_number"),
            moves.c.item,
            items.c.description,
            moves.c.from_area.label("stock_area"),
            moves.c.operator,
            null().label("scanner"),
            null().label("text"),
            moves.c.to_area,
            moves.c.number,
            literal(1).label("after"),
        )
        .join(items, items.c.code == moves.c.item)
        .where(*_all_of(moves, filters))
    )
    everything = union_all(scans, booked).subquery()
    newest_first = (everything.c.at.desc(), everything.c.after.desc(), everything.c.number.desc())
    with reading(engine) as connection:
        found = connection.execute(select(everything).order_by(*newest_first).limit(limit)).mappings().all()
    return [
        {name: row[name] for name in (*COLUMNS, *(["to_area"] if row["to_area"] is not None else []))}
        for row in reversed(found)
    ]


def _all_of(table: Any, filters: list[tuple[str, str]]) -> list[ColumnElement[bool]]:
    return [table.c[name] == value for name, value in filters]


def list_documents(engine: Engine, *, status: str | None = None) -> list[dict[str, Any]]:
    """Documents with how many units were requested, credited and taken away, by number."""
    on_line = and_(attachments.c.document == lines.c.document, attachments.c.line == lines.c.number)
    counted = (
        select(
            lines.c.document,
            func.sum(case((~lines.c.negative, 1), else_=0)).label("credited"),
            func.sum(case((lines.c.negative, 1), else_=0)).label("taken_away"),
        )
        .join(attachments, on_line)
        .group_by(lines.c.document)
        .subquery()
    )
    announced = (
        select(lines.c.document, func.sum(lines.c.requested).label("requested"))
        .group_by(lines.c.document)
        .subquery()
    )
    statement = (
        select(
            documents.c.number,
            documents.c.kind,
            documents.c.customer,
            documents.c.location,
            documents.c.status,
            func.coalesce(announced.c.requested, 0).label("requested"),
            func.coalesce(counted.c.credited, 0).label("credited"),
            func.coalesce(counted.c.taken_away, 0).label("taken_away"),
        )
        .outerjoin(announced, announced.c.document == documents.c.number)
        .outerjoin(counted, counted.c.document == documents.c.number)
        .order_by(documents.c.number)
    )
    if status is not None:
        statement = statement.where(documents.c.status == status)
    with reading(engine) as connection:
        return [dict(row) for row in connection.execute(statement).mappings()]


def location_codes(engine: Engine) -> list[str]:
    """The codes of all locations, in order."""
    with reading(engine) as connection:
        return list(connection.execute(select(locations.c.code).order_by(locations.c.code)).scalars())


def list_operators(engine: Engine) -> list[dict[str, Any]]:
    """Code and name of everybody who has a badge, by code."""
    statement = select(operators.c.code, operators.c.name).order_by(operators.c.code)
    with reading(engine) as connection:
        return [dict(row) for row in connection.execute(statement).mappings()]


def units_of_serial_number(engine: Engine, serial_number: str) -> list[dict[str, Any]]:
    """What a label says of each unit with this serial number: one an item that has it, by item."""
    statement = (
        select(
            serial_numbers.c.serial_number,
            serial_numbers.c.item,
            items.c.description,
            items.c.gtin,
        )
        .join(items, items.c.code == serial_numbers.c.item)
        .where(serial_numbers.c.serial_number == serial_number)
        .order_by(serial_numbers.c.item)
    )
    with reading(engine) as connection:
        return [dict(row) for row in connection.execute(statement).mappings()]
