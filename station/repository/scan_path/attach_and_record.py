"""Attachments, history, and the responses to posts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, insert, null, select, update

from station.repository.history_fields import columns_of
from station.repository.statement import P, Statement, insert_or_skip, next_number, parameters
from station.repository.tables import attachments, history, posts, stations
from station.repository.unit_of_work import SqlUnitOfWork
from station.rules.model import Attachment
from station.source import timestamp
from station.worker.entries import StoredResponse

if TYPE_CHECKING:
    from station.history import HistoryRow
    from station.questions import Upcoming
    from station.rules.model import Document, Unit
    from station.source import Source

_ATTACHMENT = (
    attachments.c.document,
    attachments.c.line,
    attachments.c.serial_number,
    attachments.c.item,
    attachments.c.receipt,
    attachments.c.reason_code,
    attachments.c.condition,
    attachments.c.range_id,
)
_ITS_KEY = and_(
    attachments.c.document == P("document"),
    attachments.c.serial_number == P("serial_number"),
    attachments.c.item == P("item"),
)


class SqlAttachments(SqlUnitOfWork):
    """Attachments, history, and the responses to posts."""

    _attach = Statement(
        lambda dialect: insert_or_skip(attachments, dialect).values(parameters(attachments, receipt=null()))
    )

    def attach(  # noqa: PLR0913 - each is a column
        self,
        unit: Unit,
        document: Document,
        line: int,
        history_id: str,
        details: Upcoming,
        *,
        range_id: str | None = None,
    ) -> bool:
        """Attach a unit; False if another station was faster (I1)."""
        attached = self._run(
            self._attach,
            document=document.number,
            document_status=str(document.status),
            serial_number=unit.serial_number,
            item=unit.item,
            line=line,
            history_id=history_id,
            reason_code=details.reason_code,
            condition=details.condition,
            range_id=range_id,
        )
        return attached == 1

    _detach = Statement(delete(attachments).where(_ITS_KEY))

    def detach(self, attachment: Attachment) -> None:
        """Delete an attachment."""
        self._run(
            self._detach,
            document=attachment.document,
            serial_number=attachment.serial_number,
            item=attachment.item,
        )

    _attachment = Statement(select(*_ATTACHMENT).where(_ITS_KEY))

    def attachment(self, document: str, unit: Unit) -> Attachment | None:
        """Return the unit's attachment on the document."""
        row = self._one(self._attachment, document=document, serial_number=unit.serial_number, item=unit.item)
        return Attachment(*row) if row else None

    _last_attachment = Statement(
        select(*_ATTACHMENT)
        .join(history, history.c.id == attachments.c.history_id)
        .where(
            attachments.c.document == P("document"),
            attachments.c.receipt.is_(None),
            history.c.station == P("station"),
            history.c.session == P("session"),
        )
        .order_by(history.c.number.desc())
        .limit(1)
    )

    def last_attachment(self, document: str, session: int) -> Attachment | None:
        """Return the newest attachment of this session that still exists and is not booked yet (M4)."""
        row = self._one(self._last_attachment, document=document, session=session)
        return Attachment(*row) if row else None

    _of_range = Statement(
        select(*_ATTACHMENT)
        .join(history, history.c.id == attachments.c.history_id)
        .where(
            attachments.c.document == P("document"),
            attachments.c.range_id == P("range_id"),
            attachments.c.receipt.is_(None),
        )
        .order_by(history.c.number.desc())
    )

    def attachments_of_range(self, document: str, range_id: str) -> list[Attachment]:
        """Return what is left of a range on a document, the newest first (M2)."""
        return [Attachment(*row) for row in self._rows(self._of_range, document=document, range_id=range_id)]

    _record = Statement(insert(history).values(parameters(history, number=next_number(history))))

    def record(self, row: HistoryRow) -> None:
        """Add a row of history."""
        self._run(self._record, **columns_of(row))

    _mark = Statement(update(stations).where(stations.c.name == P("station")).values(last_entry=P("id")))

    def mark(self, source_id: str) -> None:
        """Remember the last entry of a transaction that leaves no row of history."""
        self._run(self._mark, id=source_id)

    _row_of_entry = Statement(select(history.c.number).where(history.c.id == P("id")))
    _marked = Statement(select(stations.c.last_entry).where(stations.c.name == P("station")))

    def is_applied(self, source_id: str) -> bool:
        """Whether this entry has a row, or is the one marked last (I4)."""
        return self._one(self._row_of_entry, id=source_id) is not None or self._one(self._marked) == (
            source_id,
        )

    _remember = Statement(insert(posts).values(parameters(posts)))

    def remember(self, source: Source, stored: StoredResponse) -> None:
        """Store the response to a post that may be repeated."""
        self._run(
            self._remember,
            id=source.id,
            at=timestamp(source.at),
            asked=stored.request_digest,
            told=stored.response,
        )

    _remembered = Statement(select(posts.c.asked, posts.c.told).where(posts.c.id == P("id")))

    def remembered(self, source_id: str) -> StoredResponse | None:
        """Return the stored response to a post; None: it is new."""
        row = self._one(self._remembered, id=source_id)
        return StoredResponse(*row) if row else None
