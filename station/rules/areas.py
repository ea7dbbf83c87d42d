"""Which stock area units are booked in, by what they are (D3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.i18n.messages import msg
from station.rules.model import AreaType

if TYPE_CHECKING:
    from station.config.settings import AreaSettings
    from station.rules.context import Context
    from station.rules.model import Location, StockArea

_COLUMNS = {"returned": "returned_area", "sold": "sold_area", "credit_orders": "credit_order_area"}
"""Of the locations, by the station's setting."""
_TYPES = {"returned": AreaType.STOCK, "sold": AreaType.OUT, "credit_orders": AreaType.OUT}


class NoAreaError(Exception):
    """An area that is needed isn't set or isn't fit; the text says which setting cures it."""


def area_if_set(context: Context, setting: str) -> StockArea | None:
    """The station's setting, else the location's, else the default location's; None: none is set.

    `setting`: ``returned``, ``sold`` or ``credit_orders``.

    Raises:
        NoAreaError: what is set is no area, or one of the other type.
    """
    code, source = next(((code, source) for code, source in _sources(context, setting) if code), ("", ""))
    if not code:
        return None
    area = context.repository.stock_area(code)
    if area is None:
        raise NoAreaError(
            msg(
                "stock area {code} for {setting} is unknown: correct {source_text}",
                code=code,
                setting=setting,
                source_text=source,
            )
        )
    if area.type is not _TYPES[setting]:
        raise NoAreaError(
            msg(
                "stock area {code} for {setting} is of type {type}, not of type {other}: "
                "correct {source_text}",
                code=code,
                setting=setting,
                type=area.type,
                other=_TYPES[setting],
                source_text=source,
            )
        )
    return area


def area(context: Context, setting: str) -> StockArea:
    """As `area_if_set`, where one is needed.

    Raises:
        NoAreaError: none is set, too.
    """
    found = area_if_set(context, setting)
    if found is None:
        raise NoAreaError(
            msg(
                "no stock area for {setting} goods is set: set station.stock_areas.{setting}, "
                "or {column} of the location or of the default location",
                setting=setting,
                column=_COLUMNS[setting],
            )
        )
    return found


def _sources(context: Context, setting: str) -> list[tuple[str, str]]:
    """Code and where it is set, in order."""
    column = _COLUMNS[setting]
    return [
        (_setting(context.settings.station.stock_areas, setting), f"station.stock_areas.{setting}"),
        *(
            (
                _column(location, column),
                msg("{column} of location {location}", column=column, location=location.code),
            )
            for location in (context.home(), context.repository.location(""))
            if location is not None
        ),
    ]


def _setting(settings: AreaSettings, name: str) -> str:
    return {
        "returned": settings.returned,
        "sold": settings.sold,
        "credit_orders": settings.credit_orders,
    }[name]


def _column(location: Location, name: str) -> str:
    return {
        "returned_area": location.returned_area,
        "sold_area": location.sold_area,
        "credit_order_area": location.credit_order_area,
    }[name]
