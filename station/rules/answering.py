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


def answer(case: Context, question: Question, *, yes: bool, said: str) -> None:
    """Yes or no; `said` is how (``yes``, ``no``, ``timeout``)."""
    if question.kind is QuestionKind.CHOICE and yes:
        case.refuse_command(msg("choose one of the list, or NO"))
        return
    _settle(case, question, said)
    is_of_range = question.range is not None and question.kind is not QuestionKind.RANGE_SIZE
    if not yes and not is_of_range:
        # One No declines the unit, whatever has changed since.
        unit = _asked(case, question) if len(question.candidates) == 1 else None
        case.refuse(case.which(judge.DECLINED), unit)
    elif question.range is not None:
        retrieve_range(
            case,
            question.range,
            # The size of a range says nothing about its items: those are asked about in their turn.
            yes if is_of_range else None,
            question if not yes and question.kind is QuestionKind.ADD_ITEM else None,
        )
    elif question.mode is Mode.GENERATE:
        _generate(case, question)
    else:
        _retrieve_again(case, question.candidates[0], consent=True)
    _rest(case, question, yes)


def _rest(case: Context, question: Question, consent: bool | None) -> None:  # noqa: FBT001 - as in `retrieve`
    """Go on with the label whose serial number was asked about; the answer holds for all of the item."""
    rest = question.rest
    if rest is None or case.is_asked:
        return
    if question.kind is not QuestionKind.CHOICE and consent is not None:
        rest = replace(rest, consents=(*rest.consents, (question.candidates[0].item, consent)))
    go_on(case, rest)


def scanned_meanwhile(case: Context, question: Question, said: LabelQuery) -> None:
    """P2: a label while a question stands; it answers nothing but a choice, or by preference."""
    if question.kind is QuestionKind.CHOICE:
        if (chosen := _chosen(case, question, said)) is not None:
            choose(case, question, chosen)
            return
    elif case.preferences.confirm_by_rescan and _is_same_code(case.source, question.source):
        answer(case, question, yes=True, said="yes")
        return
    case.refuse(judge.ANSWER_FIRST)


def _chosen(case: Context, question: Question, said: LabelQuery) -> Candidate | None:
    """The one unit of the list that a label names, when it names one that can be taken."""
    sought = narrowed(case, said)
    if isinstance(sought, str) or len(sought.serials) != 1:
        return None
    named = {(unit.serial_number, unit.item) for unit in by_serial(case, sought.serials[0], sought)}
    chosen = [
        each
        for each in question.candidates
        if (each.serial_number, each.item) in named and each.barred is None
    ]
    return chosen[0] if len(chosen) == 1 else None


def _is_same_code(one: Source, other: Source) -> bool:
    return (one.text, one.symbology_identifier) == (other.text, other.symbology_identifier)


def choose_by_place(case: Context, question: Question, place: str) -> None:
    """A touch on the list: `place` counts from 1."""
    if question.kind is not QuestionKind.CHOICE:
        case.refuse_command(judge.NO_CHOICE)
        return
    known = {str(number): each for number, each in enumerate(question.candidates, start=1)}
    each = known.get(place)
    if each is None:
        case.refuse_command(msg("choose a number from 1 to {last}", last=len(known)))
    elif each.barred is not None:
        case.refuse_command(
            msg("{number} can't be chosen: {reason_text}", number=each.serial_number, reason_text=each.barred)
        )
    else:
        choose(case, question, each)


def choose(case: Context, question: Question, each: Candidate) -> None:
    """One unit of a choice is picked (R3)."""
    _settle(case, question, each.serial_number)
    if question.mode is Mode.DETACH:
        unit = _unit(case, each)
        if unit is None:
            case.refuse(case.which(judge.UNKNOWN))
        else:
            detach(case, unit)
    else:
        _retrieve_again(case, each, consent=_consent(question, each))
    _rest(case, question, None)


def _consent(question: Question, each: Candidate) -> bool | None:
    """What was answered already about another unit of the item on the same label."""
    return dict(question.rest.consents).get(each.item) if question.rest else None


def _settle(case: Context, question: Question, said: str) -> None:
    """The question is gone; what follows is the business of the scan that raised it."""
    case.books.drop_question()
    case.events.append(QuestionAnswered(question, said))
    case.rest = question.rest
    case.source = replace(
        case.source,
        scanner=question.source.scanner,
        text=question.source.text,
        symbology_identifier=question.source.symbology_identifier,
    )


def _retrieve_again(case: Context, each: Candidate, *, consent: bool | None) -> None:
    """Judge the unit anew: minutes may have passed since the question."""
    unit = _unit(case, each)
    if unit is None:
        case.refuse(case.which(judge.UNKNOWN))
    else:
        retrieve(case, unit, consent)


def _generate(case: Context, question: Question) -> None:
    """Yes to a unit that has no number yet: it gets one now (M5)."""
    item = case.books.item(question.candidates[0].item)
    if item is None:
        case.refuse(msg("item {item} is gone", item=question.candidates[0].item))
    else:
        generating.generate(case, item, consent=True)


def _asked(case: Context, question: Question) -> Unit | None:
    """The one unit that the question is about."""
    (each,) = question.candidates
    if question.mode is not Mode.GENERATE:
        return _unit(case, each)
    item = case.books.item(each.item)
    return generating.without_number(item) if item else None


def _unit(case: Context, each: Candidate) -> Unit | None:
    return case.books.unit(each.serial_number, each.item)
