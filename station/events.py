"""What happened at the station: frozen values, named in the past tense, without behaviour.

The core returns them, the desk publishes them after the commit, others store, show, send.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - read at run time to decode stored questions
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from station.settings import (
        GenerateSettings,
        HouseFormat,
        LabelSettings,
        Preferences,
        StationSettings,
    )


class Action(StrEnum):
    """What became of one serial number; the words are fixed for integrators."""

    ASSIGNED = "Assigned"
    ADDED = "Added"
    NEGATIVE = "Negative"
    SKIPPED = "Skipped"
    DETACHED = "Detached"
    REFUSED = "Refused"


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


class Tone(StrEnum):
    """What the worker hears; also the keys of a scanner's ``reply``."""

    GOOD = "good"
    ATTENTION = "attention"
    REFUSED = "refused"
    QUESTION = "question"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One scan, typed number, touch or post: who said it, when, and its text."""

    id: str
    """UUIDv7; the key by which it is applied at most once (I4)."""
    at: datetime
    scanner: str
    text: str
    symbology_identifier: str | None = None
    """``]C1``, when the scanner sent it: the same text means another thing under another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
    """One row of a session's history: what became of one serial number."""

    id: str
    at: datetime
    station: str
    session: int | None
    document: str | None
    action: Action
    reason: str | None
    serial_number: str | None
    mfr_serial_number: str | None
    item: str | None
    description: str | None
    stock_area: str | None
    operator: str | None
    scanner: str
    text: str


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
class Rest:
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
    rest: Rest | None = None
    """Set when the question is about one of a label's several serial numbers: what waits behind it."""


@dataclass(frozen=True, slots=True)
class HistoryAdded:
    """A row of history is on disk."""

    row: HistoryRow


@dataclass(frozen=True, slots=True)
class QuestionRaised:
    """The worker is asked."""

    question: Question


@dataclass(frozen=True, slots=True)
class QuestionAnswered:
    """The question is gone."""

    question: Question
    answer: str
    """``yes``, ``no``, ``timeout``, or the serial number chosen."""


@dataclass(frozen=True, slots=True)
class SessionOpened:
    """The station works on a document now (D1)."""

    session: int
    document: str
    operator: str | None


@dataclass(frozen=True, slots=True)
class SessionClosed:
    """The station works on it no longer (D2)."""

    session: int
    document: str
    why: str
    """``closed``, ``saved``, ``replaced`` (another was opened), or the document's new status."""


@dataclass(frozen=True, slots=True)
class DocumentSaved:
    """The document is booked (D3)."""

    document: str
    moved: int
    """Units whose stock area changed."""


@dataclass(frozen=True, slots=True)
class DocumentCancelled:
    """The document is cancelled, its serial numbers are free (D4)."""

    document: str
    released: int


@dataclass(frozen=True, slots=True)
class ModeChanged:
    """What the next serial number is for."""

    mode: Mode


@dataclass(frozen=True, slots=True)
class SerialGenerated:
    """A unit that had no number of ours got one (M5), which its label shall bear; told behind its row."""

    row_id: str
    """Of the row of history: the key of all that is done about it."""
    document: str
    serial_number: str
    item: str
    description: str
    gtin: str | None
    """14 digits."""


@dataclass(frozen=True, slots=True)
class OperatorChanged:
    """Somebody else works here now (D5)."""

    operator: str
    name: str


@dataclass(frozen=True, slots=True)
class CommandRefused:
    """A command, document number or badge could not be followed; nothing changed."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class HistoryAsked:
    """The worker wants to see the history."""


@dataclass(frozen=True, slots=True)
class ScanRejected:
    """What a scanner sent was no whole, readable scan; nothing was looked up."""

    at: datetime
    scanner: str
    reason: str
    data: bytes
    """The beginning of what came, for the log."""


@dataclass(frozen=True, slots=True)
class LabelRead:
    """A good scan was worked off: what stood on its label, and how it was to be read."""

    source: Source
    settings: LabelSettings | None
    """But for the station's own formats; None: as what is typed or posted is read."""


@dataclass(frozen=True, slots=True)
class ScanFailed:
    """A good scan could not be booked; nothing of it is stored."""

    source: Source
    reason: str


class ScannerState(StrEnum):
    """How a scanner is."""

    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    FAILED = "failed"
    """An option is wrong: it won't come by itself."""
    FINISHED = "finished"
    """A recording is over."""


@dataclass(frozen=True, slots=True)
class ScannerChanged:
    """A scanner came, went or failed."""

    scanner: str
    state: ScannerState
    detail: str


@dataclass(frozen=True, slots=True)
class LabelNotPrinted:
    """A generated serial number's label did not come out of the printer."""

    text: str
    """The whole sentence: which, why, what to do."""


@dataclass(frozen=True, slots=True)
class PublisherChanged:
    """A receiver of history takes it again, or doesn't."""

    publisher: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class DatabaseChanged:
    """The database went away or came back."""

    ok: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconfigured:
    """From here on the station works by other settings: what came before was treated by those before."""

    station: StationSettings
    preferences: Preferences
    generate: GenerateSettings
    house_format: tuple[HouseFormat, ...]
    scanners: tuple[str, ...]
    """The names of all that are configured."""


DomainEvent = (
    HistoryAdded
    | QuestionRaised
    | QuestionAnswered
    | SessionOpened
    | SessionClosed
    | DocumentSaved
    | DocumentCancelled
    | ModeChanged
    | SerialGenerated
    | OperatorChanged
    | CommandRefused
    | HistoryAsked
)
"""What the core returns."""

Event = (
    DomainEvent
    | LabelRead
    | ScanRejected
    | ScanFailed
    | ScannerChanged
    | LabelNotPrinted
    | PublisherChanged
    | DatabaseChanged
    | Reconfigured
)
