"""Questions that only the worker can answer (P1 to P4), as they are stored: they survive a restart."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

import msgspec

from station.source import Source  # noqa: TC001 - read at run time to decode stored questions


class QuestionKind(StrEnum):
    """Why the station asks the worker."""

    ADD_ITEM = "add_item"
    """R7, R8: the item is not on the document."""
    OVER_QUANTITY = "over_quantity"
    """R9: the line is full."""
    CHOICE = "choice"
    """R3: several units have the number."""
    RANGE_SIZE = "range_size"
    """M2: the range is very large."""
    NEGATIVE = "negative"
    """R8: the unit is ours already."""
    OTHER_CUSTOMER = "other_customer"
    """R12: the unit was sold to another customer."""
    LATE_RETURN = "late_return"
    """R13: the time to return it is over."""
    UNEXPECTED = "unexpected"
    """R14: the document expects other units of the item."""
    QUANTITY = "quantity"
    """M6: more of the item that was counted last; its quantity was scanned twice, or its line is full."""
    DOCUMENT = "document"
    """M8: several documents may be meant; `documents` lists them."""
    INCOMPLETE = "incomplete"
    """D6: the document to save is not complete; the answer may also be LATER."""
    SWITCH_DOCUMENT = "switch_document"
    """D11: the open document is not complete, and another one was scanned."""


class Mode(StrEnum):
    """What happens to the next serial number scanned; empty: it is attached (M1)."""

    ATTACH = ""
    DETACH = "detach"
    MFR_SERIAL = "mfg"
    RANGE_FIRST = "range_first"
    RANGE_LAST = "range_last"
    GENERATE = "generate"
    """The next scan is an item: a unit of that item gets one of our serial numbers (M5)."""
    NEW = "new"
    """The next unit's customer gets a new credit memo (M8)."""


@dataclass(frozen=True, slots=True)
class Upcoming:
    """What was scanned for the next unit (M6, M7)."""

    quantity: int | None = None
    reason_code: str | None = None
    condition: str | None = None


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """One unit in a question: one to choose from (R3), or the one the question is about."""

    serial_number: str
    """Empty: the unit gets its number if the answer is Yes (M5)."""
    mfr_serial_number: str | None
    item: str
    description: str
    stock_area: str
    blocked_reason: str | None = msgspec.field(default=None, name="barred")
    """Why it can't be chosen; None: it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialRange:
    """Serial numbers of one item with one prefix, first to last (M2)."""

    item: str
    first: str
    last: str


class Answered(NamedTuple):
    """An answer that also applies to the label's other units of the item."""

    item: str
    is_yes: bool
    kinds: tuple[QuestionKind, ...] = (QuestionKind.ADD_ITEM, QuestionKind.OVER_QUANTITY)
    """What the question named; earlier versions knew only these two, and stored none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingSerials:
    """The serial numbers of a label that wait until a question about one of them is answered."""

    serials: tuple[str, ...]
    gtin: str | None = None
    items: tuple[str, ...] = ()
    mode: Mode = Mode.ATTACH
    """The mode in which the label was scanned."""
    several: bool = False
    """Whether the label has more than one, including those already processed."""
    number: str = ""
    """The one being processed; `serials` follow it."""
    consents: tuple[Answered, ...] = ()
    """The answers so far."""
    details: Upcoming = field(default_factory=Upcoming)
    """What was scanned for the label's units (M7)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question that stays open until it is answered (P1 to P4); stored, so that it survives a restart."""

    kind: QuestionKind
    text: str
    """The question as a worker reads it."""
    document: str
    source: Source
    """The scan that raised it."""
    mode: Mode
    candidates: tuple[Candidate, ...] = ()
    """The units to choose from, or the one unit the question is about."""
    range: SerialRange | None = None
    """Set when the question is about a range."""
    on_no_line: bool = False
    """The item was not on any line, not even a negative one."""
    also: tuple[QuestionKind, ...] = ()
    """What else the question asks about the unit, besides `kind`: one Yes is consent to all."""
    documents: tuple[str, ...] = ()
    """The documents to choose from (M8), or the one to open (D11)."""
    quantity: int | None = None
    """The quantity to count; None: the question is not about a count (M6)."""
    rest: PendingSerials | None = None
    """Set when the question is about one of a label's several serial numbers: those that wait."""

    @property
    def kinds(self) -> tuple[QuestionKind, ...]:
        """Everything that the question asks about."""
        return (self.kind, *self.also)

    @property
    def is_of_document(self) -> bool:
        """Whether it is about the document, not about units: a No refuses none and gives no row."""
        return self.kind in {QuestionKind.INCOMPLETE, QuestionKind.SWITCH_DOCUMENT}
