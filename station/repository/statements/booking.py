"""Saving and cancelling (D3, D4): units that move, each with its row of serial number history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, and_, delete, func, insert, literal, not_, select, tuple_, union_all, update

from station.repository.statements.parts import P, next_number, on_line
from station.repository.tables import attachments, lines, moves, serial_numbers

if TYPE_CHECKING:
    from sqlalchemy import ClauseElement, ColumnElement


def of_booking() -> dict[str, ClauseElement]:
    """Saving and cancelling (D3, D4)."""
    return {
        "signs": select(lines.c.negative)
        .join(attachments, on_line())
        .where(attachments.c.document == P("document"))
        .distinct(),
        "book_regular": _moves_of("Booked", (False,), P("area", type_=Text)),
        "book_negative": _moves_of("Booked", (True,), P("area", type_=Text)),
        "rebook_regular": _rebook(negative=False),
        "rebook_negative": _rebook(negative=True),
        "release_moves": _moves_of("Released", (False, True), None),
        "release": delete(attachments).where(attachments.c.document == P("document")),
    }


def _moves_of(event: str, signs: tuple[bool, ...], to_area: Any) -> ClauseElement:
    """A row of serial number history for each unit of the document that changes area, or is released."""
    rows = [
        select(
            serial_numbers.c.serial_number,
            serial_numbers.c.item,
            serial_numbers.c.stock_area,
        )
        .join(
            attachments,
            and_(
                attachments.c.serial_number == serial_numbers.c.serial_number,
                attachments.c.item == serial_numbers.c.item,
            ),
        )
        .join(lines, on_line())
        .where(_of_document(negative=negative))
        for negative in signs
    ]
    unit = (union_all(*rows) if len(rows) > 1 else rows[0]).subquery("unit")
    number = func.row_number().over(order_by=[unit.c.serial_number, unit.c.item])
    source = select(
        P("station", type_=Text),
        next_number(moves) - 1 + number,
        P("at", type_=Text),
        P("document", type_=Text),
        literal(event),
        unit.c.serial_number,
        unit.c.item,
        unit.c.stock_area,
        unit.c.stock_area if to_area is None else to_area,
        P("operator", type_=Text),
    )
    if to_area is not None:
        source = source.where(unit.c.stock_area != to_area)
    columns = [column.name for column in moves.columns]
    return insert(moves).from_select(columns, source)


def _rebook(*, negative: bool) -> ClauseElement:
    """The units of the document's lines of one sign are in another area now (D3)."""
    keys = (
        select(attachments.c.serial_number, attachments.c.item)
        .join(lines, on_line())
        .where(_of_document(negative=negative))
    )
    return (
        update(serial_numbers)
        .where(tuple_(serial_numbers.c.serial_number, serial_numbers.c.item).in_(keys))
        .values(stock_area=P("area"))
    )


def _of_document(*, negative: bool) -> ColumnElement[bool]:
    sign = lines.c.negative if negative else not_(lines.c.negative)
    return and_(attachments.c.document == P("document"), sign)
