"""Saving a document, whole or in parts, and undoing that (D3, D6 to D8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from station.events import DocumentReopened, DocumentSaved
from station.i18n.messages import escape_unprintable, msg, msg_count
from station.questions import Mode, Question, QuestionKind
from station.rules import details, judge
from station.rules.areas import NoAreaError, area, area_if_set, condition_area
from station.rules.documents import end_session, not_open
from station.rules.model import DocumentKind, Status
from station.rules.progress import progress

if TYPE_CHECKING:
    from station.rules.context import Context
    from station.rules.model import Document
    from station.rules.progress import Progress

Rest = Literal["yes", "later", "no"]
"""The answer about the rest of an incomplete document: save without it, it comes later, don't save."""
MAX_NAMED = 20
"""Units named in a text."""
NAMED_LENGTH = 40
"""Characters of a label that are named in a text."""
Targets = list[tuple[str, bool]]
"""The areas to book into, each with the sign of its lines (True: negative)."""


def save(context: Context, rest: Rest | None = None, asked: str | None = None) -> None:
    """Book the document and end the session (D3), or ask if it is not complete (D6).

    `rest`: the answer, if it is known already; `asked`: the text of the question that it answers.
    """
    document = _document(context)
    if document is None:
        return
    if reason := details.missing(context):
        context.refuse_command(reason)
        return
    try:
        targets = _targets(context, document)
    except NoAreaError as error:
        context.refuse_command(str(error))
        return
    how_far = progress(context.repository.document_lines(document.number))
    unanswered = context.repository.unanswered(context.session, judge.ANSWER_FIRST, judge.UNANSWERED)
    text = _text(document, how_far, unanswered)
    preference = context.preferences.save_incomplete
    is_complete = not unanswered and _is_complete(document, how_far)
    if is_complete or preference == "allow":
        _book(context, document, targets, final=is_complete or rest != "later")
    elif preference == "refuse":
        context.refuse_command(text)
    elif rest == "no":
        context.refuse_command(
            msg(
                "{progress_text}; add --yes to save it without the rest, or --later if the rest comes later",
                progress_text=text,
            )
        )
    elif rest is None or asked not in {None, escape_unprintable(text)}:
        # An answer holds only for the numbers that the worker read: another station may have scanned since.
        _ask(context, document, text)
    elif rest == "later" and not context.repository.has_unbooked(document.number):
        # A receipt of nothing would keep an untouched document from being cancelled.
        end_session(context, context.session, "closed")
    else:
        _book(context, document, targets, final=rest == "yes")


def _document(context: Context) -> Document | None:
    """Lock and return the open document; None: it was refused, as there is none."""
    session = context.state.session
    if session is None:
        context.refuse_command(judge.NO_DOCUMENT)
        return None
    document = context.repository.lock_document(session.document.number)
    if document is None or not document.is_open:
        end_session(context, session, str(document.status) if document else str(Status.CANCELLED))
        context.refuse_command(judge.NO_DOCUMENT)
        return None
    return document


def _is_complete(document: Document, how_far: Progress) -> bool:
    """Whether a Save need not ask; of an unannounced return, nobody knows what is missing or too many."""
    if document.unannounced:
        return how_far.is_begun and not how_far.taken_away
    return how_far.is_complete


def _text(document: Document, how_far: Progress, unanswered: list[str]) -> str:
    text = how_far.text(document.number)
    if not unanswered:
        return text
    named = [each if len(each) <= NAMED_LENGTH else f"{each[:NAMED_LENGTH]}…" for each in unanswered]
    more = ["…"] if len(named) > MAX_NAMED else []
    return msg(
        "{progress_text}. Left without an answer: {numbers}",
        progress_text=text,
        numbers=", ".join([*named[:MAX_NAMED], *more]),
    )


def _ask(context: Context, document: Document, text: str) -> None:
    context.raise_question(
        Question(
            kind=QuestionKind.INCOMPLETE,
            text=text,
            document=document.number,
            source=context.source,
            mode=Mode.ATTACH,
        )
    )


def _targets(context: Context, document: Document) -> Targets:
    """Return the areas to book into.

    Raises:
        NoAreaError: a required area is missing or unsuitable.
    """
    needed = context.repository.areas_needed(document.number)
    if not needed:
        return []
    if document.kind is DocumentKind.CREDIT_ORDER:
        found = area_if_set(context, "credit_orders")
        return [(found.code, negative) for negative in sorted(needed)] if found else []
    for condition, code in context.repository.condition_areas(document.number):
        condition_area(context, condition, code)
    return [
        (area(context, setting).code, negative)
        for negative, setting in ((False, "returned"), (True, "sold"))
        if negative in needed
    ]


def _book(context: Context, document: Document, targets: Targets, *, final: bool) -> None:
    """Book what is not booked yet as the document's next receipt (D7)."""
    session, is_memo = context.session, document.kind is DocumentKind.CREDIT_MEMO
    receipt = context.repository.add_receipt(
        document.number,
        at=context.source.at,
        session=session.number,
        operator=context.operator,
        final=final,
    )
    moved = sum(
        context.repository.book(receipt, code, negative=negative, by_condition=is_memo and not negative)
        for code, negative in targets
    )
    context.repository.set_status(document.number, Status.SAVED if final else Status.BACKORDER)
    context.events.append(DocumentSaved(document.number, moved, receipt.number, later=not final))
    end_session(context, session, "saved" if final else "later", receipt.number)


def reopen(context: Context, number: str) -> None:
    """Undo the document's last Save for the office, if each unit is still where that put it (D8)."""
    document = context.repository.lock_document(number)
    if document is None:
        context.refuse_command(msg("document {document} is unknown", document=number))
        return
    receipts = context.repository.standing_receipts(number)
    if reason := _cannot_reopen(context, document, receipts):
        context.refuse_command(reason)
        return
    *earlier, newest = receipts
    moved = context.repository.reopen(number, newest, context.source.at, context.operator)
    context.repository.set_status(number, Status.BACKORDER if earlier else Status.OPEN)
    context.events.append(DocumentReopened(number, newest, moved))


def _cannot_reopen(context: Context, document: Document, receipts: list[int]) -> str | None:
    number = document.number
    if document.status is Status.CANCELLED:
        return not_open(document)
    if document.status is Status.OPEN:
        return msg("document {document} is open: there is no Save to undo", document=number)
    if context.repository.is_archived(number):
        return msg("document {document} is in the archive and can't be reopened", document=number)
    if not receipts:
        return msg("document {document} was not saved by a station, so none can reopen it", document=number)
    gone = context.repository.moved_on(number, receipts[-1])
    if not gone:
        return None
    return msg_count(
        "document {document} can't be reopened: {count} unit has moved on, was changed by the office or is "
        "on another document: {units}",
        "document {document} can't be reopened: {count} units have moved on, were changed by the office or "
        "are on other documents: {units}",
        len(gone),
        document=number,
        units=", ".join([*gone[:MAX_NAMED], *(["…"] if len(gone) > MAX_NAMED else [])]),
    )
