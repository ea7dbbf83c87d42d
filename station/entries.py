"""What may be put on the station's one queue, and what comes back.

A pulled trigger, a typed number, a touch, a post and a replayed recording all enter here, as an entry; there
is no second way to attach.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from station.events import (
    Action,
    CommandRefused,
    Event,
    HistoryAdded,
    QuestionRaised,
    ScanFailed,
    ScannerChanged,
    ScanRejected,
    Source,
    Tone,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.settings import LabelSettings


TEXT_CHARACTERS = 4096
"""Of a text that is typed or posted, at most: more than any label holds."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """A label was read, or its text typed."""

    source: Source
    settings: LabelSettings | None = None
    """How labels of its scanner are read; None: as the station reads what is typed or posted."""


@dataclass(frozen=True, slots=True)
class Commanded:
    """A command was given by touch, key, post or command line: ``source.text`` is the command.

    The same words as on a command barcode but without the prefix (``yes``, ``open CM-1001``), and those
    that only the office may give (``cancel-document CM-1001``).
    """

    source: Source


@dataclass(frozen=True, slots=True)
class Expired:
    """The question's time is up (P4); only the desk's own clock says so."""

    source: Source


Notice = ScanRejected | ScannerChanged
"""What is only told, in its place among the scans: nothing is stored of it."""

Entry = Scanned | Commanded | Expired | Notice


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one entry, told after the commit."""

    events: tuple[Event, ...]

    @property
    def tone(self) -> Tone:
        """What the worker should hear: the most urgent of all that happened."""
        tones = {tone_of(event) for event in self.events}
        for tone in (Tone.QUESTION, Tone.REFUSED, Tone.ATTENTION, Tone.GOOD):
            if tone in tones:
                return tone
        return Tone.NONE


_TONES = {
    Action.ASSIGNED: Tone.GOOD,
    Action.ADDED: Tone.GOOD,
    Action.NEGATIVE: Tone.ATTENTION,
    Action.SKIPPED: Tone.ATTENTION,
    Action.DETACHED: Tone.ATTENTION,
    Action.REFUSED: Tone.REFUSED,
}


def tone_of(event: Event) -> Tone:
    """What one event sounds like."""
    match event:
        case HistoryAdded(row):
            return _TONES[row.action]
        case QuestionRaised():
            return Tone.QUESTION
        case ScanRejected() | ScanFailed() | CommandRefused():
            return Tone.REFUSED
        case _:
            return Tone.NONE


class Inbox(Protocol):
    """Where entries go in."""

    def post(self, entry: Entry, done: Callable[[Outcome], None] | None = None) -> None:
        """Queue an entry; `done` is called after the commit, in the desk's thread, and must not wait.

        Blocks while the queue is full.
        """
