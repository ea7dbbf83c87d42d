"""What each Save of a document booked, and undoing it (D7, D8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import (
    Integer,
    and_,
    exists,
    false,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    tuple_,
    union_all,
    update,
)

from station.errors import DatabaseError
from station.repository.scan_path.booking import UNIT_IS_ATTACHED, SqlBooking, insert_moves
from station.repository.statement import P, Statement, held, parameters
from station.repository.tables import (
    archived_documents,
    attachments,
    counts,
    history,
    moves,
    receipts,
    serial_numbers,
)
from station.rules.model import Receipt
from station.source import timestamp

if TYPE_CHECKING:
    from datetime import datetime

_ITS_DOCUMENT = receipts.c.document == P("document")
_ITS_UNITS = and_(attachments.c.document == P("document"), attachments.c.receipt == P("receipt"))
_NEXT = select(func.coalesce(func.max(receipts.c.number), 0) + 1).where(_ITS_DOCUMENT)
_booked = moves.alias("booked")
_IS_BOOKED = and_(
    _booked.c.document == P("document"),
    _booked.c.event == "Booked",
    # Moves of the first Save have no number if an earlier version recorded them.
    func.coalesce(_booked.c.receipt, 1) == P("receipt"),
)
_other = attachments.alias("other")
_its_receipt = receipts.alias("its_receipt")
_again = moves.alias("again")


class SqlReceipts(SqlBooking):
    """The receipts of documents."""

    _next_receipt = Statement(_NEXT)

    def next_receipt(self, document: str) -> int:
        """Return the number of the document's next receipt."""
        row = self._one(self._next_receipt, document=document)
        if row is None:
            raise DatabaseError("the database gave no receipt number")
        return int(row[0])

    _unbooked = Statement(
        union_all(
            *(
                select(table.c.document).where(table.c.document == P("document"), table.c.receipt.is_(None))
                for table in (attachments, counts)
            )
        ).limit(1)
    )

    def has_unbooked(self, document: str) -> bool:
        """Whether anything on the document belongs to no receipt yet."""
        return self._one(self._unbooked, document=document) is not None

    _add_receipt = Statement(insert(receipts).values(parameters(receipts, reopened_at=null())))
    _book_units = Statement(
        update(attachments)
        .where(attachments.c.document == P("document"), attachments.c.receipt.is_(None))
        .values(receipt=P("number"))
    )
    _book_counts = Statement(
        update(counts)
        .where(counts.c.document == P("document"), counts.c.receipt.is_(None))
        .values(receipt=P("number"))
    )

    def add_receipt(
        self, document: str, *, at: datetime, session: int, operator: str | None, final: bool
    ) -> Receipt:
        """Add the document's next receipt, with everything on it that is not booked yet."""
        receipt = Receipt(document, self.next_receipt(document), at, session, operator)
        self._run(
            self._add_receipt,
            document=document,
            number=receipt.number,
            at=timestamp(at),
            session=session,
            operator=operator,
            final=final,
        )
        for statement in (self._book_units, self._book_counts):
            self._run(statement, document=document, number=receipt.number)
        return receipt

    _is_archived = Statement(
        select(archived_documents.c.month).where(archived_documents.c.document == P("document"))
    )

    def is_archived(self, document: str) -> bool:
        """Whether the document's units and history are in the archive."""
        return self._one(self._is_archived, document=document) is not None

    _standing = Statement(
        select(receipts.c.number)
        .where(_ITS_DOCUMENT, receipts.c.reopened_at.is_(None))
        .order_by(receipts.c.number)
    )

    def standing_receipts(self, document: str) -> list[int]:
        """Return the numbers of the document's receipts that nobody undid, in order."""
        return [row[0] for row in self._rows(self._standing, document=document)]

    _lock_units = Statement(
        select(serial_numbers.c.serial_number)
        .where(
            tuple_(serial_numbers.c.serial_number, serial_numbers.c.item).in_(
                select(attachments.c.serial_number, attachments.c.item).where(_ITS_UNITS)
            )
        )
        .order_by(serial_numbers.c.serial_number, serial_numbers.c.item)
        .with_for_update()
    )
    _is_held = (
        exists()
        .where(
            _other.c.serial_number == attachments.c.serial_number,
            _other.c.item == attachments.c.item,
            _other.c.document != attachments.c.document,
            held(_other),
        )
        .correlate(attachments)
    )
    # Another document may have booked it since, into the same area.
    _is_booked_again = (
        exists()
        .where(
            _again.c.serial_number == attachments.c.serial_number,
            _again.c.item == attachments.c.item,
            _again.c.document != attachments.c.document,
            _again.c.event == "Booked",
            _again.c.at >= _its_receipt.c.at,
            ~exists()
            .where(
                receipts.c.document == _again.c.document,
                receipts.c.number == func.coalesce(_again.c.receipt, 1),
                receipts.c.reopened_at.is_not(None),
            )
            .correlate(_again),
        )
        .correlate(attachments, _its_receipt)
    )
    _moved_on = Statement(
        select(attachments.c.serial_number)
        .join(
            _its_receipt,
            and_(
                _its_receipt.c.document == attachments.c.document,
                _its_receipt.c.number == attachments.c.receipt,
            ),
        )
        .join(history, history.c.id == attachments.c.history_id)
        .outerjoin(serial_numbers, UNIT_IS_ATTACHED)
        .outerjoin(
            _booked,
            and_(
                _IS_BOOKED,
                _booked.c.serial_number == attachments.c.serial_number,
                _booked.c.item == attachments.c.item,
            ),
        )
        .where(
            _ITS_UNITS,
            or_(
                # One that is gone by this name was corrected to another item.
                serial_numbers.c.retired.is_distinct_from(false()),
                # The Save left a unit without a move where the scan found it.
                serial_numbers.c.stock_area.is_distinct_from(
                    func.coalesce(_booked.c.to_area, history.c.stock_area)
                ),
                _is_held,
                _is_booked_again,
            ),
        )
        .order_by(attachments.c.serial_number)
    )

    def moved_on(self, document: str, receipt: int) -> list[str]:
        """Return the receipt's units that are no longer as it left them, or are on another document."""
        self._rows(self._lock_units, document=document, receipt=receipt)
        return [row[0] for row in self._rows(self._moved_on, document=document, receipt=receipt)]

    _record_reopening = Statement(
        insert_moves(
            _IS_BOOKED,
            event=literal("Reopened"),
            serial_number=_booked.c.serial_number,
            item=_booked.c.item,
            from_area=_booked.c.to_area,
            to_area=_booked.c.from_area,
            receipt=P("receipt", type_=Integer),
        )
    )
    _free_units = Statement(update(attachments).where(_ITS_UNITS).values(receipt=null()))
    _free_counts = Statement(
        update(counts)
        .where(counts.c.document == P("document"), counts.c.receipt == P("receipt"))
        .values(receipt=null())
    )
    _end_receipt = Statement(
        update(receipts).where(_ITS_DOCUMENT, receipts.c.number == P("receipt")).values(reopened_at=P("at"))
    )

    def reopen(self, document: str, receipt: int, at: datetime, operator: str | None) -> int:
        """Undo a receipt (D8): its units move back; return how many."""
        moved = self._run(
            self._record_reopening, document=document, receipt=receipt, at=timestamp(at), operator=operator
        )
        self._follow_moves(document, receipt, "Reopened")
        for statement in (self._free_units, self._free_counts):
            self._run(statement, document=document, receipt=receipt)
        self._run(self._end_receipt, document=document, receipt=receipt, at=timestamp(at))
        return moved
