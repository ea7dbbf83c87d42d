"""The fast path: SQLAlchemy statements compiled once, run on the bare driver connection.

What it saves is the building and compiling of each statement at each scan, several times the cost of the
transaction itself; what it keeps is one way to write statements for every database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ClauseElement, Dialect, Table

Row = tuple[Any, ...]


class Prepared:
    """One statement for one database; its parameters are given by name."""

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self._sql = str(compiled)
        self._order: Sequence[str] | None = getattr(compiled, "positiontup", None)
        # Values written into the statement itself travel as parameters too.
        self._constants = {name: value for name, value in compiled.params.items() if value is not None}

    def run(self, driver_connection: Any, parameters: dict[str, object]) -> Any:
        """Run it; returns the driver's cursor."""
        values = {**self._constants, **parameters}
        if self._order is not None:
            return driver_connection.execute(self._sql, [values[name] for name in self._order])
        return driver_connection.execute(self._sql, values)


def insert_or_skip(table: Table, dialect: Dialect) -> sqlite.Insert | postgresql.Insert:
    """``INSERT … ON CONFLICT DO NOTHING``, which both databases have, each in its own words."""
    insert: Any = sqlite.insert if dialect.name == "sqlite" else postgresql.insert
    statement: sqlite.Insert | postgresql.Insert = insert(table).on_conflict_do_nothing()
    return statement
