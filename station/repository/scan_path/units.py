"""Items and units: found by number and by range, and created with our own numbers (M5)."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, false, func, insert, null, select, update

from station.errors import DatabaseError
from station.history import MoveEvent
from station.repository.statement import HELD, P, Statement, insert_or_skip, parameters
from station.repository.tables import (
    attachments,
    generated_numbers,
    items,
    moves,
    number_series,
    serial_numbers,
    stock_areas,
)
from station.repository.unit_of_work import SqlUnitOfWork
from station.rules.model import AreaType, Booking, Item, Tracking, Unit
from station.rules.model import fold as folded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Select

    from station.repository.unit_of_work import Row
    from station.rules.ports import Field

_PAGE = 500
"""Units of a range fetched at once."""

_serial_number = serial_numbers.c.serial_number
_ITEM = (items.c.code, items.c.description, items.c.gtin, items.c.tracking)
_ITS_SERIES = number_series.c.prefix == P("prefix")
_WITHIN = and_(
    _serial_number >= P("first"),
    _serial_number <= P("last"),
    func.length(_serial_number) == func.length(P("first")),
)

_UNITS: Select[Any] = (
    select(
        _serial_number,
        serial_numbers.c.mfr_serial_number,
        serial_numbers.c.item,
        items.c.description,
        items.c.tracking,
        serial_numbers.c.stock_area,
        stock_areas.c.type,
        stock_areas.c.location,
        attachments.c.document,
        serial_numbers.c.customer,
        serial_numbers.c.returnable_until,
    )
    .join(items, items.c.code == serial_numbers.c.item)
    .join(stock_areas, stock_areas.c.code == serial_numbers.c.stock_area)
    .outerjoin(
        attachments,
        and_(
            attachments.c.serial_number == _serial_number,
            attachments.c.item == serial_numbers.c.item,
            HELD,
        ),
    )
    .where(~serial_numbers.c.retired)
    .order_by(_serial_number, serial_numbers.c.item)
)


@cache
def units_by(field: Field, *, fold: bool, gtin: bool, document: bool, item: bool) -> Statement:
    """Find units by one of their two numbers (R2), filtered by GTIN, item or document if requested."""
    column = _serial_number if field == "serial" else serial_numbers.c.mfr_serial_number
    statement = _UNITS.where((func.lower(column) if fold else column) == P("number")).limit(P("limit"))
    if gtin:
        statement = statement.where(items.c.gtin == P("gtin"))
    if item:
        statement = statement.where(serial_numbers.c.item == P("item"))
    if document:
        statement = statement.where(attachments.c.document == P("document"))
    return Statement(statement)


def _unit_of(row: Row) -> Unit:
    number, mfr, item, description, tracking, area, area_type, location, holder, customer, until = row
    return Unit(
        number,
        mfr,
        item,
        description,
        Tracking(tracking),
        area,
        AreaType(area_type),
        location,
        holder,
        customer,
        date.fromisoformat(until) if until else None,
    )


def _item_of(row: Row) -> Item:
    code, description, gtin, tracking = row
    return Item(code, description, gtin, Tracking(tracking))


class SqlUnits(SqlUnitOfWork):
    """Items, units, and generated serial numbers."""

    _item = Statement(select(*_ITEM).where(items.c.code == P("item")))

    def item(self, code: str) -> Item | None:
        """Return an item by its exact code."""
        row = self._one(self._item, item=code)
        return _item_of(row) if row else None

    _item_of_gtin = Statement(select(*_ITEM).where(items.c.gtin == P("gtin")))

    def item_of_gtin(self, gtin: str) -> Item | None:
        """Return an item by its GTIN of 14 digits."""
        row = self._one(self._item_of_gtin, gtin=gtin)
        return _item_of(row) if row else None

    _unit = Statement(_UNITS.where(_serial_number == P("serial_number"), serial_numbers.c.item == P("item")))

    def unit(self, serial_number: str, item: str) -> Unit | None:
        """Return a unit by its key, unless it is retired."""
        row = self._one(self._unit, serial_number=serial_number, item=item)
        return _unit_of(row) if row else None

    def units(  # noqa: PLR0913 - each narrows the search
        self,
        number: str,
        field: Field,
        *,
        fold: bool,
        gtin: str | None,
        limit: int,
        document: str | None = None,
        item: str | None = None,
    ) -> list[Unit]:
        """Return the units with a number, at most `limit`, by serial number and item."""
        statement = units_by(
            field, fold=fold, gtin=gtin is not None, document=document is not None, item=item is not None
        )
        rows = self._rows(
            statement,
            number=folded(number) if fold else number,
            gtin=gtin,
            limit=limit,
            document=document,
            item=item,
        )
        return [_unit_of(row) for row in rows]

    _units_between = Statement(
        _UNITS.where(_serial_number > P("after"), _WITHIN, serial_numbers.c.item == P("item")).limit(
            P("limit")
        )
    )

    def units_between(self, item: str, first: str, last: str) -> Iterator[Unit]:
        """Yield an item's units, `first` to `last` in byte order, of the same length; fetched in pages."""
        after = ""
        while True:
            rows = self._rows(
                self._units_between, item=item, first=first, last=last, after=after, limit=_PAGE
            )
            yield from map(_unit_of, rows)
            if len(rows) < _PAGE:
                return
            after = rows[-1][0]

    _booking = Statement(
        select(moves.c.event, moves.c.document, moves.c.at)
        .where(
            moves.c.serial_number == P("serial_number"),
            moves.c.item == P("item"),
            moves.c.to_area == P("area"),
            moves.c.from_area != moves.c.to_area,
        )
        .order_by(moves.c.at.desc(), moves.c.number.desc())
        .limit(1)
    )

    def booking(self, unit: Unit) -> Booking | None:
        """Return the Save that put a unit into its present area; None: something else did, or not known."""
        row = self._one(self._booking, serial_number=unit.serial_number, item=unit.item, area=unit.area)
        if row is None or row[0] != MoveEvent.BOOKED:
            return None
        return Booking(row[1], datetime.fromisoformat(row[2]))

    _taken = Statement(select(_serial_number).where(_WITHIN))

    def taken(self, first: str, last: str) -> set[str]:
        """Return the serial numbers in use, `first` to `last` in byte order, of the same length."""
        return {row[0] for row in self._rows(self._taken, first=first, last=last)}

    _know_series = Statement(
        lambda dialect: insert_or_skip(number_series, dialect).values(prefix=P("prefix"), last=0)
    )
    _last_number = Statement(select(number_series.c.last).where(_ITS_SERIES).with_for_update())

    def last_number(self, prefix: str) -> int:
        """Return a prefix's last assigned number, 0 at first, and lock its row."""
        self._run(self._know_series, prefix=prefix)
        row = self._one(self._last_number, prefix=prefix)
        if row is None:
            raise DatabaseError(f"the database lost the count of the serial numbers {prefix}…")
        return int(row[0])

    _set_last_number = Statement(update(number_series).where(_ITS_SERIES).values(last=P("number")))
    _add_unit = Statement(
        insert(serial_numbers).values(
            parameters(
                serial_numbers,
                mfr_serial_number=null(),
                customer="",
                returnable_until=null(),
                retired=false(),
            )
        )
    )
    _add_generated = Statement(insert(generated_numbers).values(parameters(generated_numbers)))

    def add_generated(self, unit: Unit, prefix: str, number: int, history_id: str) -> None:
        """Store a new unit, numbered with its prefix's `number`."""
        key = {"serial_number": unit.serial_number, "item": unit.item}
        self._run(self._set_last_number, prefix=prefix, number=number)
        self._run(self._add_unit, **key, stock_area=unit.area)
        self._run(self._add_generated, **key, prefix=prefix, number=number, history_id=history_id)
