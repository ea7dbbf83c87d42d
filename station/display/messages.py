"""Events as sentences for the worker, and what became of a posted entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.display.state import Answer, entry_shown, question_shown
from station.events import (
    CommandRefused,
    DocumentCancelled,
    DocumentSaved,
    HistoryAdded,
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

if TYPE_CHECKING:
    from station.entries import Outcome
    from station.events import Event

# The ordinary mode says nothing: it follows what the mode before was used for.
MODES = {
    Mode.DETACH: "The next serial number is taken off again",
    Mode.MFR_SERIAL: "The next scan is a manufacturer's serial number",
    Mode.RANGE_FIRST: "Range: scan its first serial number",
    Mode.RANGE_LAST: "Range: scan its last serial number",
}


def sentence(event: Event) -> tuple[str, Tone] | None:
    """What to tell the worker, and how it is meant; None: the event is shown in other ways."""
    match event:
        case CommandRefused(text, reason):
            return f"{text}: {reason}", Tone.REFUSED
        case ScanFailed(source, reason):
            return f"{source.text}: not booked: {reason}", Tone.REFUSED
        case QuestionRaised(question):
            return question.text, Tone.QUESTION
        case ModeChanged(mode) if mode in MODES:
            return MODES[mode], Tone.ATTENTION
        case OperatorChanged(_, name):
            return f"Operator: {name}", Tone.GOOD
        case _:
            return _of_document(event)


def _of_document(event: Event) -> tuple[str, Tone] | None:
    match event:
        case SessionOpened(_, document):
            return f"{document} is open", Tone.GOOD
        case SessionClosed(_, document, why) if why != "replaced":
            return f"{document} is {why}", Tone.NONE
        case DocumentSaved(document, moved):
            return f"{document} is saved, {_count(moved, 'unit')} moved", Tone.GOOD
        case DocumentCancelled(document, released):
            return f"{document} is cancelled, {_count(released, 'serial number')} released", Tone.ATTENTION
        case _:
            return None


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


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
