"""Documents, lines, stock areas, units: values of the domain, free of storage."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from station.questions import Mode, Question


class Tracking(StrEnum):
    """How an item's units are told apart."""

    SERIALIZED = "serialized"
    AUTO_SERIALIZED = "auto_serialized"
    NONE = "none"


class AreaType(StrEnum):
    """Whose the units in a stock area are."""

    STOCK = "stock"
    OUT = "out"


class Status(StrEnum):
    """Where a credit document is in its life."""

    OPEN = "open"
    SAVED = "saved"
    CANCELLED = "cancelled"


class DocumentKind(StrEnum):
    """Return expected, or return booked."""

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


@dataclass(frozen=True, slots=True)
class Line:
    """A line item of a document."""

    document: str
    number: int
    item: str
    requested: int
    """Quantity the office announced; 0 on a line that retrieval added."""
    negative: bool
    """Holds units that the customer takes away."""
    added: bool
    """Retrieval added it, so it goes with its last unit."""
    credited: int
    """Units attached, negative ones counted -1."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of an item, by its serial number, with what the rules ask of it."""

    serial_number: str
    """Empty: it gets its number when it is attached (M5)."""
    mfr_serial_number: str | None
    item: str
    description: str
    tracking: Tracking
    area: str
    area_type: AreaType
    area_location: str
    attached_to: str | None
    """The open document it is attached to."""


@dataclass(frozen=True, slots=True)
class Item:
    """A product."""

    code: str
    description: str
    gtin: str | None
    tracking: Tracking


@dataclass(frozen=True, slots=True)
class LabelQuery:
    """What a label says: serial numbers, mostly one, and whose they are."""

    serials: tuple[str, ...]
    gtin: str | None = None
    """Only units of the item with this GTIN count (R2)."""
    items: tuple[str, ...] = ()
    """Only units of an item with one of these codes count."""
    sscc: str | None = None
    """The logistic unit, when the label names that and no unit."""
    unread: str | None = None
    """Why the label names none of these."""


@dataclass(frozen=True, slots=True)
class StockArea:
    """Where units are booked."""

    code: str
    type: AreaType
    location: str


@dataclass(frozen=True, slots=True)
class Location:
    """A site, with the areas a save books into (empty: the default location's)."""

    code: str
    returned_area: str
    sold_area: str
    credit_order_area: str


@dataclass(frozen=True, slots=True)
class Session:
    """One station working on one open document."""

    number: int
    document: Document


@dataclass(frozen=True, slots=True)
class StationState:
    """How a station stands: all that must outlive a restart."""

    operator: str | None
    mode: Mode
    range_first: str
    """The range's first serial number, while `mode` waits for the last; else empty."""
    session: Session | None
    question: Question | None
    range_item: str = ""
    """The item of `range_first`, where that alone tells it."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """One serial number on one line of one document."""

    document: str
    line: int
    serial_number: str
    item: str


_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def fold(number: str) -> str:
    """A number without the difference of upper and lower case, in ASCII letters only (R2).

    Other alphabets fold differently from one database and language to the next.
    """
    return number.translate(_LOWER)
