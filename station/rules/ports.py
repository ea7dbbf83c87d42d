"""Interfaces that the rules need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime

    from station.history import HistoryRow
    from station.questions import Mode, Question, Upcoming
    from station.rules.model import (
        Attachment,
        Booking,
        Count,
        Document,
        Item,
        Line,
        Location,
        Receipt,
        Session,
        StationState,
        Status,
        StockArea,
        Unit,
    )

Field = Literal["serial", "mfr_serial"]
"""The number by which a unit is looked up."""
DetailField = Literal["reason_code", "condition"]
"""What can be said about a unit, by codes of the office's lists (M7)."""


class Savepoint(Protocol):
    """A savepoint of the transaction."""

    def roll_back(self) -> None:
        """Undo all writes since the savepoint."""


class Repository(Protocol):
    """The station's documents, units and history, inside one transaction.

    Every method may raise `station.errors.DatabaseError`.
    """

    def savepoint(self) -> AbstractContextManager[Savepoint]:
        """Open a savepoint; the handle, or an exception, undoes the writes within it."""

    def state(self) -> StationState:
        """Return this station's state."""

    def set_mode(self, mode: Mode, range_first: str = "", range_item: str = "") -> None:
        """Set what the next serial number is for."""

    def set_operator(self, code: str | None, at: datetime | None = None) -> None:
        """Set who works at this station, and since when; None: nobody is signed on."""

    def set_upcoming(self, upcoming: Upcoming) -> None:
        """Set what was scanned for the next unit."""

    def signing_key(self) -> bytes:
        """Return the key that signs the codes of commands, the same for all stations (D11)."""

    def operator_name(self, code: str) -> str | None:
        """Return the operator's name; None: the badge is unknown."""

    def begin_session(self, document: str, at: datetime, operator: str | None) -> int:
        """Open the station's next session; return its number."""

    def end_session(self, number: int, at: datetime, why: str, receipt: int | None = None) -> None:
        """End a session; `receipt`: the one that its Save booked."""

    def put_question(self, question: Question) -> None:
        """Store the open question."""

    def drop_question(self) -> None:
        """Delete the answered question."""

    def location(self, code: str) -> Location | None:
        """Return a location; with an empty code, the default one."""

    def stock_area(self, code: str) -> StockArea | None:
        """Return a stock area by its code."""

    def document(self, number: str) -> Document | None:
        """Return a credit document by its exact number."""

    def lock_document(self, number: str) -> Document | None:
        """Return a document, locked against attaching, saving and cancelling until the transaction ends."""

    def documents_expecting(self, serial_number: str, item: str, limit: int) -> list[Document]:
        """Return the open documents that expect a unit by its serial number, at most `limit` (M8)."""

    def documents_of_customer(self, customer: str, item: str, limit: int) -> list[Document]:
        """Return a customer's open documents that still lack units of an item, at most `limit` (M8)."""

    def add_document(self, document: Document, prefix: str, number: int) -> None:
        """Store a new document, numbered with its prefix's `number` (M8)."""

    def set_status(self, number: str, status: Status) -> None:
        """Set a document's status, and that of its attachments."""

    def lines(self, document: str, item: str, *, locked: bool) -> list[Line]:
        """Return the document's lines of an item, by number, with what is credited.

        `locked`: no other station changes what is credited until the transaction ends.
        """

    def document_lines(self, document: str) -> list[Line]:
        """Return all lines of a document with what is credited, by number."""

    def add_line(self, document: str, item: str, *, negative: bool) -> Line:
        """Add a line for retrieval."""

    def drop_line_if_empty(self, document: str, line: int) -> None:
        """Delete a line that retrieval added if nothing is attached to it."""

    def follow_credited(self, document: str, line: int) -> None:
        """Raise what a line requests to what is credited, or lower it back to what was announced (R9)."""

    def expected(self, document: str, item: str) -> set[str]:
        """Return the serial numbers that a document expects of an item; none: it names none (R14)."""

    def units(  # noqa: PLR0913 - each narrows the search
        self,
        number: str,
        field: Field,
        *,
        fold: bool,
        gtin: str | None,
        limit: int,
        document: str | None = None,
        item: str | None = None,
    ) -> list[Unit]:
        """Return the units with a number, at most `limit`, by serial number and item.

        `gtin`, `item` and `document` (an open one) filter the units; `fold`: compare as `model.fold` does.
        """

    def item(self, code: str) -> Item | None:
        """Return an item by its exact code."""

    def item_of_gtin(self, gtin: str) -> Item | None:
        """Return an item by its GTIN of 14 digits."""

    def unit(self, serial_number: str, item: str) -> Unit | None:
        """Return a unit by its key, unless it is retired."""

    def units_between(self, item: str, first: str, last: str) -> Iterator[Unit]:
        """Yield an item's units, `first` to `last` in byte order, of the same length."""

    def booking(self, unit: Unit) -> Booking | None:
        """Return the Save that put a unit into its present area; None: something else did, or not known."""

    def last_number(self, prefix: str) -> int:
        """Return a prefix's last assigned number (M5), 0 at first.

        No other station assigns a number with it until the transaction ends.
        """

    def taken(self, first: str, last: str) -> set[str]:
        """Return the serial numbers in use, `first` to `last` in byte order, of the same length."""

    def add_generated(self, unit: Unit, prefix: str, number: int, history_id: str) -> None:
        """Store a new unit, numbered with its prefix's `number`; its row is in the same transaction."""

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

    def detach(self, attachment: Attachment) -> None:
        """Delete an attachment."""

    def attachment(self, document: str, unit: Unit) -> Attachment | None:
        """Return the unit's attachment on the document."""

    def last_attachment(self, document: str, session: int) -> Attachment | None:
        """Return the newest attachment of this session that still exists and is not booked yet (M4)."""

    def attachments_of_range(self, document: str, range_id: str) -> list[Attachment]:
        """Return what is left of a range on a document, the newest first (M2)."""

    def add_count(self, count: Count) -> None:
        """Count units onto a line (M6)."""

    def change_count(self, count: Count) -> None:
        """Change a count's quantity."""

    def drop_count(self, count: Count) -> None:
        """Delete a count."""

    def last_count(self, document: str, session: int) -> Count | None:
        """Return this session's newest count that still exists, unless a unit was attached since (M4)."""

    def newest_count(self, document: str, item: str) -> Count | None:
        """Return the document's newest count of an item, by any station; a booked one only if all are."""

    def detail_codes(self, field: DetailField) -> list[str]:
        """Return the codes of the office's list of reasons or conditions (M7)."""

    def describe(self, what: Attachment | Count) -> None:
        """Store the reason and the condition of a unit or a count."""

    def units_lacking(self, document: str, field: DetailField) -> list[str]:
        """Return the units that came back on a document, are not booked yet and have no such detail (M7)."""

    def counts_lacking(self, document: str, field: DetailField) -> list[tuple[int, str]]:
        """Return the counts without it: quantity and item."""

    def unanswered(self, session: Session, meanwhile: str, expired: str) -> list[str]:
        """Return what a session refused for want of an answer, and did not process later (D6).

        `meanwhile`: the reason of what was scanned while a question stood; `expired`: of what it was about.

        Returns:
            Serial numbers, or the texts that were scanned, in order.
        """

    def last_row(self) -> HistoryRow | None:
        """Return the station's newest row of history."""

    def record(self, row: HistoryRow) -> None:
        """Add a row of history."""

    def areas_needed(self, document: str) -> set[bool]:
        """Return which signs of lines have units that are not booked yet: True for negative lines."""

    def condition_areas(self, document: str) -> list[tuple[str, str]]:
        """Return the conditions of those units that name a stock area, each with the area's code (M7)."""

    def add_receipt(
        self, document: str, *, at: datetime, session: int, operator: str | None, final: bool
    ) -> Receipt:
        """Add the document's next receipt, with everything on it that is not booked yet."""

    def has_unbooked(self, document: str) -> bool:
        """Whether anything on the document belongs to no receipt yet."""

    def next_receipt(self, document: str) -> int:
        """Return the number of the document's next receipt."""

    def book(self, receipt: Receipt, area: str, *, negative: bool, by_condition: bool) -> int:
        """Move the receipt's units on lines of this sign to `area`; return how many changed area.

        `by_condition`: units whose condition names an area go there instead (M7).
        """

    def release(self, document: str, at: datetime, operator: str | None) -> int:
        """Take everything off the document (D4); return how many units that were."""

    def is_archived(self, document: str) -> bool:
        """Whether the document's units and history are in the archive."""

    def standing_receipts(self, document: str) -> list[int]:
        """Return the numbers of the document's receipts that nobody undid, in order."""

    def moved_on(self, document: str, receipt: int) -> list[str]:
        """Return the receipt's units that are no longer as it left them, or are on another document."""

    def reopen(self, document: str, receipt: int, at: datetime, operator: str | None) -> int:
        """Undo a receipt (D8): its units move back; return how many."""
