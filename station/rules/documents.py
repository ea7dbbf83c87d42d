"""Opening, closing and cancelling documents (D1, D2, D4)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from station.events import DocumentCancelled, SessionClosed, SessionOpened
from station.i18n.messages import msg
from station.questions import Mode, Question, QuestionKind, Upcoming
from station.rules import judge, operators
from station.rules.model import Session, Status
from station.rules.progress import progress

if TYPE_CHECKING:
    from station.rules.context import Context
    from station.rules.model import Document, Unit


def refuse_dropped(context: Context, question: Question, why: str) -> None:
    """Refuse the serial number that the question is about, and those of the label that wait for the answer.

    Their events follow the session's end, which clears the display's list; the rows belong to the session.
    They have their own ids: the entry that finds the document gone has its own outcome. A question about the
    document itself (D6) has none.
    """
    if not (question.candidates or question.range):
        return
    aside = replace(
        context,
        source=replace(
            context.source,
            id=context.new_id(),
            scanner=question.source.scanner,
            text=question.source.text,
            symbology_identifier=question.source.symbology_identifier,
        ),
    )
    aside.refuse(_reason(question, why, _asked(question)), _unit(context, question))
    for number in question.rest.serials if question.rest else ():
        aside.refuse(_reason(question, why, number))


def gone(document: str, why: str) -> str:
    """Return the reason that a document can't be worked on; `why`: as in `events.SessionClosed`."""
    match why:
        case "saved":
            return msg("{document} is saved", document=document)
        case "cancelled":
            return msg("{document} is cancelled", document=document)
        case "later":
            return msg("{document}: the rest comes later", document=document)
        case "changed":
            return msg("{document} was changed by the office", document=document)
        case _:
            return msg("{document} is closed", document=document)


def _reason(question: Question, why: str, subject: str) -> str:
    reason = gone(question.document, why)
    if question.mode is Mode.DETACH:
        return msg("{reason_text}: {number}", reason_text=reason, number=subject)
    if question.mode is Mode.GENERATE:
        return msg(
            "{gone_text}: open another document and GENERATE {item} again", gone_text=reason, item=subject
        )
    return msg(
        "{gone_text}: open another document and scan {what_text} again", gone_text=reason, what_text=subject
    )


def _asked(question: Question) -> str:
    """Return what the question is about, as it was scanned."""
    if question.rest is not None and question.rest.number:
        return question.rest.number
    if question.range is not None:
        return msg("{first} to {last}", first=question.range.first, last=question.range.last)
    if question.kind is QuestionKind.CHOICE:
        return question.source.text
    return question.candidates[0].serial_number or question.candidates[0].item


def _unit(context: Context, question: Question) -> Unit | None:
    if question.range is not None or len(question.candidates) != 1:
        return None
    each = question.candidates[0]
    return context.repository.unit(each.serial_number, each.item)


def open_document(context: Context, number: str, *, unasked: bool) -> None:
    """Open a document (D1, R11); another open one is closed first.

    `unasked`: leave an incomplete document without a question (D11).
    """
    session = context.state.session
    if session is not None and session.document.number == number:
        context.refuse_command(msg("{document} is open already", document=number))
        return
    document = context.repository.document(number)
    if document is None:
        context.refuse_command(msg("document {document} is unknown", document=number))
        return
    if reason := cannot_open(context, document):
        context.refuse_command(reason)
        return
    if session is not None:
        if not unasked and _asks_to_leave(context, session.document.number, number):
            return
        end_session(context, session, "replaced")
    begin_session(context, number)


def begin_session(context: Context, number: str) -> None:
    """Begin to work on a document, which is known to be open."""
    context.change_mode(Mode.ATTACH)
    opened = context.repository.begin_session(number, context.source.at, context.operator)
    context.events.append(SessionOpened(opened, number, context.operator))


def _asks_to_leave(context: Context, document: str, other: str) -> bool:
    """Ask before another document is opened while this one is begun and not complete (D11)."""
    if context.preferences.switch_document == "allow":
        return False
    so_far = progress(context.repository.document_lines(document))
    if so_far.is_complete or not so_far.is_begun:
        return False
    context.raise_question(
        Question(
            kind=QuestionKind.SWITCH_DOCUMENT,
            text=msg(
                "{progress_text}. Leave it and open {other}?",
                progress_text=so_far.text(document),
                other=other,
            ),
            document=document,
            source=context.source,
            mode=Mode.ATTACH,
            documents=(other,),
        )
    )
    return True


def cannot_open(context: Context, document: Document) -> str | None:
    """Return why a document can't be opened (R11)."""
    if not document.is_open:
        return not_open(document)
    if context.preferences.own_location_only and document.location != context.home_code():
        return msg(
            "document {document} is of another location: {location}",
            document=document.number,
            location=document.location,
        )
    return None


def not_open(document: Document) -> str:
    """Return why nothing more can come onto a document."""
    if document.status is Status.SAVED:
        return msg("document {document} is saved", document=document.number)
    return msg("document {document} is cancelled", document=document.number)


def end_session(context: Context, session: Session, why: str, receipt: int | None = None) -> None:
    """End the session (D2).

    This resets the mode and what was scanned for the next unit, and refuses what an open question is about.
    `receipt`: the one that the session's Save booked.
    """
    question = context.state.question
    context.change_mode(Mode.ATTACH)
    context.repository.set_upcoming(Upcoming())
    context.repository.end_session(session.number, context.source.at, why, receipt)
    context.events.append(SessionClosed(session.number, session.document.number, why))
    if question is not None:
        context.repository.drop_question()
        if not question.is_of_document:
            refuse_dropped(context, question, why)
    operators.leave_document(context)


def gone_meanwhile(session: Session) -> str | None:
    """Return why a session must end: its document was saved or cancelled elsewhere, or changed (D9)."""
    document = session.document
    return session.must_end if document.is_open else str(document.status)


def close(context: Context) -> None:
    """End the session without booking (D2)."""
    if context.state.session is None:
        context.refuse_command(judge.NO_DOCUMENT)
    else:
        end_session(context, context.state.session, "closed")


def cancel_document(context: Context, number: str) -> None:
    """Cancel a document for the office (D4); its serial numbers become free again."""
    document = context.repository.lock_document(number)
    if document is None:
        context.refuse_command(msg("document {document} is unknown", document=number))
        return
    if not document.is_open:
        context.refuse_command(not_open(document))
        return
    if document.status is Status.BACKORDER:
        # What is booked stays booked, so the document can't count as cancelled.
        context.refuse_command(
            msg(
                "a part of document {document} is booked: save it without the rest, or reopen it first",
                document=number,
            )
        )
        return
    session = context.state.session
    released = context.repository.release(number, context.source.at, context.operator)
    context.repository.set_status(number, Status.CANCELLED)
    context.events.append(DocumentCancelled(number, released))
    if session is not None and session.document.number == number:
        end_session(context, session, "cancelled")
