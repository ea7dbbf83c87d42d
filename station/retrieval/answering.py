"""Answers to the question that stands (P1 to P4)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from station.events import Candidate, Mode, Question, QuestionAnswered, QuestionKind
from station.retrieval import rules
from station.retrieval.attaching import retrieve
from station.retrieval.scanning import by_serial, detach, retrieve_range

if TYPE_CHECKING:
    from station.retrieval.case import Case
    from station.retrieval.model import Unit


def answer(case: Case, question: Question, *, yes: bool, said: str) -> None:
    """Yes or no; `said` is how (``yes``, ``no``, ``timeout``)."""
    if question.kind is QuestionKind.CHOICE and yes:
        case.refuse_command("choose one of the list, or NO")
        return
    _settle(case, question, said)
    is_of_range = question.range is not None and question.kind is not QuestionKind.RANGE_SIZE
    if not yes and not is_of_range:
        # One No declines the unit, whatever has changed since.
        unit = _unit(case, question.candidates[0]) if len(question.candidates) == 1 else None
        case.refuse(rules.DECLINED, unit)
    elif question.range is not None:
        retrieve_range(
            case,
            question.range,
            # The size of a range says nothing about its items: those are asked about in their turn.
            yes if is_of_range else None,
            question if not yes and question.kind is QuestionKind.ADD_ITEM else None,
        )
    else:
        _retrieve_again(case, question.candidates[0], consent=True)


def scanned_meanwhile(case: Case, question: Question, number: str, gtin: str | None) -> None:
    """P2: a serial number while a question stands; it answers nothing but a choice, or by preference."""
    if question.kind is QuestionKind.CHOICE:
        named = {(unit.serial_number, unit.item) for unit in by_serial(case, number, gtin)}
        chosen = [
            each
            for each in question.candidates
            if (each.serial_number, each.item) in named and each.barred is None
        ]
        if len(chosen) == 1:
            choose(case, question, chosen[0])
            return
    elif case.preferences.confirm_by_rescan and case.source.text == question.source.text:
        answer(case, question, yes=True, said="yes")
        return
    case.refuse(rules.ANSWER_FIRST)


def choose_by_place(case: Case, question: Question, place: str) -> None:
    """A touch on the list: `place` counts from 1."""
    if question.kind is not QuestionKind.CHOICE:
        case.refuse_command("there is nothing to choose from")
        return
    known = {str(number): each for number, each in enumerate(question.candidates, start=1)}
    each = known.get(place)
    if each is None:
        case.refuse_command(f"choose a number from 1 to {len(known)}")
    elif each.barred is not None:
        case.refuse_command(f"{each.serial_number} can't be chosen: {each.barred}")
    else:
        choose(case, question, each)


def choose(case: Case, question: Question, each: Candidate) -> None:
    """One unit of a choice is picked (R3)."""
    _settle(case, question, each.serial_number)
    if question.mode is Mode.DETACH:
        unit = _unit(case, each)
        if unit is None:
            case.refuse(rules.UNKNOWN)
        else:
            detach(case, unit)
        return
    _retrieve_again(case, each, consent=None)


def _settle(case: Case, question: Question, said: str) -> None:
    """The question is gone; what follows is the business of the scan that raised it."""
    case.books.drop_question()
    case.events.append(QuestionAnswered(question, said))
    case.source = replace(case.source, scanner=question.source.scanner, text=question.source.text)


def _retrieve_again(case: Case, each: Candidate, *, consent: bool | None) -> None:
    """Judge the unit anew: minutes may have passed since the question."""
    unit = _unit(case, each)
    if unit is None:
        case.refuse(rules.UNKNOWN)
    else:
        retrieve(case, unit, consent)


def _unit(case: Case, each: Candidate) -> Unit | None:
    return case.books.unit(each.serial_number, each.item)
