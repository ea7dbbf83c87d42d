"""Reasons and conditions of units (M7), what the station scanned last, and what nobody answered (D6)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, func, not_, or_, select, update

from station.repository.history_fields import FIELDS, history_row
from station.repository.statement import P, Statement, counted_on_line, on_line
from station.repository.tables import attachments, conditions, counts, history, lines, reasons
from station.repository.unit_of_work import SqlUnitOfWork
from station.rules.model import Attachment

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause

    from station.history import HistoryRow
    from station.rules.model import Count, Session
    from station.rules.ports import DetailField


def _units_lacking(field: DetailField) -> Statement:
    return Statement(
        select(attachments.c.serial_number)
        .join(lines, on_line())
        .where(
            attachments.c.document == P("document"),
            attachments.c.receipt.is_(None),
            attachments.c[field].is_(None),
            not_(lines.c.negative),
        )
        .order_by(attachments.c.serial_number, attachments.c.item)
    )


def _counts_lacking(field: DetailField) -> Statement:
    return Statement(
        select(counts.c.quantity, counts.c.item)
        .join(lines, counted_on_line())
        .where(counts.c.document == P("document"), counts.c.receipt.is_(None), counts.c[field].is_(None))
        .order_by(counts.c.item, counts.c.history_id)
    )


def _is_unanswered(table: FromClause) -> ColumnElement[bool]:
    reason = table.c.reason
    return or_(reason == P("meanwhile"), reason == P("expired"), reason.like(P("expired_one")))


_LATER = history.alias("later")
_FIELDS: tuple[DetailField, ...] = ("reason_code", "condition")
_CODES = {
    field: Statement(select(table.c.code).order_by(table.c.code))
    for field, table in zip(_FIELDS, (reasons, conditions), strict=True)
}
_UNITS_LACKING = {field: _units_lacking(field) for field in _FIELDS}
_COUNTS_LACKING = {field: _counts_lacking(field) for field in _FIELDS}


class SqlDetails(SqlUnitOfWork):
    """Reasons and conditions."""

    def detail_codes(self, field: DetailField) -> list[str]:
        """Return the codes of the office's list of reasons or conditions."""
        return [row[0] for row in self._rows(_CODES[field])]

    _describe_unit = Statement(
        update(attachments)
        .where(
            and_(
                attachments.c.document == P("document"),
                attachments.c.serial_number == P("serial_number"),
                attachments.c.item == P("item"),
            )
        )
        .values(reason_code=P("reason_code"), condition=P("condition"))
    )
    _describe_count = Statement(
        update(counts)
        .where(counts.c.history_id == P("history_id"))
        .values(reason_code=P("reason_code"), condition=P("condition"))
    )

    def describe(self, what: Attachment | Count) -> None:
        """Store the reason and the condition of a unit or a count."""
        given = {"reason_code": what.reason_code, "condition": what.condition}
        if isinstance(what, Attachment):
            self._run(
                self._describe_unit,
                document=what.document,
                serial_number=what.serial_number,
                item=what.item,
                **given,
            )
        else:
            self._run(self._describe_count, history_id=what.history_id, **given)

    def units_lacking(self, document: str, field: DetailField) -> list[str]:
        """Return the units that came back on a document, are not booked yet and have no such detail."""
        return [str(row[0]) for row in self._rows(_UNITS_LACKING[field], document=document)]

    def counts_lacking(self, document: str, field: DetailField) -> list[tuple[int, str]]:
        """Return the counts without it: quantity and item."""
        return [(row[0], row[1]) for row in self._rows(_COUNTS_LACKING[field], document=document)]

    _unanswered = Statement(
        select(func.coalesce(history.c.serial_number, history.c.text))
        .where(
            history.c.document == P("document"),
            history.c.station == P("station"),
            history.c.session == P("session"),
            _is_unanswered(history),
            ~exists(_LATER.c.number)
            .where(
                _LATER.c.station == history.c.station,
                _LATER.c.session == history.c.session,
                _LATER.c.number > history.c.number,
                or_(
                    _LATER.c.serial_number == history.c.serial_number,
                    and_(history.c.serial_number.is_(None), _LATER.c.text == history.c.text),
                ),
                or_(_LATER.c.reason.is_(None), not_(_is_unanswered(_LATER))),
            )
            .correlate(history),
        )
        .order_by(history.c.number)
    )

    def unanswered(self, session: Session, meanwhile: str, expired: str) -> list[str]:
        """Return what a session refused for want of an answer, and did not process later (D6).

        `meanwhile`: the reason of what was scanned while a question stood; `expired`: of what it was about.

        Returns:
            Serial numbers, or the texts that were scanned, in order.
        """
        rows = self._rows(
            self._unanswered,
            document=session.document.number,
            session=session.number,
            meanwhile=meanwhile,
            expired=expired,
            # One of several serial numbers of a label is named in the reason.
            expired_one=f"{expired}: %",
        )
        return list(dict.fromkeys(str(row[0]) for row in rows))

    _last_row = Statement(
        select(*(history.c[name] for name in FIELDS))
        .where(history.c.station == P("station"))
        .order_by(history.c.number.desc())
        .limit(1)
    )

    def last_row(self) -> HistoryRow | None:
        """Return the station's newest row of history."""
        row = self._one(self._last_row)
        return None if row is None else history_row(SimpleNamespace(**dict(zip(FIELDS, row, strict=True))))
