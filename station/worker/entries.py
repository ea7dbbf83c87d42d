"""The entries of the station's one queue, and their outcomes.

A pulled trigger, a typed number, a touch, a post and a replayed recording all become entries; there is no
other way to attach.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from station.events import (
    CommandRefused,
    DocumentCancelled,
    DocumentReopened,
    DocumentSaved,
    Event,
    HistoryAdded,
    LabelNotPrinted,
    ModeChanged,
    OperatorChanged,
    OperatorSignedOff,
    PublisherChanged,
    QuantityNotUsed,
    QuestionRaised,
    RangeRetrieved,
    Reconfigured,
    ScanFailed,
    ScannerChanged,
    ScanRejected,
    SessionClosed,
    SessionOpened,
    UnitDescribed,
    UpcomingChanged,
)
from station.outcomes import OUTCOMES, REJECTED, Tone
from station.questions import Mode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from station.config.settings import LabelSettings
    from station.source import Source


TEXT_CHARACTERS = 4096
"""Maximum length of a typed or posted text: more than any label has."""


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """Makes an entry count once, however often it is posted: its source's id is the key (I4)."""

    request_digest: str
    """A digest of the request: a different request with the same key is the client's mistake."""
    render: Callable[[Outcome], str]
    """Renders the response that is stored with it."""


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """The response to an entry when it first arrived."""

    request_digest: str
    response: str


@dataclass(frozen=True, slots=True)
class Scanned:
    """A scanned or typed label."""

    source: Source
    settings: LabelSettings | None = None
    """How its scanner's labels are read, except for the station's own formats; None: no scanner."""
    once: IdempotencyKey | None = None
    is_trusted: bool = False
    """Whether a person or the office chose the text: a parcel's label may hold any command (D11)."""


@dataclass(frozen=True, slots=True)
class Commanded:
    """A command by touch, key, post or command line; ``source.text`` is the command.

    It is worded as on a command barcode, without the prefix (``yes``, ``open CM-1001``), has its answer with
    it (``save later``), or is one that only the office may give (``cancel-document CM-1001``).
    """

    source: Source
    once: IdempotencyKey | None = None
    is_trusted: bool = True
    """Whether a touch, a key or the office gave it; otherwise it needs the check of its code (D11)."""


@dataclass(frozen=True, slots=True)
class Expired:
    """The question has expired (P4); posted only by the desk itself."""

    source: Source


@dataclass(frozen=True, slots=True)
class DocumentGone:
    """The office ended the work on the open document (D4, D9); posted only by the desk itself."""

    source: Source


Notice = ScanRejected | ScannerChanged | LabelNotPrinted | PublisherChanged | Reconfigured
"""Entries that are only published, in order with the scans, and not stored."""

Request = Scanned | Commanded | Expired | DocumentGone
"""Entries that the rules handle."""

Entry = Request | Notice


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one entry, published after the commit."""

    events: tuple[Event, ...]
    before: StoredResponse | None = None
    """Set if the entry was posted before: then nothing happened now."""

    @property
    def tone(self) -> Tone:
        """The tone for the worker: the most urgent of all events."""
        return most_urgent(tone_of(event) for event in self.events)


def most_urgent(tones: Iterable[Tone]) -> Tone:
    """Return the tone to play out of several."""
    candidates = set(tones)
    return next((tone for tone in Tone if tone in candidates), Tone.NONE)


_TONES_OF = {
    QuestionRaised: Tone.QUESTION,
    ScanRejected: OUTCOMES[REJECTED].tone,
    ScanFailed: Tone.REFUSED,
    CommandRefused: Tone.REFUSED,
    LabelNotPrinted: Tone.ATTENTION,
    DocumentCancelled: Tone.ATTENTION,
    DocumentReopened: Tone.ATTENTION,
    OperatorSignedOff: Tone.ATTENTION,
    UpcomingChanged: Tone.ATTENTION,
    UnitDescribed: Tone.GOOD,
    QuantityNotUsed: Tone.ATTENTION,
    SessionOpened: Tone.GOOD,
    DocumentSaved: Tone.GOOD,
    OperatorChanged: Tone.GOOD,
}


def tone_of(event: Event) -> Tone:
    """Return the tone of an event."""
    match event:
        case HistoryAdded(row, too_many):
            tone = OUTCOMES[row.action].tone
            return most_urgent((tone, Tone.ATTENTION)) if too_many else tone
        case SessionClosed(why="changed" | "cancelled"):
            # Nobody at the dock did that.
            return Tone.ATTENTION
        case RangeRetrieved(_, is_whole):
            return Tone.GOOD if is_whole else Tone.ATTENTION
        case ModeChanged(mode):
            return Tone.NONE if mode is Mode.ATTACH else Tone.ATTENTION
        case _:
            return _TONES_OF.get(type(event), Tone.NONE)


class Inbox(Protocol):
    """Accepts entries."""

    def post(self, entry: Entry, done: Callable[[Outcome], None] | None = None) -> None:
        """Queue an entry; `done` is called after the commit, in the desk's thread, and must not block.

        Blocks while the queue is full.
        """
