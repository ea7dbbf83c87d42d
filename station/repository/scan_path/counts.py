"""What was counted onto documents (M6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, insert, null, select, update

from station.repository.statement import P, Statement, parameters
from station.repository.tables import attachments, counts, history
from station.repository.unit_of_work import SqlUnitOfWork
from station.rules.model import Count

if TYPE_CHECKING:
    from station.repository.unit_of_work import Row

_COUNT = (
    counts.c.document,
    counts.c.line,
    counts.c.item,
    counts.c.history_id,
    counts.c.quantity,
    counts.c.stated,
    counts.c.receipt,
    counts.c.reason_code,
    counts.c.condition,
)
_ITS_ROW = counts.c.history_id == P("history_id")
_UNIT_ROW = history.alias("unit_row")


def _count_of(row: Row | None) -> Count | None:
    if row is None:
        return None
    document, line, item, history_id, quantity, stated, *more = row
    return Count(document, line, item, history_id, quantity, bool(stated), *more)


class SqlCounts(SqlUnitOfWork):
    """Counts, each with its first row of history."""

    _add_count = Statement(insert(counts).values(parameters(counts, receipt=null())))

    def add_count(self, count: Count) -> None:
        """Count units onto a line."""
        self._run(
            self._add_count,
            document=count.document,
            line=count.line,
            item=count.item,
            history_id=count.history_id,
            quantity=count.quantity,
            stated=count.stated,
            reason_code=count.reason_code,
            condition=count.condition,
        )

    _change_count = Statement(
        update(counts).where(_ITS_ROW).values(quantity=P("quantity"), stated=P("stated"))
    )

    def change_count(self, count: Count) -> None:
        """Change a count's quantity."""
        self._run(
            self._change_count, history_id=count.history_id, quantity=count.quantity, stated=count.stated
        )

    _drop_count = Statement(delete(counts).where(_ITS_ROW))

    def drop_count(self, count: Count) -> None:
        """Delete a count."""
        self._run(self._drop_count, history_id=count.history_id)

    _counts_here = (
        select(*_COUNT)
        .join(history, history.c.id == counts.c.history_id)
        .where(counts.c.document == P("document"))
        .limit(1)
    )
    _last_count = Statement(
        _counts_here.where(
            counts.c.receipt.is_(None),
            history.c.station == P("station"),
            history.c.session == P("session"),
            ~exists(attachments.c.history_id)
            .where(
                attachments.c.document == counts.c.document,
                attachments.c.history_id == _UNIT_ROW.c.id,
                _UNIT_ROW.c.station == history.c.station,
                _UNIT_ROW.c.session == history.c.session,
                _UNIT_ROW.c.number > history.c.number,
            )
            .correlate(counts, history),
        ).order_by(history.c.number.desc())
    )

    def last_count(self, document: str, session: int) -> Count | None:
        """Return this session's newest count that still exists, unless a unit was attached since (M4)."""
        return _count_of(self._one(self._last_count, document=document, session=session))

    _newest_count = Statement(
        _counts_here.where(counts.c.item == P("item")).order_by(
            counts.c.receipt.is_not(None), history.c.at.desc(), history.c.station, history.c.number.desc()
        )
    )

    def newest_count(self, document: str, item: str) -> Count | None:
        """Return the document's newest count of an item, by any station; a booked one only if all are."""
        return _count_of(self._one(self._newest_count, document=document, item=item))
