"""The domain's values, independent of storage: documents, lines, stock areas, units."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from station.questions import Upcoming

if TYPE_CHECKING:
    from datetime import date, datetime

    from station.questions import Mode, Question


class Tracking(StrEnum):
    """Whether and how an item's units have serial numbers."""

    SERIALIZED = "serialized"
    AUTO_SERIALIZED = "auto_serialized"
    NONE = "none"


class AreaType(StrEnum):
    """Whose the units in a stock area are."""

    STOCK = "stock"
    OUT = "out"


class Status(StrEnum):
    """A credit document's status."""

    OPEN = "open"
    BACKORDER = "backorder"
    """A part is booked, the rest comes later (D7)."""
    SAVED = "saved"
    CANCELLED = "cancelled"


OPEN = (Status.OPEN, Status.BACKORDER)
"""Of documents that units can still come onto (R11)."""


class DocumentKind(StrEnum):
    """Whether a return is expected or booked."""

    CREDIT_ORDER = "credit_order"
    CREDIT_MEMO = "credit_memo"


@dataclass(frozen=True, slots=True)
class Document:
    """A credit order or credit memo."""

    number: str
    kind: DocumentKind
    customer: str
    location: str
    status: Status
    reference: str = ""
    """Number of an invoice, return or shipment."""
    unannounced: bool = False
    """It was made at the dock (M8)."""

    @property
    def is_open(self) -> bool:
        """Whether units can still come onto it (R11)."""
        return self.status in OPEN


@dataclass(frozen=True, slots=True)
class Line:
    """A line item of a document."""

    document: str
    number: int
    item: str
    requested: int
    """What the office announced and retrieval raised; 0 on a line that retrieval added."""
    negative: bool
    """The line has units that the customer takes away."""
    added: bool
    """Retrieval added the line, so it is deleted with its last unit."""
    credited: int
    """Attached units, those of a negative line as -1 each, and what was counted."""
    raised: int = 0
    """By how much retrieval raised `requested` (R9)."""

    @property
    def announced(self) -> int:
        """The quantity that the office announced."""
        return self.requested - self.raised


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of an item, with everything that the rules need to know."""

    serial_number: str
    """Empty: the unit is numbered when it is attached (M5)."""
    mfr_serial_number: str | None
    item: str
    description: str
    tracking: Tracking
    area: str
    area_type: AreaType
    area_location: str
    attached_to: str | None
    """The open document it is attached to, unless it is booked there already (D7)."""
    customer: str = ""
    """Whom it was sold to; empty: not known (R12)."""
    returnable_until: date | None = None
    """The last day on which it may come back; None: not known (R13)."""


@dataclass(frozen=True, slots=True)
class Item:
    """A product."""

    code: str
    description: str
    gtin: str | None
    tracking: Tracking


@dataclass(frozen=True, slots=True)
class LabelQuery:
    """A label's contents: serial numbers, mostly one, and their item."""

    serials: tuple[str, ...]
    gtin: str | None = None
    """Only units of the item with this GTIN count (R2)."""
    items: tuple[str, ...] = ()
    """Only units of an item with one of these codes count."""
    sscc: str | None = None
    """The logistic unit, if the label names that instead of a unit."""
    unread: str | None = None
    """Why the label names none of the above."""


@dataclass(frozen=True, slots=True)
class StockArea:
    """A stock area, into which units are booked."""

    code: str
    type: AreaType
    location: str


@dataclass(frozen=True, slots=True)
class Location:
    """A site, with the areas that saving books into (empty: the default location's)."""

    code: str
    returned_area: str
    sold_area: str
    credit_order_area: str


@dataclass(frozen=True, slots=True)
class Session:
    """One station working on one open document."""

    number: int
    document: Document
    must_end: str | None = None
    """Why the office ended the work on it, as in `events.SessionClosed`; None: it didn't."""


@dataclass(frozen=True, slots=True)
class StationState:
    """A station's state: everything that must survive a restart."""

    operator: str | None
    mode: Mode
    range_first: str
    """The range's first serial number, while `mode` waits for the last; otherwise empty."""
    session: Session | None
    question: Question | None
    range_item: str = ""
    """The item of `range_first`, if that is unambiguous."""
    upcoming: Upcoming = field(default_factory=Upcoming)
    operator_at: datetime | None = None
    """When the operator was last at work here; kept only if the operator's time is limited (D5)."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """One serial number on one line of one document."""

    document: str
    line: int
    serial_number: str
    item: str
    receipt: int | None = None
    """The receipt that booked it (D7)."""
    reason_code: str | None = None
    condition: str | None = None
    range_id: str | None = None
    """The entry that retrieved it as one of a range (M2)."""


@dataclass(frozen=True, slots=True)
class Booking:
    """The Save that put a unit where it is now."""

    document: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one Save books (D3, D7)."""

    document: str
    number: int
    """Counts the Saves of the document, from 1."""
    at: datetime
    session: int
    operator: str | None


@dataclass(frozen=True, slots=True)
class Count:
    """What was counted onto one line of one document (M6)."""

    document: str
    line: int
    item: str
    history_id: str
    """Its first row of history."""
    quantity: int
    stated: bool
    """Whether the quantity was scanned."""
    receipt: int | None = None
    """The receipt that booked it (D7)."""
    reason_code: str | None = None
    condition: str | None = None


_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def fold(number: str) -> str:
    """Fold the case of a number's ASCII letters (R2).

    Other alphabets are folded differently by different databases and locales.
    """
    return number.translate(_LOWER)
