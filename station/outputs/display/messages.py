"""Events as sentences for the worker, and the answer to a posted entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from station.events import (
    CommandRefused,
    DocumentCancelled,
    DocumentSaved,
    HistoryAdded,
    LabelNotPrinted,
    ModeChanged,
    OperatorChanged,
    QuestionRaised,
    ScanFailed,
    ScanRejected,
    SessionClosed,
    SessionOpened,
)
from station.i18n.messages import msg, msg_count
from station.outcomes import Tone
from station.outputs.display.state import Answer, entry_shown, question_shown
from station.questions import Mode
from station.rules.documents import gone

if TYPE_CHECKING:
    from station.events import Event
    from station.i18n.catalogues import Language
    from station.outputs.display.state import DisplayState, EntryShown, QuestionShown
    from station.worker.entries import Outcome

# The ordinary mode has no sentence: it follows the result of the mode before.
MODES = {
    Mode.DETACH: msg("The next serial number will be detached"),
    Mode.MFR_SERIAL: msg("The next scan is a manufacturer's serial number"),
    Mode.RANGE_FIRST: msg("Range: scan its first serial number"),
    Mode.RANGE_LAST: msg("Range: scan its last serial number"),
    Mode.GENERATE: msg("Generate: scan the item's code or GTIN"),
}


def sentence(event: Event) -> tuple[str, Tone] | None:
    """Return the sentence for the worker and its tone; None: the event is shown in other ways."""
    match event:
        case CommandRefused(text, reason):
            return msg("{subject}: {reason_text}", subject=text, reason_text=reason), Tone.REFUSED
        case ScanFailed(source, reason):
            failed = msg("{text}: not booked: {reason_text}", text=source.text, reason_text=reason)
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
            return msg("Operator: {name}", name=name), Tone.GOOD
        case LabelNotPrinted(text):
            return text, Tone.ATTENTION
        case _:
            return _of_document(event)


def _of_document(event: Event) -> tuple[str, Tone] | None:
    match event:
        case SessionOpened(_, document):
            return msg("{document} is open", document=document), Tone.GOOD
        case SessionClosed(_, document, why) if why != "replaced":
            return gone(document, why), Tone.NONE
        case DocumentSaved(document, moved, _, _):
            return _saved(document, moved), Tone.GOOD
        case DocumentCancelled(document, released):
            return _cancelled(document, released), Tone.ATTENTION
        case _:
            return None


def _saved(document: str, moved: int) -> str:
    return msg_count(
        "{document} is saved, {count} unit moved",
        "{document} is saved, {count} units moved",
        moved,
        document=document,
    )


def _cancelled(document: str, released: int) -> str:
    return msg_count(
        "{document} is cancelled, {count} serial number released",
        "{document} is cancelled, {count} serial numbers released",
        released,
        document=document,
    )


def answer(outcome: Outcome) -> Answer:
    """Return the answer to a posted entry."""
    events = outcome.events
    questions = [event.question for event in events if isinstance(event, QuestionRaised)]
    refused = [
        event.reason for event in events if isinstance(event, CommandRefused | ScanFailed | ScanRejected)
    ]
    sentences = [sentence(event) for event in events]
    return Answer(
        tone=outcome.tone,
        rows=tuple(entry_shown(event.row) for event in events if isinstance(event, HistoryAdded)),
        question=question_shown(questions[-1]) if questions else None,
        refused=refused[-1] if refused else None,
        messages=tuple(each[0] for each in sentences if each),
    )


def state_in(language: Language, state: DisplayState) -> DisplayState:
    """Translate the sentences of the state."""
    speak = language.sentence
    return replace(
        state,
        question=_question_in(language, state.question),
        history=tuple(entry_in(language, entry) for entry in state.history),
        database=replace(state.database, detail=speak(state.database.detail)),
        notice=replace(state.notice, text=speak(state.notice.text)) if state.notice else None,
    )


def answer_in(language: Language, answer: Answer) -> Answer:
    """Translate the sentences of an answer."""
    return replace(
        answer,
        rows=tuple(entry_in(language, row) for row in answer.rows),
        question=_question_in(language, answer.question),
        refused=language.sentence(answer.refused) if answer.refused else None,
        messages=tuple(language.sentence(message) for message in answer.messages),
    )


def entry_in(language: Language, entry: EntryShown) -> EntryShown:
    """Translate the reason of an entry."""
    return replace(entry, reason=language.sentence(entry.reason)) if entry.reason else entry


def _question_in(language: Language, question: QuestionShown | None) -> QuestionShown | None:
    if question is None:
        return None
    candidates = tuple(
        replace(each, blocked_reason=language.sentence(each.blocked_reason)) if each.blocked_reason else each
        for each in question.candidates
    )
    return replace(question, text=language.sentence(question.text), candidates=candidates)
