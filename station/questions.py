"""Questions that only the worker can answer (P1 to P4), as they are stored: they outlive a restart."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from station.source import Source  # noqa: TC001 - read at run time to decode stored questions


class QuestionKind(StrEnum):
    """Why the worker is asked."""

    ADD_ITEM = "add_item"
    """R7, R8: the item is not on the document."""
    OVER_QUANTITY = "over_quantity"
    """R9: the line is full."""
    CHOICE = "choice"
    """R3: several units bear the number."""
    RANGE_SIZE = "range_size"
    """M2: the range spans very many numbers."""


class Mode(StrEnum):
    """What the next serial number scanned is for; the empty one is to attach it (M1)."""

    ATTACH = ""
    DETACH = "detach"
    MFR_SERIAL = "mfg"
    RANGE_FIRST = "range_first"
    RANGE_LAST = "range_last"
    GENERATE = "generate"
    """The next scan is an item: a unit of it gets a serial number of ours (M5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One unit of a question: to choose from (R3), or the one it is about."""

    serial_number: str
    """Empty: the unit gets its number when the answer is Yes (M5)."""
    mfr_serial_number: str | None
    item: str
    description: str
    stock_area: str
    barred: str | None = None
    """Why it can't be picked; None: it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialRange:
    """Serial numbers of one item with one prefix, first to last (M2)."""

    item: str
    first: str
    last: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingSerials:
    """What of a label with several serial numbers waits until a question about one of them is answered."""

    serials: tuple[str, ...]
    gtin: str | None = None
    items: tuple[str, ...] = ()
    mode: Mode = Mode.ATTACH
    """What the label was scanned for."""
    several: bool = False
    """Whether the label bears more than one, those before these included."""
    number: str = ""
    """The one of several that is at hand; these come after it."""
    consents: tuple[tuple[str, bool], ...] = ()
    """Items that were asked about, each with the answer, which holds for all of the label's units of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question that stands until it is answered (P1 to P4); stored, so that it outlives a restart."""

    kind: QuestionKind
    text: str
    """The question as a worker reads it."""
    document: str
    source: Source
    """The scan that raised it."""
    mode: Mode
    candidates: tuple[Candidate, ...] = ()
    """The units to choose from; one unit when the question is about one."""
    range: SerialRange | None = None
    """Set when the question is about a range."""
    on_no_line: bool = False
    """The item was on no line at all, not even on a negative one."""
    rest: PendingSerials | None = None
    """Set when the question is about one of a label's several serial numbers: what waits behind it."""
