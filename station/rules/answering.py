"""Answers to the question that stands (P1 to P4)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from station.events import QuestionAnswered
from station.i18n.messages import msg
from station.questions import Candidate, Mode, Question, QuestionKind
from station.rules import generating, judge
from station.rules.attaching import retrieve
from station.rules.lookup import by_serial, narrowed
from station.rules.scanning import detach, go_on, retrieve_range

if TYPE_CHECKING:
    from station.rules.context import Context
    from station.rules.model import LabelQuery, Unit
    from station.source import Source


def answer(context: Context, question: Question, *, yes: bool, said: str) -> None:
    """Yes or no; `said` is how (``yes``, ``no``, ``timeout``)."""
    if question.kind is QuestionKind.CHOICE and yes:
        context.refuse_command(msg("choose one of the list, or NO"))
        return
    _settle(context, question, said)
    is_of_range = question.range is not None and question.kind is not QuestionKind.RANGE_SIZE
    if not yes and not is_of_range:
        # One No declines the unit, whatever has changed since.
        unit = _asked(context, question) if len(question.candidates) == 1 else None
        context.refuse(context.which(judge.DECLINED), unit)
    elif question.range is not None:
        retrieve_range(
            context,
            question.range,
            # The size of a range says nothing about its items: those are asked about in their turn.
            yes if is_of_range else None,
            question if not yes and question.kind is QuestionKind.ADD_ITEM else None,
        )
    elif question.mode is Mode.GENERATE:
        _generate(context, question)
    else:
        _retrieve_again(context, question.candidates[0], consent=True)
    _rest(context, question, yes)


def _rest(context: Context, question: Question, consent: bool | None) -> None:  # noqa: FBT001 - as in `retrieve`
    """Go on with the label whose serial number was asked about; the answer holds for all of the item."""
    rest = question.rest
    if rest is None or context.is_asked:
        return
    if question.kind is not QuestionKind.CHOICE and consent is not None:
        rest = replace(rest, consents=(*rest.consents, (question.candidates[0].item, consent)))
    go_on(context, rest)


def scanned_meanwhile(context: Context, question: Question, said: LabelQuery) -> None:
    """P2: a label while a question stands; it answers nothing but a choice, or by preference."""
    if question.kind is QuestionKind.CHOICE:
        if (chosen := _chosen(context, question, said)) is not None:
            choose(context, question, chosen)
            return
    elif context.preferences.confirm_by_rescan and _is_same_code(context.source, question.source):
        answer(context, question, yes=True, said="yes")
        return
    context.refuse(judge.ANSWER_FIRST)


def _chosen(context: Context, question: Question, said: LabelQuery) -> Candidate | None:
    """The one unit of the list that a label names, when it names one that can be taken."""
    sought = narrowed(context, said)
    if isinstance(sought, str) or len(sought.serials) != 1:
        return None
    named = {(unit.serial_number, unit.item) for unit in by_serial(context, sought.serials[0], sought)}
    chosen = [
        each
        for each in question.candidates
        if (each.serial_number, each.item) in named and each.barred is None
    ]
    return chosen[0] if len(chosen) == 1 else None


def _is_same_code(one: Source, other: Source) -> bool:
    return (one.text, one.symbology_identifier) == (other.text, other.symbology_identifier)


def choose_by_place(context: Context, question: Question, place: str) -> None:
    """A touch on the list: `place` counts from 1."""
    if question.kind is not QuestionKind.CHOICE:
        context.refuse_command(judge.NO_CHOICE)
        return
    known = {str(number): each for number, each in enumerate(question.candidates, start=1)}
    each = known.get(place)
    if each is None:
        context.refuse_command(msg("choose a number from 1 to {last}", last=len(known)))
    elif each.barred is not None:
        context.refuse_command(
            msg("{number} can't be chosen: {reason_text}", number=each.serial_number, reason_text=each.barred)
        )
    else:
        choose(context, question, each)


def choose(context: Context, question: Question, each: Candidate) -> None:
    """One unit of a choice is picked (R3)."""
    _settle(context, question, each.serial_number)
    if question.mode is Mode.DETACH:
        unit = _unit(context, each)
        if unit is None:
            context.refuse(context.which(judge.UNKNOWN))
        else:
            detach(context, unit)
    else:
        _retrieve_again(context, each, consent=_consent(question, each))
    _rest(context, question, None)


def _consent(question: Question, each: Candidate) -> bool | None:
    """What was answered already about another unit of the item on the same label."""
    return dict(question.rest.consents).get(each.item) if question.rest else None


def _settle(context: Context, question: Question, said: str) -> None:
    """The question is gone; what follows is the business of the scan that raised it."""
    context.repository.drop_question()
    context.events.append(QuestionAnswered(question, said))
    context.rest = question.rest
    context.source = replace(
        context.source,
        scanner=question.source.scanner,
        text=question.source.text,
        symbology_identifier=question.source.symbology_identifier,
    )


def _retrieve_again(context: Context, each: Candidate, *, consent: bool | None) -> None:
    """Judge the unit anew: minutes may have passed since the question."""
    unit = _unit(context, each)
    if unit is None:
        context.refuse(context.which(judge.UNKNOWN))
    else:
        retrieve(context, unit, consent)


def _generate(context: Context, question: Question) -> None:
    """Yes to a unit that has no number yet: it gets one now (M5)."""
    item = context.repository.item(question.candidates[0].item)
    if item is None:
        context.refuse(msg("item {item} is gone", item=question.candidates[0].item))
    else:
        generating.generate(context, item, consent=True)


def _asked(context: Context, question: Question) -> Unit | None:
    """The one unit that the question is about."""
    (each,) = question.candidates
    if question.mode is not Mode.GENERATE:
        return _unit(context, each)
    item = context.repository.item(each.item)
    return generating.without_number(item) if item else None


def _unit(context: Context, each: Candidate) -> Unit | None:
    return context.repository.unit(each.serial_number, each.item)
