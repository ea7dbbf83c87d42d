"""Where units are booked."""

from __future__ import annotations

from station.repository.unit_of_work import SqlUnitOfWork
from station.rules.model import AreaType, Location, StockArea


class PlaceBooks(SqlUnitOfWork):
    """Locations and stock areas."""

    def location(self, code: str) -> Location | None:
        """A location; with an empty code the default one."""
        row = self._one("location", code=code) if code else self._one("default_location")
        return Location(*row) if row else None

    def stock_area(self, code: str) -> StockArea | None:
        """A stock area."""
        row = self._one("stock_area", code=code)
        return StockArea(row[0], AreaType(row[1]), row[2]) if row else None
