"""Answers to the open question (P1 to P4)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from station.events import QuestionAnswered
from station.i18n.messages import msg
from station.questions import Answered, Candidate, Mode, Question, QuestionKind, SerialRange
from station.rules import counting, documents, generating, judge, opening
from station.rules.attaching import retrieve
from station.rules.lookup import by_serial, narrowed
from station.rules.saving import save
from station.rules.scanning import detach, process, retrieve_range

if TYPE_CHECKING:
    from station.rules.context import Context
    from station.rules.model import LabelQuery, Unit
    from station.rules.saving import Rest


_CHOICES = {QuestionKind.CHOICE, QuestionKind.DOCUMENT}
"""Questions that a Yes doesn't answer."""


def answer(context: Context, question: Question, *, yes: bool, how: str) -> None:
    """Answer yes or no; `how`: ``yes``, ``no`` or ``timeout``."""
    if question.kind in _CHOICES and yes:
        context.refuse_command(msg("choose one of the list, or NO"))
        return
    if question.kind is QuestionKind.INCOMPLETE:
        answer_incomplete(context, question, "yes" if yes else "no", how=how)
        return
    _settle(context, question, how)
    if question.kind is QuestionKind.SWITCH_DOCUMENT:
        if yes:
            documents.open_document(context, question.documents[0], unasked=True)
        return
    if question.quantity is not None:
        counting.answer(context, question, yes=yes)
        return
    is_of_range = question.range is not None and question.kind is not QuestionKind.RANGE_SIZE
    if not yes and not is_of_range:
        # A No declines the unit, whatever has changed since.
        unit = _asked(context, question) if len(question.candidates) == 1 else None
        context.refuse(context.which(context.declined), unit)
        if question.kind is QuestionKind.DOCUMENT:
            return
    elif question.range is not None:
        _retrieve_range_again(context, question, question.range, yes=yes)
    elif question.mode is Mode.GENERATE:
        _generate(context, question)
    else:
        _retrieve_again(context, question.candidates[0], _answers(question, yes=True))
    _continue_label(context, question, yes=yes)


def answer_incomplete(context: Context, question: Question, rest: Rest, *, how: str) -> None:
    """Save the document without the rest, save it for now, or go on scanning (D6); `how`: also ``later``."""
    _settle(context, question, how)
    if rest != "no":
        save(context, rest, asked=question.text)


def _retrieve_range_again(context: Context, question: Question, of_range: SerialRange, *, yes: bool) -> None:
    """Retrieve a range after an answer; its units are judged again."""
    if question.kind is QuestionKind.RANGE_SIZE:
        # Consent to the size of a range doesn't cover its items, which may raise further questions.
        retrieve_range(context, of_range)
    elif yes:
        retrieve_range(context, of_range, judge.Consent(yes=frozenset(question.kinds)))
    else:
        is_about_item = question.kind is QuestionKind.ADD_ITEM
        retrieve_range(context, of_range, judge.NO_TO_ALL, question if is_about_item else None)


def _answers(question: Question, *, yes: bool | None) -> tuple[Answered, ...]:
    """Return the answers that apply to the label's units; None: a choice has none."""
    before = question.rest.consents if question.rest else ()
    if yes is None or question.kind is QuestionKind.CHOICE:
        return before
    return (*before, Answered(question.candidates[0].item, yes, question.kinds))


def _continue_label(context: Context, question: Question, *, yes: bool | None) -> None:
    """Process the label's remaining serial numbers; the answer applies to all units of the item."""
    if question.rest is not None and not context.is_asked:
        process(context, replace(question.rest, consents=_answers(question, yes=yes)))


def scanned_meanwhile(context: Context, question: Question, query: LabelQuery) -> None:
    """Handle a label while a question is open (P2): it only answers a choice, or confirms by preference."""
    if question.kind is QuestionKind.CHOICE:
        if (chosen := _chosen(context, question, query)) is not None:
            choose(context, question, chosen)
            return
    elif is_confirmation(context, question):
        answer(context, question, yes=True, how="yes")
        return
    context.refuse(judge.ANSWER_FIRST)


