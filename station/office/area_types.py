"""Checks the type of the areas that a Save books into: the ones that locations and conditions name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, null, select

from station.office.csv_files import bad_value
from station.office.staging import TABLES, Staged
from station.repository.tables import metadata, stock_areas

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class _Use:
    """A column that names an area to book into, and the type that the area must have."""

    table: str
    noun: str
    column: str
    type: str
    called: str
    """What messages call the column."""


_USES = (
    _Use("locations", "location", "returned_area", "stock", "a returned_area"),
    _Use("locations", "location", "sold_area", "out", "a sold_area"),
    _Use("locations", "location", "credit_order_area", "out", "a credit_order_area"),
    _Use("conditions", "condition", "stock_area", "stock", "a condition's stock_area"),
)


def check_area_types(connection: Connection, staged: Mapping[str, Staged]) -> None:
    """Check the areas once they, the locations and the conditions are written.

    Raises:
        ImportFailedError: one has the wrong type.
    """
    for use in _USES:
        _refuse_type(connection, staged, use)


def _refuse_type(connection: Connection, staged: Mapping[str, Staged], use: _Use) -> None:
    """Report the row that names the area if it is in the files, else the area's."""
    user, area = TABLES[use.table], TABLES["stock_areas"]
    stored = metadata.tables[use.table]
    is_given = use.table in staged and use.column in staged[use.table].columns
    user_line = (user.c.line if is_given else null()).label("user_line")
    row = connection.execute(
        select(
            stored.c.code.label("user"),
            stock_areas.c.code.label("area"),
            stock_areas.c.type,
            user_line,
            area.c.line.label("area_line"),
        )
        .select_from(
            stored.join(stock_areas, stock_areas.c.code == stored.c[use.column])
            .outerjoin(user, user.c.code == stored.c.code)
            .outerjoin(area, area.c.code == stock_areas.c.code),
        )
        .where(stock_areas.c.type != use.type, func.coalesce(user_line, area.c.line).is_not(None))
        .order_by("user_line", "area_line")
        .limit(1),
    ).first()
    if row is None:
        return
    if row.user_line is not None:
        reason = (
            f"the stock area is of type {row.type}, but {use.called} must be of type {use.type}; name another"
        )
        raise bad_value(staged[use.table].path, row.user_line, use.column, row.area, reason)
    reason = (
        f"the stock area is the {use.column} of {use.noun} {row.user}, so it must be of type {use.type}; "
        "name another area there first"
    )
    raise bad_value(staged["stock_areas"].path, row.area_line, "type", row.type, reason)
