"""What the statements have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, func, literal_column, select

from station.repository.tables import attachments, lines

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Table

P = bindparam

# A constant in the text, not a parameter: only then can the planner use the partial index.
OPEN: ColumnElement[str] = literal_column("'open'")


def parameters(table: Table, **given: Any) -> dict[str, Any]:
    """A parameter for each column, but for those given as an expression."""
    return {column.name: P(column.name) for column in table.columns} | given


def next_number(table: Table) -> Any:
    """The station's next number in a table, without gaps."""
    return (
        select(func.coalesce(func.max(table.c.number), 0) + 1)
        .where(table.c.station == P("station"))
        .scalar_subquery()
    )


def on_line() -> ColumnElement[bool]:
    """The attachment is on the line."""
    return and_(lines.c.document == attachments.c.document, lines.c.number == attachments.c.line)
