"""What may be put on the station's one queue, and what comes back.

A pulled trigger, a typed number, a touch, a post and a replayed recording all enter here, as an entry; there
is no second way to attach.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from station.events import (
    CommandRefused,
    DocumentCancelled,
    DocumentSaved,
    Event,
    HistoryAdded,
    LabelNotPrinted,
    ModeChanged,
    OperatorChanged,
    PublisherChanged,
    QuestionRaised,
    Reconfigured,
    ScanFailed,
    ScannerChanged,
    ScanRejected,
    SessionOpened,
)
from station.outcomes import OUTCOMES, REJECTED, Tone
from station.questions import Mode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from station.config.settings import LabelSettings
    from station.source import Source


TEXT_CHARACTERS = 4096
"""Of a text that is typed or posted, at most: more than any label holds."""


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """Has an entry count once, however often it is posted: its source's id is the key (I4)."""

    asked: str
    """A digest of what was posted: something else under the same key is a mistake of who posts it."""
    tell: Callable[[Outcome], str]
    """What became of it, as a text that is kept with it."""


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """What became of an entry when it came first."""

    asked: str
    told: str


@dataclass(frozen=True, slots=True)
class Scanned:
    """A label was read, or its text typed."""

    source: Source
    settings: LabelSettings | None = None
    """How labels of its scanner are read, but for the station's own formats; None: it is of no scanner."""
    once: IdempotencyKey | None = None


@dataclass(frozen=True, slots=True)
class Commanded:
    """A command was given by touch, key, post or command line: ``source.text`` is the command.

    The same words as on a command barcode but without the prefix (``yes``, ``open CM-1001``), and those
    that only the office may give (``cancel-document CM-1001``).
    """

    source: Source
    once: IdempotencyKey | None = None


@dataclass(frozen=True, slots=True)
class Expired:
    """The question's time is up (P4); only the desk's own clock says so."""

    source: Source


Notice = ScanRejected | ScannerChanged | LabelNotPrinted | PublisherChanged | Reconfigured
"""What is only told, in its place among the scans: nothing is stored of it."""

Entry = Scanned | Commanded | Expired | Notice


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one entry, told after the commit."""

    events: tuple[Event, ...]
    before: StoredResponse | None = None
    """Set when it came before: then nothing happened now."""

    @property
    def tone(self) -> Tone:
        """What the worker should hear: the most urgent of all that happened."""
        return most_urgent(tone_of(event) for event in self.events)


def most_urgent(tones: Iterable[Tone]) -> Tone:
    """Which of several is to be heard."""
    given = set(tones)
    return next((tone for tone in Tone if tone in given), Tone.NONE)


_TONES_OF = {
    QuestionRaised: Tone.QUESTION,
    ScanRejected: OUTCOMES[REJECTED].tone,
    ScanFailed: Tone.REFUSED,
    CommandRefused: Tone.REFUSED,
    LabelNotPrinted: Tone.ATTENTION,
    DocumentCancelled: Tone.ATTENTION,
    SessionOpened: Tone.GOOD,
    DocumentSaved: Tone.GOOD,
    OperatorChanged: Tone.GOOD,
}


def tone_of(event: Event) -> Tone:
    """What one event sounds like."""
    match event:
        case HistoryAdded(row):
            return OUTCOMES[row.action].tone
        case ModeChanged(mode):
            return Tone.NONE if mode is Mode.ATTACH else Tone.ATTENTION
        case _:
            return _TONES_OF.get(type(event), Tone.NONE)


class Inbox(Protocol):
    """Where entries go in."""

    def post(self, entry: Entry, done: Callable[[Outcome], None] | None = None) -> None:
        """Queue an entry; `done` is called after the commit, in the desk's thread, and must not wait.

        Blocks while the queue is full.
        """
