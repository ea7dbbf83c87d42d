"""Attachments, and the history that goes with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.repository.history_fields import columns_of
from station.repository.unit_of_work import SqlUnitOfWork
from station.rules.model import Attachment
from station.source import timestamp
from station.worker.entries import StoredResponse

if TYPE_CHECKING:
    from station.history import HistoryRow
    from station.rules.model import Unit
    from station.source import Source


class AttachingBooks(SqlUnitOfWork):
    """Attachments, history, and what became of entries."""

    def attach(self, unit: Unit, document: str, line: int, history_id: str) -> bool:
        """Attach; False when another station was faster (I1)."""
        attached = self._run(
            "attach",
            document=document,
            serial_number=unit.serial_number,
            item=unit.item,
            line=line,
            history_id=history_id,
        )
        return attached == 1

    def detach(self, attachment: Attachment) -> None:
        """Take off."""
        self._run(
            "detach",
            document=attachment.document,
            serial_number=attachment.serial_number,
            item=attachment.item,
        )

    def attachment(self, document: str, unit: Unit) -> Attachment | None:
        """Where on the document the unit is."""
        row = self._one("attachment", document=document, serial_number=unit.serial_number, item=unit.item)
        return Attachment(*row) if row else None

    def last_attachment(self, document: str, session: int) -> Attachment | None:
        """The newest attachment that this session made and that still stands (M4)."""
        row = self._one("last_attachment", document=document, session=session)
        return Attachment(*row) if row else None

    def record(self, row: HistoryRow) -> None:
        """Add a row of history."""
        self._run("record", **columns_of(row))

    def mark(self, source_id: str) -> None:
        """Remember the last entry of a transaction that leaves no row of history."""
        self._run("mark", id=source_id)

    def is_applied(self, source_id: str) -> bool:
        """Whether this entry has its row, or is the one marked last (I4)."""
        return self._one("is_applied", id=source_id) is not None or self._one("marked") == (source_id,)

    def remember(self, source: Source, what: StoredResponse) -> None:
        """Keep what became of an entry that may be posted again."""
        self._run("remember", id=source.id, at=timestamp(source.at), asked=what.asked, told=what.told)

    def remembered(self, source_id: str) -> StoredResponse | None:
        """What became of such an entry; None: it never came."""
        row = self._one("remembered", id=source_id)
        return StoredResponse(*row) if row else None
