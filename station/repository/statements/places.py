"""Locations and stock areas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from station.repository.statements.parts import P
from station.repository.tables import locations, stock_areas

if TYPE_CHECKING:
    from sqlalchemy import ClauseElement


def of_places() -> dict[str, ClauseElement]:
    """Locations and stock areas."""
    return {
        "location": select(
            locations.c.code,
            locations.c.returned_area,
            locations.c.sold_area,
            locations.c.credit_order_area,
        ).where(locations.c.code == P("code")),
        "default_location": select(
            locations.c.code,
            locations.c.returned_area,
            locations.c.sold_area,
            locations.c.credit_order_area,
        ).where(locations.c.is_default),
        "stock_area": select(stock_areas.c.code, stock_areas.c.type, stock_areas.c.location).where(
            stock_areas.c.code == P("code"),
        ),
    }