def _chosen(context: Context, question: Question, query: LabelQuery) -> Candidate | None:
    """Return the one candidate that a label names and that can be chosen."""
    wanted = narrowed(context, query)
    if isinstance(wanted, str) or len(wanted.serials) != 1:
        return None
    named = {(unit.serial_number, unit.item) for unit in by_serial(context, wanted.serials[0], wanted)}
    chosen = [
        each
        for each in question.candidates
        if (each.serial_number, each.item) in named and each.blocked_reason is None
    ]
    return chosen[0] if len(chosen) == 1 else None


def is_confirmation(context: Context, question: Question) -> bool:
    """Whether this is the very code that raised the question, scanned again, and that counts as Yes (P2).

    It never chooses one of several, and never saves an incomplete document (D6).
    """
    if question.kind in _CHOICES or question.kind is QuestionKind.INCOMPLETE:
        return False
    one, other = context.source, question.source
    is_same = (one.text, one.symbology_identifier) == (other.text, other.symbology_identifier)
    return context.preferences.confirm_by_rescan and is_same


def choose_by_place(context: Context, question: Question, place: str) -> None:
    """Choose by touch: `place` counts from 1."""
    if question.kind not in _CHOICES:
        context.refuse_command(judge.NO_CHOICE)
        return
    offered: tuple[Candidate | str, ...] = (
        question.candidates if question.kind is QuestionKind.CHOICE else question.documents
    )
    known: dict[str, Candidate | str] = {str(number): each for number, each in enumerate(offered, start=1)}
    each = known.get(place)
    if each is None:
        context.refuse_command(msg("choose a number from 1 to {last}", last=len(known)))
    elif isinstance(each, str):
        choose_document(context, question, each)
    elif each.blocked_reason is not None:
        context.refuse_command(
            msg(
                "{number} can't be chosen: {reason_text}",
                number=each.serial_number,
                reason_text=each.blocked_reason,
            )
        )
    else:
        choose(context, question, each)


def choose_document(context: Context, question: Question, number: str) -> None:
    """Choose the document of a unit (M8)."""
    _settle(context, question, number)
    if question.rest is not None:
        opening.open_and_take(context, number, question.rest)


def choose(context: Context, question: Question, each: Candidate) -> None:
    """Choose one unit (R3)."""
    _settle(context, question, each.serial_number)
    if question.mode is Mode.DETACH:
        unit = _unit(context, each)
        if unit is None:
            context.refuse(context.which(judge.UNKNOWN))
        else:
            detach(context, unit)
    else:
        _retrieve_again(context, each, _answers(question, yes=None))
    _continue_label(context, question, yes=None)


def _settle(context: Context, question: Question, how: str) -> None:
    """Close the question; rows that follow belong to the scan that raised it."""
    context.repository.drop_question()
    context.state = replace(context.state, question=None)
    context.events.append(QuestionAnswered(question, how))
    if how == "timeout":
        context.declined = judge.UNANSWERED
    context.rest = question.rest
    if question.rest is not None:
        # The reason and the condition hold for all of the label's units; a quantity is dropped only once.
        quantity = context.state.upcoming.quantity
        context.state = replace(context.state, upcoming=replace(question.rest.details, quantity=quantity))
    context.source = replace(
        context.source,
        scanner=question.source.scanner,
        text=question.source.text,
        symbology_identifier=question.source.symbology_identifier,
    )


def _retrieve_again(context: Context, each: Candidate, answers: tuple[Answered, ...]) -> None:
    """Judge the unit again: minutes may have passed since the question."""
    unit = _unit(context, each)
    if unit is None:
        context.refuse(context.which(judge.UNKNOWN))
    else:
        retrieve(context, unit, judge.consent_about(unit.item, answers))


def _generate(context: Context, question: Question) -> None:
    """Number a unit after a Yes (M5)."""
    item = context.repository.item(question.candidates[0].item)
    if item is None:
        context.refuse(msg("item {item} is gone", item=question.candidates[0].item))
    else:
        generating.generate(context, item, judge.Consent(yes=frozenset(question.kinds)))


def _asked(context: Context, question: Question) -> Unit | None:
    """Return the one unit that the question is about."""
    (each,) = question.candidates
    if question.mode is not Mode.GENERATE:
        return _unit(context, each)
    item = context.repository.item(each.item)
    return generating.without_number(item) if item else None


def _unit(context: Context, each: Candidate) -> Unit | None:
    return context.repository.unit(each.serial_number, each.item)
