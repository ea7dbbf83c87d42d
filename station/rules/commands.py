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


def scan(case: Context, sought: LabelQuery) -> None:
    """A label was read or typed: serial numbers, mostly one (R1 to R10, M1 to M5, P2)."""
    question = case.standing.question
    if question is None:
        scanning.scan(case, sought)
    else:
        answering.scanned_meanwhile(case, question, sought)


def answer(case: Context, *, yes: bool, said: str | None = None) -> None:
    """YES or NO (P1); the time limit answers No (P4)."""
    if case.standing.question is not None:
        answering.answer(case, case.standing.question, yes=yes, said=said or ("yes" if yes else "no"))
    elif said is None:
        # When only the time is up, nobody has said anything.
        case.refuse_command(msg("there is no question to answer"))


def cancel(case: Context) -> None:
    """CANCEL: No to a question, else back to single serial numbers."""
    if case.standing.question is not None:
        answering.answer(case, case.standing.question, yes=False, said="no")
    elif case.standing.mode is not Mode.ATTACH:
        case.change_mode(Mode.ATTACH)
    else:
        case.refuse_command(msg("there is nothing to cancel"))


def choose(case: Context, place: str) -> None:
    """A place on the list of a choice, from 1 (R3)."""
    if case.standing.question is None:
        case.refuse_command(judge.NO_CHOICE)
    else:
        answering.choose_by_place(case, case.standing.question, place)


def generate(case: Context, item: str) -> None:
    """GENERATE with an item's code or GTIN, as good as a scan: it gets a row of its own (M5, R1, P2)."""
    question = case.standing.question
    if question is not None:
        answering.scanned_meanwhile(case, question, LabelQuery(()))
    elif case.standing.session is None:
        case.refuse(judge.NO_DOCUMENT)
    else:
        generating.named(case, item)


def set_mode(case: Context, mode: Mode) -> None:
    """RANGE, MFG, DETACH, GENERATE: what the next scan is for."""
    if _is_free(case) and _has_document(case):
        case.change_mode(mode)


def undo(case: Context) -> None:
    """UNDO: take off what this session attached last (M4)."""
    if not (_is_free(case) and _has_document(case)):
        return
    last = case.books.last_attachment(case.session.document.number, case.session.number)
    unit = case.books.unit(last.serial_number, last.item) if last else None
    if unit is None:
        case.refuse_command(msg("there is nothing to undo"))
    else:
        scanning.detach(case, unit)


def close(case: Context) -> None:
    """CLOSE (D2)."""
    if _is_free(case):
        documents.close(case)


def save(case: Context) -> None:
    """SAVE (D3)."""
    if _is_free(case):
        documents.save(case)


def open_document(case: Context, number: str) -> None:
    """A document's number (D1, R11)."""
    if _is_free(case):
        documents.open_document(case, number)


def cancel_document(case: Context, number: str) -> None:
    """The office cancels a document (D4)."""
    if _is_free(case):
        documents.cancel_document(case, number)


def badge(case: Context, code: str) -> None:
    """An operator's badge (D5)."""
    if not _is_free(case):
        return
    name = case.books.operator_name(code)
    if name is None:
        case.refuse_command(msg("badge {code} is unknown", code=code))
    else:
        case.books.set_operator(code)
        case.events.append(OperatorChanged(code, name))


def show_history(case: Context) -> None:
    """HISTORY: changes nothing, so it needs no answer first."""
    case.events.append(HistoryAsked())


def _is_free(case: Context) -> bool:
    if case.standing.question is None:
        return True
    case.refuse_command(judge.ANSWER_FIRST)
    return False


def _has_document(case: Context) -> bool:
    if case.standing.session is not None:
        return True
    case.refuse_command(judge.NO_DOCUMENT)
    return False
