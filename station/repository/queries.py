"""The office's queries: documents, and the history of a serial number or a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, func, literal, null, select, union_all

from station.errors import ConfigError
from station.repository.database import reading
from station.repository.history_fields import FIELDS
from station.repository.scan_path.credit_documents import DOCUMENT
from station.repository.tables import (
    archived_documents,
    archived_lines,
    attachments,
    conditions,
    counts,
    documents,
    history,
    items,
    lines,
    locations,
    moves,
    operators,
    reasons,
    serial_numbers,
)

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Engine


def serial_number_history(
    engine: Engine, *, serial_number: str | None = None, document: str | None = None, limit: int | None = None
) -> list[dict[str, Any]]:
    """Return history rows and moves of a serial number or a document, oldest first.

    A move's action is its event, such as ``Booked``, its `stock_area` is where the unit was, and `to_area`
    where it went; history rows don't have that key. With a `limit` only the newest rows are returned.
    """
    filters: list[tuple[Any, str]] = []
    if serial_number is not None:
        filters.append(("serial_number", serial_number))
    if document is not None:
        filters.append(("document", document))
    scans = select(
        *(history.c[name] for name in FIELDS),
        null().label("to_area"),
        history.c.number,
        literal(0).label("after"),
    ).where(*_all_of(history, filters))
    of_move = {
        **{column.name: column for column in moves.columns},
        "action": moves.c.event,
        "description": items.c.description,
        # Released counts have neither.
        "serial_number": func.nullif(moves.c.serial_number, ""),
        "stock_area": func.nullif(moves.c.from_area, ""),
    }
    booked = (
        select(
            *(of_move.get(name, null()).label(name) for name in FIELDS),
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
        {name: row[name] for name in (*FIELDS, *(["to_area"] if row["to_area"] is not None else []))}
        for row in reversed(found)
    ]


def _all_of(table: Any, filters: list[tuple[str, str]]) -> list[ColumnElement[bool]]:
    return [table.c[name] == value for name, value in filters]


def list_documents(engine: Engine, *, status: str | None = None) -> list[dict[str, Any]]:
    """Return documents with the units requested, credited and taken away, by number."""
    held = union_all(
        select(attachments.c.document, attachments.c.line, literal(1).label("units")).where(
            attachments.c.document.not_in(select(archived_documents.c.document))
        ),
        select(counts.c.document, counts.c.line, counts.c.quantity).where(
            counts.c.document.not_in(select(archived_documents.c.document))
        ),
        select(archived_lines.c.document, archived_lines.c.line, archived_lines.c.units),
    ).subquery()
    on_line = and_(held.c.document == lines.c.document, held.c.line == lines.c.number)
    counted = (
        select(
            lines.c.document,
            func.sum(case((~lines.c.negative, held.c.units), else_=0)).label("credited"),
            func.sum(case((lines.c.negative, held.c.units), else_=0)).label("taken_away"),
        )
        .join(held, on_line)
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
            *DOCUMENT,
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
    """Return the codes of all locations, sorted."""
    with reading(engine) as connection:
        return list(connection.execute(select(locations.c.code).order_by(locations.c.code)).scalars())


def list_operators(engine: Engine) -> list[dict[str, Any]]:
    """Return code and name of all operators, by code."""
    statement = select(operators.c.code, operators.c.name).order_by(operators.c.code)
    with reading(engine) as connection:
        return [dict(row) for row in connection.execute(statement).mappings()]


def list_reasons(engine: Engine) -> list[dict[str, Any]]:
    """Return code and text of all reasons, by code."""
    statement = select(reasons.c.code, reasons.c.text).order_by(reasons.c.code)
    with reading(engine) as connection:
        return [dict(row) for row in connection.execute(statement).mappings()]


def list_conditions(engine: Engine) -> list[dict[str, Any]]:
    """Return code and text of all conditions, by code."""
    statement = select(conditions.c.code, conditions.c.text).order_by(conditions.c.code)
    with reading(engine) as connection:
        return [dict(row) for row in connection.execute(statement).mappings()]


def units_of_serial_number(engine: Engine, serial_number: str) -> list[dict[str, Any]]:
    """Return the label data of each unit with this serial number, by item."""
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


def require_location(engine: Engine, code: str) -> None:
    """Check that the station's location is in the database, if that has any.

    Raises:
        ConfigError: it is unknown: units would be booked into another location's areas.
    """
    known = location_codes(engine)
    if code and known and code not in known:
        raise ConfigError(
            f'station.location = "{code}": is not a location in the database, which has {", ".join(known)}',
        )
