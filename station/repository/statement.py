"""Statements of the scan path: written once for all databases, compiled once for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, func, literal_column, select
from sqlalchemy.dialects import postgresql, sqlite

from station.repository.tables import attachments, counts, lines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import ClauseElement, ColumnElement, Dialect, FromClause, Table

P = bindparam


def held(table: FromClause) -> ColumnElement[bool]:
    """Match attachments, or an alias of the table, of units that no other document can have (I1)."""
    # Constants in the text, not parameters: only then can the planner use the partial index.
    return and_(
        table.c.document_status.in_([literal_column("'open'"), literal_column("'backorder'")]),
        table.c.receipt.is_(None),
    )


HELD = held(attachments)
"""Attachments of units that no other document can have (I1)."""


class Compiled:
    """A statement for one database."""

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self.sql = str(compiled)
        self.order: Sequence[str] | None = getattr(compiled, "positiontup", None)
        """Parameter names by position; None: parameters are passed by name."""
        # Values in the statement itself are passed as parameters too.
        self._constants = {name: value for name, value in compiled.params.items() if value is not None}

    def run(self, driver_connection: Any, parameters: dict[str, object]) -> Any:
        """Execute it; return the driver's cursor."""
        values = {**self._constants, **parameters}
        if self.order is not None:
            return driver_connection.execute(self.sql, [values[name] for name in self.order])
        return driver_connection.execute(self.sql, values)


class Statement:
    """A statement for any database; units of work have theirs as class attributes."""

    def __init__(self, statement: ClauseElement | Callable[[Dialect], ClauseElement]) -> None:
        """`statement`: or a function that builds it, if databases need different SQL."""
        self._statement = statement
        self._compiled: dict[str, Compiled] = {}

    def compiled(self, dialect: Dialect) -> Compiled:
        """Return the statement for one database, compiled at the first call."""
        if dialect.name not in self._compiled:
            built = self._statement(dialect) if callable(self._statement) else self._statement
            self._compiled[dialect.name] = Compiled(built, dialect)
        return self._compiled[dialect.name]


def insert_or_skip(table: Table, dialect: Dialect) -> sqlite.Insert | postgresql.Insert:
    """Build ``INSERT … ON CONFLICT DO NOTHING``, which each dialect has as its own class."""
    insert: Any = sqlite.insert if dialect.name == "sqlite" else postgresql.insert
    statement: sqlite.Insert | postgresql.Insert = insert(table).on_conflict_do_nothing()
    return statement


def parameters(table: Table, **given: Any) -> dict[str, Any]:
    """Return a parameter for each column, except those given as an expression."""
    return {column.name: P(column.name) for column in table.columns} | given


def next_number(table: Table) -> Any:
    """Select the station's next number in a table, without gaps."""
    return (
        select(func.coalesce(func.max(table.c.number), 0) + 1)
        .where(table.c.station == P("station"))
        .scalar_subquery()
    )


def on_line() -> ColumnElement[bool]:
    """Match the attachments on a line."""
    return and_(lines.c.document == attachments.c.document, lines.c.number == attachments.c.line)


def counted_on_line() -> ColumnElement[bool]:
    """Match what was counted onto a line (M6)."""
    return and_(lines.c.document == counts.c.document, lines.c.number == counts.c.line)


UNITS_ON_LINE: ColumnElement[int] = (
    select(func.count()).select_from(attachments).where(on_line()).correlate(lines).scalar_subquery()
)
"""The units attached to a line."""
COUNTED_ON_LINE: ColumnElement[int] = (
    select(func.coalesce(func.sum(counts.c.quantity), 0))
    .where(counted_on_line())
    .correlate(lines)
    .scalar_subquery()
)
"""What was counted onto a line."""
