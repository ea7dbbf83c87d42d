"""Handles a label, a command or a touch: one function for each kind of request.

While a question is open, only HISTORY and answers are accepted (P2). Some requests need a document (R1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.events import HistoryAsked
from station.i18n.messages import msg
from station.questions import Mode, QuestionKind, Upcoming
from station.rules import (
    answering,
    counting,
    details,
    documents,
    generating,
    judge,
    opening,
    operators,
    saving,
    scanning,
)
from station.rules.model import LabelQuery

if TYPE_CHECKING:
    from station.rules.context import Context
    from station.rules.ports import DetailField


def scan(context: Context, query: LabelQuery) -> None:
    """Handle a scanned or typed label, mostly one serial number (R1 to R10, M1 to M8, P2)."""
    question = context.state.question
    if operators.is_missing(context):
        context.refuse(operators.BADGE_FIRST)
    elif question is not None:
        answering.scanned_meanwhile(context, question, query)
    elif context.state.session is None:
        opening.scan(context, query)
    else:
        scanning.scan(context, query)


def answer(context: Context, *, yes: bool, how: str | None = None) -> None:
    """Handle YES or NO (P1), or the time limit, which answers No (P4)."""
    if context.state.question is not None:
        answering.answer(context, context.state.question, yes=yes, how=how or ("yes" if yes else "no"))
    elif how is None:
        # A time limit without a question is not reported: nobody gave a command.
        context.refuse_command(msg("there is no question to answer"))


def cancel(context: Context) -> None:
    """Handle CANCEL: No to a question, otherwise back to single serial numbers with nothing set for them."""
    if context.state.question is not None:
        answering.answer(context, context.state.question, yes=False, how="no")
    elif context.state.mode is not Mode.ATTACH or context.state.upcoming != Upcoming():
        context.change_mode(Mode.ATTACH)
        if context.state.upcoming != Upcoming():
            details.set_upcoming(context, Upcoming())
    else:
        context.refuse_command(msg("there is nothing to cancel"))


def choose(context: Context, place: str) -> None:
    """Choose a unit or a document by its place in the list, from 1 (R3, M8)."""
    if operators.is_missing(context):
        context.refuse_command(operators.BADGE_FIRST)
    elif context.state.question is None:
        context.refuse_command(judge.NO_CHOICE)
    else:
        answering.choose_by_place(context, context.state.question, place)


def generate(context: Context, item: str) -> None:
    """Handle GENERATE with an item's code or GTIN; like a scan, it gets its own row (M5, R1, P2)."""
    question = context.state.question
    if question is not None:
        answering.scanned_meanwhile(context, question, LabelQuery(()))
    elif context.state.session is None:
        context.refuse(judge.NO_DOCUMENT)
    else:
        generating.named(context, item)


def set_mode(context: Context, mode: Mode) -> None:
    """Handle RANGE, MFG, DETACH or GENERATE, which set what the next scan is for."""
    if _is_free(context) and _has_document(context):
        context.change_mode(mode)


def set_quantity(context: Context, quantity: str) -> None:
    """Handle QTY (M6)."""
    if _is_free(context) and _may_take(context):
        counting.set_quantity(context, quantity)


def describe(context: Context, field: DetailField, code: str) -> None:
    """Handle REASON or CONDITION (M7)."""
    if _is_free(context) and _may_take(context):
        details.describe(context, field, code)


def new_document(context: Context) -> None:
    """Handle NEW: the next unit's customer gets a new credit memo (M8)."""
    if not _is_free(context):
        return
    if not context.preferences.unannounced_returns:
        context.refuse_command(
            msg("unannounced returns are not taken here: set preferences.unannounced_returns")
        )
    elif context.state.session is not None:
        context.refuse_command(msg("close {document} first", document=context.session.document.number))
    else:
        context.change_mode(Mode.NEW)


def undo(context: Context) -> None:
    """Handle UNDO: take off what this session attached or counted last (M4)."""
    if not (_is_free(context) and _has_document(context)):
        return
    if count := context.repository.last_count(context.session.document.number, context.session.number):
        counting.take_back(context, count)
    else:
        scanning.undo(context)


def close(context: Context) -> None:
    """Handle CLOSE (D2)."""
    if _is_free(context):
        documents.close(context)


def save(context: Context, rest: saving.Rest | None = None) -> None:
    """Handle SAVE (D3, D6); `rest`: as for `saving.save`."""
    if _is_free(context):
        saving.save(context, rest)


def later(context: Context) -> None:
    """Handle LATER, which answers the question about an incomplete document (D6)."""
    question = context.state.question
    if question is None or question.kind is not QuestionKind.INCOMPLETE:
        context.refuse_command(msg("there is nothing to answer with LATER"))
    else:
        answering.answer_incomplete(context, question, "later", how="later")


def open_document(context: Context, number: str) -> None:
    """Open a document by touch or from the command line (D1, R11)."""
    if not _chooses_document(context, number) and _is_free(context):
        documents.open_document(context, number, unasked=True)


def scan_document(context: Context, number: str) -> None:
    """Open a document whose code was scanned, unless it is a parcel's label and not meant (D1, D11, R11)."""
    question = context.state.question
    if question is not None and answering.is_confirmation(context, question):
        answer(context, yes=True)
    elif not _chooses_document(context, number) and _is_free(context):
        documents.open_document(context, number, unasked=False)


def _chooses_document(context: Context, number: str) -> bool:
    """Choose the document for the unit that was scanned (M8), if that is the question."""
    question = context.state.question
    if question is None or question.kind is not QuestionKind.DOCUMENT or number not in question.documents:
        return False
    if operators.is_missing(context):
        # Opening a document needs no operator, but this also takes the unit.
        context.refuse_command(operators.BADGE_FIRST)
    else:
        answering.choose_document(context, question, number)
    return True


def cancel_document(context: Context, number: str) -> None:
    """Cancel a document for the office (D4), which does not wait for an answer at the dock."""
    documents.cancel_document(context, number)


def reopen_document(context: Context, number: str) -> None:
    """Undo the last Save of a document for the office (D8), which does not wait for an answer either."""
    saving.reopen(context, number)


def badge(context: Context, code: str) -> None:
    """Handle an operator's badge (D5).

    While a question is open, only if it can't be answered without a badge.
    """
    if operators.is_missing(context) or _is_free(context):
        operators.sign_on(context, code)


def sign_off(context: Context) -> None:
    """Handle SIGNOFF (D5)."""
    if not _is_free(context):
        return
    if context.state.operator is None:
        context.refuse_command(msg("nobody is signed on"))
    else:
        operators.sign_off(context, "signoff")


def show_history(context: Context) -> None:
    """Handle HISTORY, which is allowed while a question is open because it changes nothing."""
    context.events.append(HistoryAsked())


def _is_free(context: Context) -> bool:
    if context.state.question is None:
        return True
    context.refuse_command(judge.ANSWER_FIRST)
    return False


def _may_take(context: Context) -> bool:
    """Whether the next scan may be taken: with a document, or because a unit finds its own (M8)."""
    opens = context.preferences.open_by_unit or context.state.mode is Mode.NEW
    return opens or _has_document(context)


def _has_document(context: Context) -> bool:
    if context.state.session is not None:
        return True
    context.refuse_command(judge.NO_DOCUMENT)
    return False
