"""Items, and units by their number, by their key and by ranges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, select

from station.repository.statements.parts import OPEN, P
from station.repository.tables import attachments, items, serial_numbers, stock_areas

if TYPE_CHECKING:
    from sqlalchemy import ClauseElement, ColumnElement, Select


def units_by(field: str, *, fold: bool, gtin: bool, document: bool, item: bool = False) -> ClauseElement:
    """Units that bear a number in one of their two fields (R2); of a GTIN, item, document where asked."""
    column = serial_numbers.c.serial_number if field == "serial" else serial_numbers.c.mfr_serial_number
    bears = func.lower(column) == P("number") if fold else column == P("number")
    statement = _units().where(bears).limit(P("limit"))
    if gtin:
        statement = statement.where(items.c.gtin == P("gtin"))
    if item:
        statement = statement.where(serial_numbers.c.item == P("item"))
    if document:
        statement = statement.where(attachments.c.document == P("document"))
    return statement


def of_units() -> dict[str, ClauseElement]:
    """Items, and units by their key and by ranges; by number see `units_by`."""
    item = (items.c.code, items.c.description, items.c.gtin, items.c.tracking)
    return {
        "item": select(*item).where(items.c.code == P("item")),
        "item_of_gtin": select(*item).where(items.c.gtin == P("gtin")),
        "unit": _units().where(
            serial_numbers.c.serial_number == P("serial_number"),
            serial_numbers.c.item == P("item"),
        ),
        "units_between": _units().where(_between()).limit(P("limit")),
    }


def _units() -> Select[Any]:
    held = attachments
    return (
        select(
            serial_numbers.c.serial_number,
            serial_numbers.c.mfr_serial_number,
            serial_numbers.c.item,
            items.c.description,
            items.c.tracking,
            serial_numbers.c.stock_area,
            stock_areas.c.type,
            stock_areas.c.location,
            held.c.document,
        )
        .join(items, items.c.code == serial_numbers.c.item)
        .join(stock_areas, stock_areas.c.code == serial_numbers.c.stock_area)
        .outerjoin(
            held,
            and_(
                held.c.serial_number == serial_numbers.c.serial_number,
                held.c.item == serial_numbers.c.item,
                held.c.document_status == OPEN,
            ),
        )
        .order_by(serial_numbers.c.serial_number, serial_numbers.c.item)
    )


def _between() -> ColumnElement[bool]:
    column = serial_numbers.c.serial_number
    return and_(
        column > P("after"),
        column >= P("first"),
        column <= P("last"),
        func.length(column) == func.length(P("first")),
        serial_numbers.c.item == P("item"),
    )
