"""Events at the station: frozen values, named in the past tense, without behaviour.

The core returns them, the desk publishes them after the commit, and others store, show or send them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from station.config.settings import LabelSettings, RuleSettings
    from station.history import HistoryRow
    from station.questions import Mode, Question, Upcoming
    from station.source import Source


@dataclass(frozen=True, slots=True)
class HistoryAdded:
    """A row of history is on disk."""

    row: HistoryRow
    too_many: int = 0
    """How many more of the item are on the document than requested (R9)."""


@dataclass(frozen=True, slots=True)
class QuestionRaised:
    """The worker must answer a question."""

    question: Question


@dataclass(frozen=True, slots=True)
class QuestionAnswered:
    """The question is closed."""

    question: Question
    answer: str
    """``yes``, ``no``, ``later`` (D6), ``timeout``, or the serial number chosen."""


@dataclass(frozen=True, slots=True)
class SessionOpened:
    """The station now works on a document (D1)."""

    session: int
    document: str
    operator: str | None


@dataclass(frozen=True, slots=True)
class SessionClosed:
    """The station no longer works on the document (D2)."""

    session: int
    document: str
    why: str
    """``closed``, ``saved``, ``later`` (a part is booked), ``replaced`` (another was opened), ``changed`` (by
    the office, D9), or the document's new status."""


@dataclass(frozen=True, slots=True)
class RangeRetrieved:
    """A range was retrieved (M2); follows its rows."""

    text: str
    """What came of it, in a sentence."""
    is_whole: bool
    """Whether every number of it was taken."""


@dataclass(frozen=True, slots=True)
class UpcomingChanged:
    """Something was scanned for the next unit, or no longer holds (M6, M7)."""

    upcoming: Upcoming


@dataclass(frozen=True, slots=True)
class UnitDescribed:
    """The unit scanned last got a reason or a condition (M7)."""

    document: str
    serial_number: str | None
    """None: it was counted."""
    item: str
    reason_code: str | None
    condition: str | None


@dataclass(frozen=True, slots=True)
class QuantityNotUsed:
    """A quantity was scanned for a unit, which counts as one by its serial number (M6)."""

    quantity: int
    serial_number: str


@dataclass(frozen=True, slots=True)
class DocumentSaved:
    """The document, or a part of it, is booked (D3, D7)."""

    document: str
    moved: int
    """Units whose stock area changed."""
    receipt: int
    later: bool = False
    """The rest comes later: the document is a backorder."""


@dataclass(frozen=True, slots=True)
class DocumentReopened:
    """The office undid a Save (D8)."""

    document: str
    receipt: int
    moved: int
    """Units that moved back."""


@dataclass(frozen=True, slots=True)
class DocumentCancelled:
    """The document is cancelled, its serial numbers are free (D4)."""

    document: str
    released: int


@dataclass(frozen=True, slots=True)
class ModeChanged:
    """The next serial number is used for something else."""

    mode: Mode


@dataclass(frozen=True, slots=True)
class SerialGenerated:
    """A unit without one of our serial numbers got one (M5), to be printed on its label; follows its row."""

    row_id: str
    """The id of the row of history, which is also the key of the label's print job."""
    document: str
    serial_number: str
    item: str
    description: str
    gtin: str | None
    """14 digits."""


@dataclass(frozen=True, slots=True)
class OperatorChanged:
    """Another operator works here now (D5)."""

    operator: str
    name: str


@dataclass(frozen=True, slots=True)
class OperatorSignedOff:
    """Nobody is signed on here any more (D5)."""

    operator: str
    why: str
    """``signoff``, ``timeout`` or ``document``."""


@dataclass(frozen=True, slots=True)
class CommandRefused:
    """A command, document number or badge was refused; nothing changed."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class HistoryAsked:
    """The worker wants to see the history."""


@dataclass(frozen=True, slots=True)
class ScanRejected:
    """A scanner sent an incomplete or unreadable scan; nothing was looked up."""

    at: datetime
    scanner: str
    reason: str
    data: bytes
    """The beginning of the data, for the log."""


@dataclass(frozen=True, slots=True)
class LabelRead:
    """A good scan was processed: the text of its label, and the settings to read it with."""

    source: Source
    settings: LabelSettings | None
    """Without the station's own formats; None: the settings for typed and posted text."""


@dataclass(frozen=True, slots=True)
class ScanFailed:
    """A good scan could not be booked; nothing was stored."""

    source: Source
    reason: str


class ScannerState(StrEnum):
    """The state of a scanner."""

    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    FAILED = "failed"
    """An option is wrong: it won't connect by itself."""
    FINISHED = "finished"
    """A recording is over."""


@dataclass(frozen=True, slots=True)
class ScannerChanged:
    """A scanner connected, disconnected or failed."""

    scanner: str
    state: ScannerState
    detail: str


@dataclass(frozen=True, slots=True)
class LabelNotPrinted:
    """The label of a generated serial number was not printed."""

    text: str
    """The whole sentence: which, why, what to do."""


@dataclass(frozen=True, slots=True)
class PublisherChanged:
    """A receiver of history accepts it again, or no longer does."""

    publisher: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class DatabaseChanged:
    """The database became unavailable or available again."""

    ok: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconfigured:
    """The station uses new settings from here on; earlier entries were processed with the old ones."""

    settings: RuleSettings
    scanners: tuple[str, ...]
    """The names of all configured scanners."""


DomainEvent = (
    HistoryAdded
    | QuestionRaised
    | QuestionAnswered
    | SessionOpened
    | SessionClosed
    | RangeRetrieved
    | UpcomingChanged
    | UnitDescribed
    | QuantityNotUsed
    | DocumentSaved
    | DocumentReopened
    | DocumentCancelled
    | ModeChanged
    | SerialGenerated
    | OperatorChanged
    | OperatorSignedOff
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


E = TypeVar("E")

log = structlog.get_logger()


class Bus(Generic[E]):
    """Hands each event to every subscriber, in order, in the publisher's thread.

    Subscribers must not wait: the desk publishes between two scans.
    """

    def __init__(self) -> None:
        self._subscribers: tuple[Callable[[E], None], ...] = ()

    def subscribe(self, subscriber: Callable[[E], None]) -> None:
        """Call `subscriber` with each event from now on."""
        self._subscribers = (*self._subscribers, subscriber)

    def publish(self, event: E) -> None:
        """Hand `event` to every subscriber, even if one fails."""
        for subscriber in self._subscribers:
            try:
                subscriber(event)
            except Exception:
                log.exception("subscriber_failed", subscriber=repr(subscriber), published=repr(event))
