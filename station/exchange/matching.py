"""Which row of ``lines.csv`` is which line of its document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, func, not_, select

from station.exchange.staging import TABLES
from station.store.tables import lines

if TYPE_CHECKING:
    from sqlalchemy import Subquery


def matched_lines() -> Subquery:
    """The staged rows, each with the line that it is about; `number` is null when there is none yet.

    The n-th row of a document and an item is about the document's n-th line of that item. Negative lines
    are never in the file: they are what the customer took away at the dock.
    """
    source = TABLES["lines"]
    row = select(
        source,
        func.row_number()
        .over(partition_by=[source.c.document, source.c.item], order_by=source.c.line)
        .label("place"),
    ).subquery()
    line = (
        select(
            lines,
            func.row_number()
            .over(partition_by=[lines.c.document, lines.c.item], order_by=lines.c.number)
            .label("place"),
        )
        .where(not_(lines.c.negative), lines.c.document.in_(select(source.c.document)))
        .subquery()
    )
    same = and_(row.c.document == line.c.document, row.c.item == line.c.item, row.c.place == line.c.place)
    return (
        select(
            row.c.line,
            row.c.document,
            row.c.item,
            row.c.requested,
            line.c.number,
            line.c.requested.label("old_requested"),
            line.c.added.label("old_added"),
        )
        .select_from(row.outerjoin(line, same))
        .subquery()
    )
