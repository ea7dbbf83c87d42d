"""Booking units when documents are saved or cancelled (D3, D4): each move has its row of history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Text, and_, delete, func, insert, literal, not_, select, tuple_, union_all, update

from station.repository.statement import P, Statement, next_number, on_line
from station.repository.tables import (
    attachments,
    lines,
    locations,
    moves,
    serial_numbers,
    stock_areas,
)
from station.repository.unit_of_work import SqlUnitOfWork
from station.rules.model import AreaType, Location, StockArea
from station.source import timestamp

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement

_LOCATION = (
    locations.c.code,
    locations.c.returned_area,
    locations.c.sold_area,
    locations.c.credit_order_area,
)


_OF_A_MOVE = (
    *("station", "number", "at", "document", "event"),
    *("serial_number", "item", "from_area", "to_area", "operator"),
)


def _on_lines(*, negative: bool) -> ColumnElement[bool]:
    sign = lines.c.negative if negative else not_(lines.c.negative)
    return and_(attachments.c.document == P("document"), sign)


def _record_moves(event: str, signs: Sequence[bool], to_area: ColumnElement[str] | None) -> Statement:
    """Record a move for each unit of the document that changes area or is released."""
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
        .where(_on_lines(negative=negative))
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
    return Statement(insert(moves).from_select(_OF_A_MOVE, source))


def _move(*, negative: bool) -> Statement:
    """Put the units on the document's lines of one sign into another area (D3)."""
    keys = (
        select(attachments.c.serial_number, attachments.c.item)
        .join(lines, on_line())
        .where(_on_lines(negative=negative))
    )
    return Statement(
        update(serial_numbers)
        .where(tuple_(serial_numbers.c.serial_number, serial_numbers.c.item).in_(keys))
        .values(stock_area=P("area"))
    )


class SqlBooking(SqlUnitOfWork):
    """Locations, stock areas, and the units that a document moves or releases."""

    _location = Statement(select(*_LOCATION).where(locations.c.code == P("code")))
    _default_location = Statement(select(*_LOCATION).where(locations.c.is_default))

    def location(self, code: str) -> Location | None:
        """Return a location; with an empty code, the default one."""
        row = self._one(self._location, code=code) if code else self._one(self._default_location)
        return Location(*row) if row else None

    _stock_area = Statement(
        select(stock_areas.c.code, stock_areas.c.type, stock_areas.c.location).where(
            stock_areas.c.code == P("code")
        )
    )

    def stock_area(self, code: str) -> StockArea | None:
        """Return a stock area by its code."""
        row = self._one(self._stock_area, code=code)
        return StockArea(row[0], AreaType(row[1]), row[2]) if row else None

    _signs = Statement(
        select(lines.c.negative)
        .join(attachments, on_line())
        .where(attachments.c.document == P("document"))
        .distinct()
    )

    def areas_needed(self, document: str) -> set[bool]:
        """Return which signs of lines have units attached: True for negative lines."""
        return {bool(row[0]) for row in self._rows(self._signs, document=document)}

    _book_regular = _record_moves("Booked", [False], P("area", type_=Text))
    _book_negative = _record_moves("Booked", [True], P("area", type_=Text))
    _move_regular = _move(negative=False)
    _move_negative = _move(negative=True)

    def book(
        self, document: str, area: str, *, negative: Sequence[bool], at: datetime, operator: str | None
    ) -> int:
        """Move the document's units on lines of these signs to `area`; return how many changed area."""
        moved = 0
        for sign in negative:
            record = self._book_negative if sign else self._book_regular
            moved += self._run(record, document=document, area=area, at=timestamp(at), operator=operator)
            self._run(self._move_negative if sign else self._move_regular, document=document, area=area)
        return moved

    _record_release = _record_moves("Released", [False, True], None)
    _release = Statement(delete(attachments).where(attachments.c.document == P("document")))

    def release(self, document: str, at: datetime, operator: str | None) -> int:
        """Detach all units from the document; return how many."""
        self._run(self._record_release, document=document, at=timestamp(at), operator=operator)
        return self._run(self._release, document=document)
