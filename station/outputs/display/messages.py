"""Events as sentences for the worker, and the answer to a posted entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from station.events import (
    CommandRefused,
    DocumentCancelled,
    DocumentReopened,
    DocumentSaved,
    HistoryAdded,
    LabelNotPrinted,
    ModeChanged,
    OperatorChanged,
    OperatorSignedOff,
    QuantityNotUsed,
    QuestionRaised,
    RangeRetrieved,
    ScanFailed,
    ScanRejected,
    SessionClosed,
    SessionOpened,
    UnitDescribed,
    UpcomingChanged,
)
from station.i18n.messages import listed, msg, msg_count
from station.outcomes import Tone
from station.outputs.display.state import Answer, entry_shown, question_shown
from station.questions import Mode, Upcoming
from station.rules.documents import gone
from station.worker.entries import tone_of

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
    Mode.NEW: msg("New document: scan a unit; its customer gets it"),
}

NEXT_NOTE = "; "
"""Between the notes of one row of history."""


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
            return _of_unit(event)


def _of_unit(event: Event) -> tuple[str, Tone] | None:
    match event:
        case HistoryAdded(row, too_many) if too_many:
            return msg("{item}: {count} too many", item=row.item, count=too_many), Tone.ATTENTION
        case RangeRetrieved(text, is_whole):
            return text, Tone.GOOD if is_whole else Tone.ATTENTION
        case UpcomingChanged(upcoming) if upcoming != Upcoming():
            return _upcoming(upcoming), Tone.ATTENTION
        case UnitDescribed():
            return _described(event), Tone.GOOD
        case QuantityNotUsed(quantity, number):
            return _not_used(quantity, number), Tone.ATTENTION
        case _:
            return _of_office(event)


def _upcoming(upcoming: Upcoming) -> str:
    """Return what was scanned for the next unit, as a sentence."""
    given = [
        part
        for value, part in (
            (upcoming.quantity, msg("quantity {quantity}", quantity=upcoming.quantity)),
            (upcoming.reason_code, msg("reason {code}", code=upcoming.reason_code)),
            (upcoming.condition, msg("condition {code}", code=upcoming.condition)),
        )
        if value is not None
    ]
    return msg("For the next unit: {given_list}", given_list=listed(given))


def _described(event: UnitDescribed) -> str:
    unit = event.serial_number or event.item
    if event.condition is None:
        return msg("{unit}: the reason is {reason}", unit=unit, reason=event.reason_code)
    if event.reason_code is None:
        return msg("{unit}: the condition is {condition}", unit=unit, condition=event.condition)
    return msg(
        "{unit}: the reason is {reason}, the condition {condition}",
        unit=unit,
        reason=event.reason_code,
        condition=event.condition,
    )


def _not_used(quantity: int, number: str) -> str:
    return msg(
        "the quantity {quantity} is not used: {number} has a serial number and counts as one",
        quantity=quantity,
        number=number,
    )


def _of_office(event: Event) -> tuple[str, Tone] | None:
    match event:
        case OperatorChanged(_, name):
            return msg("Operator: {name}", name=name), Tone.GOOD
        case OperatorSignedOff(operator, why):
            return _signed_off(operator, why), Tone.ATTENTION
        case LabelNotPrinted(text):
            return text, Tone.ATTENTION
        case _:
            return _of_document(event)


def _of_document(event: Event) -> tuple[str, Tone] | None:
    match event:
        case SessionOpened(_, document):
            return msg("{document} is open", document=document), Tone.GOOD
        case SessionClosed(_, document, why) if why != "replaced":
            return gone(document, why), tone_of(event)
        case DocumentSaved(document, moved, receipt, later):
            return _part_saved(document, moved, receipt) if later else _saved(document, moved), Tone.GOOD
        case DocumentReopened(document, _, moved):
            return _reopened(document, moved), Tone.ATTENTION
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


def _part_saved(document: str, moved: int, receipt: int) -> str:
    return msg_count(
        "{document}: receipt {receipt} is booked, {count} unit moved; the rest comes later",
        "{document}: receipt {receipt} is booked, {count} units moved; the rest comes later",
        moved,
        document=document,
        receipt=receipt,
    )


def _reopened(document: str, moved: int) -> str:
    return msg_count(
        "{document}: its last Save is undone, {count} unit moved back",
        "{document}: its last Save is undone, {count} units moved back",
        moved,
        document=document,
    )


def _signed_off(operator: str, why: str) -> str:
    match why:
        case "timeout":
            return msg(
                "Operator {operator} is signed off: nothing was scanned for too long", operator=operator
            )
        case "document":
            return msg("Operator {operator} is signed off: the document is done", operator=operator)
        case _:
            return msg("Operator {operator} is signed off", operator=operator)


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
    booked = {event.document for event in events if isinstance(event, DocumentSaved | DocumentCancelled)}
    sentences = [
        sentence(event)
        for event in events
        # The sentence about the booking says more than that about the session's end.
        if not (isinstance(event, SessionClosed) and event.document in booked)
    ]
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
    """Translate the reason and the note of an entry."""
    if not (entry.reason or entry.note):
        return entry
    notes = entry.note.split(NEXT_NOTE) if entry.note else []
    return replace(
        entry,
        reason=entry.reason and language.sentence(entry.reason),
        note=NEXT_NOTE.join(map(language.sentence, notes)) or None,
    )


def _question_in(language: Language, question: QuestionShown | None) -> QuestionShown | None:
    if question is None:
        return None
    candidates = tuple(
        replace(each, blocked_reason=language.sentence(each.blocked_reason)) if each.blocked_reason else each
        for each in question.candidates
    )
    return replace(question, text=language.sentence(question.text), candidates=candidates)
