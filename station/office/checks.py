"""Checks across rows: duplicate rows, and unknown names.

Each check is one query over all staged rows; its first hit is the error. The results stay valid while the
import waits to write: nothing deletes these names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import exists, func, not_, select

from station.office.csv_files import bad_value
from station.office.staging import TABLES, Staged
from station.repository.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class _Reference:
    """A column that names a row of another file or table."""

    table: str
    column: str
    target: str
    noun: str
    """What messages call it."""
    key: str = "code"
    """The target's column that is compared."""


_REFERENCES = (
    _Reference("locations", "returned_area", "stock_areas", "stock area"),
    _Reference("locations", "sold_area", "stock_areas", "stock area"),
    _Reference("locations", "credit_order_area", "stock_areas", "stock area"),
    _Reference("stock_areas", "location", "locations", "location"),
    _Reference("serial_numbers", "item", "items", "item"),
    _Reference("serial_numbers", "stock_area", "stock_areas", "stock area"),
    _Reference("conditions", "stock_area", "stock_areas", "stock area"),
    _Reference("documents", "location", "locations", "location"),
    _Reference("lines", "document", "documents", "document", key="number"),
    _Reference("lines", "item", "items", "item"),
    _Reference("expected", "document", "documents", "document", key="number"),
    _Reference("expected", "item", "items", "item"),
)


def check_rows(connection: Connection, staged: Mapping[str, Staged]) -> None:
    """Check the staged rows against each other and against the names in the database.

    Raises:
        ImportFailedError: two rows have the same key or GTIN, two locations are the default, or a name is
            unknown.
    """
    for file in staged.values():
        if file.format.key:
            refuse_duplicates(connection, file, file.format.key)
    if "items" in staged:
        refuse_duplicates(connection, staged["items"], ("gtin",))
    if "locations" in staged:
        _refuse_two_defaults(connection, staged["locations"])
    for reference in _REFERENCES:
        if reference.table in staged:
            _refuse_unknown(connection, staged[reference.table], reference)


def refuse_duplicates(connection: Connection, file: Staged, key: tuple[str, ...]) -> None:
    """Make sure that no two rows have the same values in these columns.

    Raises:
        ImportFailedError: two have.
    """
    table = TABLES[file.format.table]
    columns = [table.c[name] for name in key]
    line = func.max(table.c.line).label("line")
    row = connection.execute(
        select(line, func.min(table.c.line), *columns)
        .where(columns[0].is_not(None))
        .group_by(*columns)
        .having(func.count() > 1)
        .order_by(line)
        .limit(1),
    ).first()
    if row is not None:
        again, first, value, *others = row
        also = "".join(f" with {name} {other}" for name, other in zip(key[1:], others, strict=True) if other)
        reason = f"is already in line {first}{also}; remove one of the two"
        raise bad_value(file.path, again, key[0], value, reason)


def _refuse_two_defaults(connection: Connection, file: Staged) -> None:
    table = TABLES["locations"]
    statement = select(table.c.line).where(table.c.default).order_by(table.c.line).limit(2)
    lines = connection.execute(statement).scalars().all()
    if len(lines) > 1:
        reason = f"line {lines[0]} already has yes, and only one location can be the default; write no"
        raise bad_value(file.path, lines[1], "default", "yes", reason)


def _refuse_unknown(connection: Connection, file: Staged, reference: _Reference) -> None:
    table = TABLES[reference.table]
    column = table.c[reference.column]
    stored = metadata.tables[reference.target].c[reference.key]
    imported = TABLES[reference.target].c[reference.key]
    row = connection.execute(
        select(table.c.line, column)
        .where(
            column != "",
            not_(exists().where(stored == column)),
            not_(exists().where(imported == column)),
        )
        .order_by(table.c.line)
        .limit(1),
    ).first()
    if row is not None:
        reason = f"there is no such {reference.noun}; correct it, or add it to {reference.target}.csv"
        raise bad_value(file.path, row[0], reference.column, row[1], reason)
