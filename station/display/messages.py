"""Events as sentences for the worker, and what became of a posted entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.display.state import Answer, entry_shown, question_shown
from station.events import (
    CommandRefused,
    DocumentCancelled,
    DocumentSaved,
    HistoryAdded,
    LabelNotPrinted,
    Mode,
    ModeChanged,
    OperatorChanged,
    QuestionRaised,
    ScanFailed,
    ScanRejected,
    SessionClosed,
    SessionOpened,
    Tone,
)
from station.retrieval.dropping import gone
from station.saying import say, say_count

if TYPE_CHECKING:
    from station.desk.entries import Outcome
    from station.events import Event

# The ordinary mode says nothing: it follows what the mode before was used for.
MODES = {
    Mode.DETACH: say("The next serial number is taken off again"),
    Mode.MFR_SERIAL: say("The next scan is a manufacturer's serial number"),
    Mode.RANGE_FIRST: say("Range: scan its first serial number"),
    Mode.RANGE_LAST: say("Range: scan its last serial number"),
    Mode.GENERATE: say("Generate: scan the item's code or GTIN"),
}


def sentence(event: Event) -> tuple[str, Tone] | None:
    """What to tell the worker, and how it is meant; None: the event is shown in other ways."""
    match event:
        case CommandRefused(text, reason):
            return say("{subject}: {reason_text}", subject=text, reason_text=reason), Tone.REFUSED
        case ScanFailed(source, reason):
            failed = say("{text}: not booked: {reason_text}", text=source.text, reason_text=reason)
            return failed, Tone.REFUSED
        case QuestionRaised(question):
            return question.text, Tone.QUESTION
        case ModeChanged(mode) if mode in MODES:
            return MODES[mode], Tone.ATTENTION
        case _:
            return _of_office(event)


def _of_office(event: Event) -> tuple[str, Tone] | None:
    match event:
        case OperatorChanged(_, name):
            return say("Operator: {name}", name=name), Tone.GOOD
        case LabelNotPrinted(text):
            return text, Tone.ATTENTION
        case _:
            return _of_document(event)


def _of_document(event: Event) -> tuple[str, Tone] | None:
    match event:
        case SessionOpened(_, document):
            return say("{document} is open", document=document), Tone.GOOD
        case SessionClosed(_, document, why) if why != "replaced":
            return gone(document, why), Tone.NONE
        case DocumentSaved(document, moved):
            return _saved(document, moved), Tone.GOOD
        case DocumentCancelled(document, released):
            return _cancelled(document, released), Tone.ATTENTION
        case _:
            return None


def _saved(document: str, moved: int) -> str:
    return say_count(
        "{document} is saved, {count} unit moved",
        "{document} is saved, {count} units moved",
        moved,
        document=document,
    )


def _cancelled(document: str, released: int) -> str:
    return say_count(
        "{document} is cancelled, {count} serial number released",
        "{document} is cancelled, {count} serial numbers released",
        released,
        document=document,
    )


def answer(outcome: Outcome) -> Answer:
    """What became of a posted entry, for who posted it."""
    events = outcome.events
    questions = [event.question for event in events if isinstance(event, QuestionRaised)]
    refused = [
        event.reason for event in events if isinstance(event, CommandRefused | ScanFailed | ScanRejected)
    ]
    said = [sentence(event) for event in events]
    return Answer(
        tone=outcome.tone,
        rows=tuple(entry_shown(event.row) for event in events if isinstance(event, HistoryAdded)),
        question=question_shown(questions[-1]) if questions else None,
        refused=refused[-1] if refused else None,
        messages=tuple(each[0] for each in said if each),
    )
