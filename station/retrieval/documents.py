"""Opening, closing, saving and cancelling documents (D1 to D4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.events import DocumentCancelled, DocumentSaved, Mode, SessionClosed, SessionOpened
from station.retrieval import rules
from station.retrieval.areas import NoAreaError, area, area_if_set
from station.retrieval.dropping import refuse_dropped
from station.retrieval.model import DocumentKind, Session, Status
from station.saying import say

if TYPE_CHECKING:
    from station.retrieval.case import Case
    from station.retrieval.model import Document


def open_document(case: Case, number: str) -> None:
    """D1, R11: work on a document; another one that is open is closed first."""
    session = case.standing.session
    if session is not None and session.document.number == number:
        case.refuse_command(say("{document} is open already", document=number))
        return
    document = case.books.document(number)
    if document is None:
        case.refuse_command(say("document {document} is unknown", document=number))
        return
    if reason := _cannot_open(case, document):
        case.refuse_command(reason)
        return
    if session is not None:
        end_session(case, session, "replaced")
    opened = case.books.begin_session(number, case.source.at, case.standing.operator)
    case.events.append(SessionOpened(opened, number, case.standing.operator))


def _cannot_open(case: Case, document: Document) -> str | None:
    """R11."""
    if document.status is not Status.OPEN:
        return _not_open(document)
    if case.preferences.own_location_only and document.location != case.home_code():
        return say(
            "document {document} is of another location: {location}",
            document=document.number,
            location=document.location,
        )
    return None


def _not_open(document: Document) -> str:
    if document.status is Status.SAVED:
        return say("document {document} is saved", document=document.number)
    return say("document {document} is cancelled", document=document.number)


def end_session(case: Case, session: Session, why: str) -> None:
    """D2: the station works on the document no longer; a mode goes with it, and a question is not lost."""
    question = case.standing.question
    case.change_mode(Mode.ATTACH)
    case.books.end_session(session.number, case.source.at, why)
    case.events.append(SessionClosed(session.number, session.document.number, why))
    if question is not None:
        case.books.drop_question()
        refuse_dropped(case, question, why)


def close(case: Case) -> None:
    """D2: end the session, book nothing."""
    if case.standing.session is None:
        case.refuse_command(rules.NO_DOCUMENT)
    else:
        end_session(case, case.standing.session, "closed")


def save(case: Case) -> None:
    """D3: book the document and end the session."""
    session = case.standing.session
    if session is None:
        case.refuse_command(rules.NO_DOCUMENT)
        return
    document = case.books.lock_document(session.document.number)
    if document is None or document.status is not Status.OPEN:
        end_session(case, session, str(document.status) if document else str(Status.CANCELLED))
        case.refuse_command(rules.NO_DOCUMENT)
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


def _targets(case: Case, document: Document) -> list[tuple[str, list[bool]]]:
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


def cancel_document(case: Case, number: str) -> None:
    """D4: the office cancels a document; its serial numbers are free again."""
    document = case.books.lock_document(number)
    if document is None:
        case.refuse_command(say("document {document} is unknown", document=number))
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
