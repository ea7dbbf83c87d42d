"""Opening, closing, saving and cancelling documents (D1 to D4)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from station.events import DocumentCancelled, DocumentSaved, SessionClosed, SessionOpened
from station.i18n.messages import msg
from station.questions import Mode, QuestionKind
from station.rules import judge
from station.rules.areas import NoAreaError, area, area_if_set
from station.rules.model import DocumentKind, Session, Status

if TYPE_CHECKING:
    from station.questions import Question
    from station.rules.context import Context
    from station.rules.model import Document, Unit


def refuse_dropped(case: Context, question: Question, why: str) -> None:
    """A row for the serial number that was asked about, and for each of the label's that waited behind it.

    Told behind the session's end, which clears the display's list; the rows are the session's all the same.
    They bear ids of their own: the entry that finds the document gone has its own outcome.
    """
    aside = replace(
        case,
        source=replace(
            case.source,
            id=case.new_id(),
            scanner=question.source.scanner,
            text=question.source.text,
            symbology_identifier=question.source.symbology_identifier,
        ),
    )
    aside.refuse(_reason(question, why, _asked(question)), _unit(case, question))
    for number in question.rest.serials if question.rest else ():
        aside.refuse(_reason(question, why, number))


def gone(document: str, why: str) -> str:
    """That nobody works on a document any more; `why`: as in `events.SessionClosed`."""
    match why:
        case "saved":
            return msg("{document} is saved", document=document)
        case "cancelled":
            return msg("{document} is cancelled", document=document)
        case _:
            return msg("{document} is closed", document=document)


def _reason(question: Question, why: str, what: str) -> str:
    said = gone(question.document, why)
    if question.mode is Mode.DETACH:
        return msg("{reason_text}: {number}", reason_text=said, number=what)
    if question.mode is Mode.GENERATE:
        return msg("{gone_text}: open another document and GENERATE {item} again", gone_text=said, item=what)
    return msg(
        "{gone_text}: open another document and scan {what_text} again", gone_text=said, what_text=what
    )


def _asked(question: Question) -> str:
    """What the question was about, as it was scanned."""
    if question.rest is not None and question.rest.number:
        return question.rest.number
    if question.range is not None:
        return msg("{first} to {last}", first=question.range.first, last=question.range.last)
    if question.kind is QuestionKind.CHOICE:
        return question.source.text
    return question.candidates[0].serial_number or question.candidates[0].item


def _unit(case: Context, question: Question) -> Unit | None:
    if question.range is not None or len(question.candidates) != 1:
        return None
    each = question.candidates[0]
    return case.books.unit(each.serial_number, each.item)


def open_document(case: Context, number: str) -> None:
    """D1, R11: work on a document; another one that is open is closed first."""
    session = case.standing.session
    if session is not None and session.document.number == number:
        case.refuse_command(msg("{document} is open already", document=number))
        return
    document = case.books.document(number)
    if document is None:
        case.refuse_command(msg("document {document} is unknown", document=number))
        return
    if reason := _cannot_open(case, document):
        case.refuse_command(reason)
        return
    if session is not None:
        end_session(case, session, "replaced")
    opened = case.books.begin_session(number, case.source.at, case.standing.operator)
    case.events.append(SessionOpened(opened, number, case.standing.operator))


def _cannot_open(case: Context, document: Document) -> str | None:
    """R11."""
    if document.status is not Status.OPEN:
        return _not_open(document)
    if case.preferences.own_location_only and document.location != case.home_code():
        return msg(
            "document {document} is of another location: {location}",
            document=document.number,
            location=document.location,
        )
    return None


def _not_open(document: Document) -> str:
    if document.status is Status.SAVED:
        return msg("document {document} is saved", document=document.number)
    return msg("document {document} is cancelled", document=document.number)


def end_session(case: Context, session: Session, why: str) -> None:
    """D2: the station works on the document no longer; a mode goes with it, and a question is not lost."""
    question = case.standing.question
    case.change_mode(Mode.ATTACH)
    case.books.end_session(session.number, case.source.at, why)
    case.events.append(SessionClosed(session.number, session.document.number, why))
    if question is not None:
        case.books.drop_question()
        refuse_dropped(case, question, why)


def gone_meanwhile(session: Session) -> str | None:
    """Why a session can't go on: its document was saved or cancelled at another station or in the office."""
    status = session.document.status
    return None if status is Status.OPEN else str(status)


def close(case: Context) -> None:
    """D2: end the session, book nothing."""
    if case.standing.session is None:
        case.refuse_command(judge.NO_DOCUMENT)
    else:
        end_session(case, case.standing.session, "closed")


def save(case: Context) -> None:
    """D3: book the document and end the session."""
    session = case.standing.session
    if session is None:
        case.refuse_command(judge.NO_DOCUMENT)
        return
    document = case.books.lock_document(session.document.number)
    if document is None or document.status is not Status.OPEN:
        end_session(case, session, str(document.status) if document else str(Status.CANCELLED))
        case.refuse_command(judge.NO_DOCUMENT)
        return
    try:
        targets = _targets(case, document)
    except NoAreaError as error:
        case.refuse_command(str(error))
        return
    number = session.document.number
    moved = sum(
        case.books.book(number, code, negative=signs, at=case.source.at, operator=case.standing.operator)
        for code, signs in targets
    )
    case.books.set_status(number, Status.SAVED)
    case.events.append(DocumentSaved(number, moved))
    end_session(case, session, "saved")


def _targets(case: Context, document: Document) -> list[tuple[str, list[bool]]]:
    """Into which area the units of which lines (negative or not) are booked.

    Raises:
        NoAreaError: an area that is needed isn't set, or isn't fit.
    """
    needed = case.books.areas_needed(document.number)
    if not needed:
        return []
    if document.kind is DocumentKind.CREDIT_ORDER:
        found = area_if_set(case, "credit_orders")
        return [(found.code, sorted(needed))] if found else []
    return [
        (area(case, setting).code, [negative])
        for negative, setting in ((False, "returned"), (True, "sold"))
        if negative in needed
    ]


def cancel_document(case: Context, number: str) -> None:
    """D4: the office cancels a document; its serial numbers are free again."""
    document = case.books.lock_document(number)
    if document is None:
        case.refuse_command(msg("document {document} is unknown", document=number))
        return
    if document.status is not Status.OPEN:
        case.refuse_command(_not_open(document))
        return
    session = case.standing.session
    released = case.books.release(number, case.source.at, case.standing.operator)
    case.books.set_status(number, Status.CANCELLED)
    case.events.append(DocumentCancelled(number, released))
    if session is not None and session.document.number == number:
        end_session(case, session, "cancelled")
