"""What the rules need of the world."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from station.history import HistoryRow
    from station.questions import Mode, Question
    from station.rules.model import (
        Attachment,
        Document,
        Item,
        Line,
        Location,
        StationState,
        Status,
        StockArea,
        Unit,
    )

Field = Literal["serial", "mfr_serial"]
"""By which of its numbers a unit is looked up."""


class Savepoint(Protocol):
    """A place in the transaction to go back to."""

    def roll_back(self) -> None:
        """Undo all that was written since."""


class Repository(Protocol):
    """The station's documents, units and history, inside one transaction.

    Every method may raise `station.errors.DatabaseError`.
    """

    def savepoint(self) -> AbstractContextManager[Savepoint]:
        """Within it, what was written can be undone; an exception undoes it too."""

    def state(self) -> StationState:
        """How this station stands."""

    def set_mode(self, mode: Mode, range_first: str = "", range_item: str = "") -> None:
        """What the next serial number is for."""

    def set_operator(self, code: str) -> None:
        """Who works here."""

    def operator_name(self, code: str) -> str | None:
        """The operator's name; None: nobody has this badge."""

    def begin_session(self, document: str, at: datetime, operator: str | None) -> int:
        """Open the station's next session; returns its number."""

    def end_session(self, number: int, at: datetime, why: str) -> None:
        """End it."""

    def put_question(self, question: Question) -> None:
        """The question that stands from now on."""

    def drop_question(self) -> None:
        """It is answered."""

    def location(self, code: str) -> Location | None:
        """A location; with an empty code the default one."""

    def stock_area(self, code: str) -> StockArea | None:
        """A stock area."""

    def document(self, number: str) -> Document | None:
        """A credit document, by its exact number."""

    def lock_document(self, number: str) -> Document | None:
        """The same, and nobody else attaches, saves or cancels until the transaction ends."""

    def set_status(self, number: str, status: Status) -> None:
        """Its attachments follow."""

    def lines(self, document: str, item: str, *, counted: bool) -> list[Line]:
        """The document's lines of an item, by number; locked against other stations when `counted`.

        `credited` is 0 throughout unless `counted`: counting costs time, and most scans need none.
        """

    def add_line(self, document: str, item: str, *, negative: bool) -> Line:
        """A line that retrieval adds."""

    def drop_line_if_empty(self, document: str, line: int) -> None:
        """Take a line that retrieval added off again, when nothing is attached to it."""

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
        """Units that bear a number, at most `limit`, by serial number and item.

        Only those of the item with `gtin`, of the item `item`, and on the open document `document`, where
        these are given; `fold`: as `model.fold` sees them.
        """

    def item(self, code: str) -> Item | None:
        """An item by its exact code."""

    def item_of_gtin(self, gtin: str) -> Item | None:
        """An item by its GTIN of 14 digits."""

    def unit(self, serial_number: str, item: str) -> Unit | None:
        """One unit by its key."""

    def units_between(self, item: str, first: str, last: str) -> Iterator[Unit]:
        """Units of an item, `first` to `last` in byte order, of the same length."""

    def last_number(self, prefix: str) -> int:
        """The last number that was given with a prefix (M5), 0 at first.

        No other station gives one with it until the transaction ends.
        """

    def taken(self, first: str, last: str) -> set[str]:
        """Serial numbers that units bear, `first` to `last` in byte order, of the same length."""

    def add_generated(self, unit: Unit, prefix: str, number: int, history_id: str) -> None:
        """Store a new unit, which got its prefix's `number`; the row of history is of the transaction too."""

    def attach(self, unit: Unit, document: str, line: int, history_id: str) -> bool:
        """Attach; False when another station was faster (I1)."""

    def detach(self, attachment: Attachment) -> None:
        """Take off."""

    def attachment(self, document: str, unit: Unit) -> Attachment | None:
        """Where on the document the unit is."""

    def last_attachment(self, document: str, session: int) -> Attachment | None:
        """The newest attachment that this session made and that still stands (M4)."""

    def record(self, row: HistoryRow) -> None:
        """Add a row of history."""

    def book(
        self, document: str, area: str, *, negative: Sequence[bool], at: datetime, operator: str | None
    ) -> int:
        """Move the document's units on lines with these signs to `area`; returns how many changed area."""

    def areas_needed(self, document: str) -> set[bool]:
        """Which signs of lines have units attached: True for negative ones."""

    def release(self, document: str, at: datetime, operator: str | None) -> int:
        """Take everything off the document; returns how many."""
