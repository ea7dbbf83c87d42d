"""What a label, a command or a touch does: each function here serves one kind of request.

Nothing but HISTORY and an answer goes on while a question is open (P2), and some need a document (R1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.events import HistoryAsked, OperatorChanged
from station.i18n.messages import msg
from station.questions import Mode
from station.rules import answering, documents, generating, judge, scanning
from station.rules.model import LabelQuery

if TYPE_CHECKING:
    from station.rules.context import Context


def scan(context: Context, sought: LabelQuery) -> None:
    """A label was read or typed: serial numbers, mostly one (R1 to R10, M1 to M5, P2)."""
    question = context.state.question
    if question is None:
        scanning.scan(context, sought)
    else:
        answering.scanned_meanwhile(context, question, sought)


def answer(context: Context, *, yes: bool, said: str | None = None) -> None:
    """YES or NO (P1); the time limit answers No (P4)."""
    if context.state.question is not None:
        answering.answer(context, context.state.question, yes=yes, said=said or ("yes" if yes else "no"))
    elif said is None:
        # When only the time is up, nobody has said anything.
        context.refuse_command(msg("there is no question to answer"))


def cancel(context: Context) -> None:
    """CANCEL: No to a question, else back to single serial numbers."""
    if context.state.question is not None:
        answering.answer(context, context.state.question, yes=False, said="no")
    elif context.state.mode is not Mode.ATTACH:
        context.change_mode(Mode.ATTACH)
    else:
        context.refuse_command(msg("there is nothing to cancel"))


def choose(context: Context, place: str) -> None:
    """A place on the list of a choice, from 1 (R3)."""
    if context.state.question is None:
        context.refuse_command(judge.NO_CHOICE)
    else:
        answering.choose_by_place(context, context.state.question, place)


def generate(context: Context, item: str) -> None:
    """GENERATE with an item's code or GTIN, as good as a scan: it gets a row of its own (M5, R1, P2)."""
    question = context.state.question
    if question is not None:
        answering.scanned_meanwhile(context, question, LabelQuery(()))
    elif context.state.session is None:
        context.refuse(judge.NO_DOCUMENT)
    else:
        generating.named(context, item)


def set_mode(context: Context, mode: Mode) -> None:
    """RANGE, MFG, DETACH, GENERATE: what the next scan is for."""
    if _is_free(context) and _has_document(context):
        context.change_mode(mode)


def undo(context: Context) -> None:
    """UNDO: take off what this session attached last (M4)."""
    if not (_is_free(context) and _has_document(context)):
        return
    last = context.repository.last_attachment(context.session.document.number, context.session.number)
    unit = context.repository.unit(last.serial_number, last.item) if last else None
    if unit is None:
        context.refuse_command(msg("there is nothing to undo"))
    else:
        scanning.detach(context, unit)


def close(context: Context) -> None:
    """CLOSE (D2)."""
    if _is_free(context):
        documents.close(context)


def save(context: Context) -> None:
    """SAVE (D3)."""
    if _is_free(context):
        documents.save(context)


def open_document(context: Context, number: str) -> None:
    """A document's number (D1, R11)."""
    if _is_free(context):
        documents.open_document(context, number)


def cancel_document(context: Context, number: str) -> None:
    """The office cancels a document (D4)."""
    if _is_free(context):
        documents.cancel_document(context, number)


def badge(context: Context, code: str) -> None:
    """An operator's badge (D5)."""
    if not _is_free(context):
        return
    name = context.repository.operator_name(code)
    if name is None:
        context.refuse_command(msg("badge {code} is unknown", code=code))
    else:
        context.repository.set_operator(code)
        context.events.append(OperatorChanged(code, name))


def show_history(context: Context) -> None:
    """HISTORY: changes nothing, so it needs no answer first."""
    context.events.append(HistoryAsked())


def _is_free(context: Context) -> bool:
    if context.state.question is None:
        return True
    context.refuse_command(judge.ANSWER_FIRST)
    return False


def _has_document(context: Context) -> bool:
    if context.state.session is not None:
        return True
    context.refuse_command(judge.NO_DOCUMENT)
    return False
