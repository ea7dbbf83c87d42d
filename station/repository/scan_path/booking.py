"""Booking units when documents are saved or cancelled (D3, D4): each move has its row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, Text, and_, delete, func, insert, literal, not_, select, union_all, update

from station.repository.statement import P, Statement, next_number, on_line
from station.repository.tables import (
    attachments,
    conditions,
    counts,
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
    from datetime import datetime

    from sqlalchemy import ColumnElement, Insert

    from station.rules.model import Receipt

_LOCATION = (
    locations.c.code,
    locations.c.returned_area,
    locations.c.sold_area,
    locations.c.credit_order_area,
)
UNIT_IS_ATTACHED = and_(
    attachments.c.serial_number == serial_numbers.c.serial_number,
    attachments.c.item == serial_numbers.c.item,
)
_WAITING = and_(attachments.c.document == P("document"), attachments.c.receipt.is_(None))
"""The units of a document that are not booked yet."""
_AREA_OF_CONDITION = func.nullif(conditions.c.stock_area, "")


def insert_moves(*conditions: ColumnElement[bool], **values: Any) -> Insert:
    """Insert the station's next moves: a row for each one that meets the conditions.

    `values`: a column or expression for each column of the table. Those of `serial_number` and `item`
    determine the order.
    """
    place = func.row_number().over(order_by=[values["serial_number"], values["item"]])
    columns: dict[str, Any] = {
        "station": P("station", type_=Text),
        "number": next_number(moves) - 1 + place,
        "at": P("at", type_=Text),
        "document": P("document", type_=Text),
        "operator": P("operator", type_=Text),
        **values,
    }
    return insert(moves).from_select(list(columns), select(*columns.values()).where(*conditions))


def _booked(*, negative: bool, by_condition: bool) -> Statement:
    """Record a move for each unit of the receipt, on lines of one sign, that changes area (D3)."""
    target: ColumnElement[str] = P("area", type_=Text)
    units = (
        select(
            serial_numbers.c.serial_number,
            serial_numbers.c.item,
            serial_numbers.c.stock_area,
            attachments.c.reason_code,
            attachments.c.condition,
            _AREA_OF_CONDITION.label("area_of_condition"),
        )
        .join(attachments, UNIT_IS_ATTACHED)
        .join(lines, on_line())
        .outerjoin(conditions, conditions.c.code == attachments.c.condition)
        .where(
            attachments.c.document == P("document"),
            attachments.c.receipt == P("receipt"),
            lines.c.negative if negative else not_(lines.c.negative),
        )
    ).subquery("units")
    if by_condition:
        target = func.coalesce(units.c.area_of_condition, target)
    moving = select(units, target.label("target")).where(units.c.stock_area != target).subquery("moving")
    return Statement(
        insert_moves(
            event=literal("Booked"),
            serial_number=moving.c.serial_number,
            item=moving.c.item,
            from_area=moving.c.stock_area,
            to_area=moving.c.target,
            reason_code=moving.c.reason_code,
            condition=moving.c.condition,
            session=P("session", type_=Integer),
            receipt=P("receipt", type_=Integer),
        )
    )


def _released() -> Statement:
    """Record a move for each unit and each count of the document (D4)."""
    units = (
        select(
            serial_numbers.c.serial_number,
            serial_numbers.c.item,
            serial_numbers.c.stock_area,
            literal(1).label("quantity"),
        )
        .join(attachments, UNIT_IS_ATTACHED)
        .where(attachments.c.document == P("document"), attachments.c.receipt.is_(None))
    )
    counted = (
        select(literal(""), counts.c.item, literal(""), func.sum(counts.c.quantity))
        .where(counts.c.document == P("document"), counts.c.receipt.is_(None))
        .group_by(counts.c.item)
    )
    leaving = union_all(units, counted).subquery("leaving")
    return Statement(
        insert_moves(
            event=literal("Released"),
            serial_number=leaving.c.serial_number,
            item=leaving.c.item,
            from_area=leaving.c.stock_area,
            to_area=leaving.c.stock_area,
            quantity=leaving.c.quantity,
        )
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

    _signs = Statement(select(lines.c.negative).join(attachments, on_line()).where(_WAITING).distinct())

    def areas_needed(self, document: str) -> set[bool]:
        """Return which signs of lines have units that are not booked yet: True for negative lines."""
        return {bool(row[0]) for row in self._rows(self._signs, document=document)}

    _condition_areas = Statement(
        select(conditions.c.code, conditions.c.stock_area)
        .join(attachments, attachments.c.condition == conditions.c.code)
        .join(lines, on_line())
        .where(_WAITING, not_(lines.c.negative), conditions.c.stock_area != "")
        .distinct()
        .order_by(conditions.c.code)
    )

    def condition_areas(self, document: str) -> list[tuple[str, str]]:
        """Return the conditions of those units that name a stock area, each with the area's code (M7)."""
        return [(row[0], row[1]) for row in self._rows(self._condition_areas, document=document)]

    _book_regular = _booked(negative=False, by_condition=False)
    _book_by_condition = _booked(negative=False, by_condition=True)
    _book_negative = _booked(negative=True, by_condition=False)

    def book(self, receipt: Receipt, area: str, *, negative: bool, by_condition: bool) -> int:
        """Move the receipt's units on lines of this sign to `area`; return how many changed area.

        `by_condition`: units whose condition names an area go there instead (M7).
        """
        regular = self._book_by_condition if by_condition else self._book_regular
        moved = self._run(
            self._book_negative if negative else regular,
            document=receipt.document,
            receipt=receipt.number,
            area=area,
            at=timestamp(receipt.at),
            session=receipt.session,
            operator=receipt.operator,
        )
        self._follow_moves(receipt.document, receipt.number, "Booked")
        return moved

    # Where their newest moves say, so that the two can't differ. Only moves of this station: it has just made
    # them.
    _follow = Statement(
        update(serial_numbers)
        .where(
            moves.c.station == P("station"),
            moves.c.document == P("document"),
            moves.c.receipt == P("receipt"),
            moves.c.event == P("event"),
            moves.c.serial_number == serial_numbers.c.serial_number,
            moves.c.item == serial_numbers.c.item,
        )
        .values(stock_area=moves.c.to_area)
    )

    def _follow_moves(self, document: str, receipt: int, event: str) -> None:
        """Put the units that were just moved into their areas."""
        self._run(self._follow, document=document, receipt=receipt, event=event)

    _record_release = _released()
    _release = Statement(delete(attachments).where(_WAITING))
    _release_counts = Statement(
        delete(counts).where(counts.c.document == P("document"), counts.c.receipt.is_(None))
    )

    def release(self, document: str, at: datetime, operator: str | None) -> int:
        """Take everything off the document (D4); return how many units that were."""
        self._run(self._record_release, document=document, at=timestamp(at), operator=operator)
        self._run(self._release_counts, document=document)
        return self._run(self._release, document=document)
