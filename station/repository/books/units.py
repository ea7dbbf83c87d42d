"""Items, and units of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.repository.statements.units import units_by
from station.repository.unit_of_work import Prepared, Row, SqlUnitOfWork
from station.rules.model import AreaType, Item, Tracking, Unit
from station.rules.model import fold as folded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.rules.ports import Field

_PAGE = 500
"""Units of a range that are fetched at once."""


class UnitBooks(SqlUnitOfWork):
    """Items and units, by their numbers."""

    _by_number: dict[tuple[str, bool, bool, bool, bool], Prepared]

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
        """Units that bear a number, at most `limit`, by serial number and item."""
        key = (field, fold, gtin is not None, document is not None, item is not None)
        if key not in self._by_number:
            statement = units_by(
                field,
                fold=fold,
                gtin=gtin is not None,
                document=document is not None,
                item=item is not None,
            )
            self._by_number[key] = Prepared(statement, self._engine.dialect)
        sought = folded(number) if fold else number
        parameters: dict[str, object] = {
            "number": sought,
            "limit": limit,
            "gtin": gtin,
            "document": document,
            "item": item,
        }
        return [_unit(row) for row in self._rows_of(self._by_number[key], parameters)]

    def item(self, code: str) -> Item | None:
        """An item by its exact code."""
        row = self._one("item", item=code)
        return _item(row) if row else None

    def item_of_gtin(self, gtin: str) -> Item | None:
        """An item by its GTIN of 14 digits."""
        row = self._one("item_of_gtin", gtin=gtin)
        return _item(row) if row else None

    def unit(self, serial_number: str, item: str) -> Unit | None:
        """One unit by its key."""
        row = self._one("unit", serial_number=serial_number, item=item)
        return _unit(row) if row else None

    def units_between(self, item: str, first: str, last: str) -> Iterator[Unit]:
        """Units of an item, `first` to `last` in byte order, of the same length; a page at a time."""
        after = ""
        while True:
            rows = self._rows("units_between", item=item, first=first, last=last, after=after, limit=_PAGE)
            yield from map(_unit, rows)
            if len(rows) < _PAGE:
                return
            after = rows[-1][0]


def _unit(row: Row) -> Unit:
    number, mfr, item, description, tracking, area, area_type, location, holder = row
    return Unit(
        number, mfr, item, description, Tracking(tracking), area, AreaType(area_type), location, holder
    )


def _item(row: Row) -> Item:
    code, description, gtin, tracking = row
    return Item(code, description, gtin, Tracking(tracking))
