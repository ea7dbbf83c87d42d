"""What happened at the station: frozen values, named in the past tense, without behaviour.

The core returns them, the desk publishes them after the commit, others store, show, send.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - read at run time to decode stored questions
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.config.settings import LabelSettings, RuleSettings
    from station.history import HistoryRow
    from station.questions import Mode, Question
    from station.source import Source


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

    settings: RuleSettings
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
        """Hand `event` to all; one that fails keeps it from nobody else."""
        for subscriber in self._subscribers:
            try:
                subscriber(event)
            except Exception:
                log.exception("subscriber_failed", subscriber=repr(subscriber), told=repr(event))
