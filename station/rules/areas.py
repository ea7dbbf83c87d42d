"""The stock areas into which units are booked (D3, M7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.i18n.messages import msg
from station.rules.model import AreaType

if TYPE_CHECKING:
    from station.config.settings import AreaSettings
    from station.rules.context import Context
    from station.rules.model import Location, StockArea

_COLUMNS = {"returned": "returned_area", "sold": "sold_area", "credit_orders": "credit_order_area"}
"""The locations' column for each of the station's settings."""
_TYPES = {"returned": AreaType.STOCK, "sold": AreaType.OUT, "credit_orders": AreaType.OUT}


class NoAreaError(Exception):
    """A required area is missing or unsuitable; the text names the setting to correct."""


def area_if_set(context: Context, setting: str) -> StockArea | None:
    """Return the area from the station's setting, the location's or the default location's; None: not set.

    `setting`: ``returned``, ``sold`` or ``credit_orders``.

    Raises:
        NoAreaError: the area is unknown, or of the other type.
    """
    code, source = next(((code, source) for code, source in _sources(context, setting) if code), ("", ""))
    if not code:
        return None
    return _checked(context, code, setting, _TYPES[setting], source)


def condition_area(context: Context, condition: str, code: str) -> StockArea:
    """Return the area that a condition names for its units (M7).

    Raises:
        NoAreaError: the area is unknown, or of the other type.
    """
    source = msg("the stock area of condition {condition}", condition=condition)
    return _checked(context, code, condition, AreaType.STOCK, source)


def _checked(context: Context, code: str, setting: str, area_type: AreaType, source: str) -> StockArea:
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
    if area.type is not area_type:
        raise NoAreaError(
            msg(
                "stock area {code} for {setting} is of type {type}, not of type {other}: "
                "correct {source_text}",
                code=code,
                setting=setting,
                type=area.type,
                other=area_type,
                source_text=source,
            )
        )
    return area


def area(context: Context, setting: str) -> StockArea:
    """Return a required area, as `area_if_set` does.

    Raises:
        NoAreaError: it is not set, unknown, or of the other type.
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
    """Return the codes with the place where each is set, in order of precedence."""
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
