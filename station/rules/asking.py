"""The questions about units (R7 to R9, R12 to R14): one question names everything that must be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.i18n.messages import msg, msg_count
from station.questions import Candidate, Mode, Question, QuestionKind, SerialRange
from station.rules.judge import CONCERNS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from station.rules.judge import Case
    from station.rules.model import Unit
    from station.source import Source

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_OF_THE_ITEM = {QuestionKind.ADD_ITEM, QuestionKind.OVER_QUANTITY}
"""Concerns that are the same for all units of an item."""


def question(
    asked: Mapping[QuestionKind, Sequence[Case]], source: Source, of_range: SerialRange | None = None
) -> Question:
    """Return the one question about a unit or a range; `asked`: each concern with the units that raise it."""
    concerns = [concern for concern in CONCERNS if concern in asked]
    units = {case.unit.serial_number: case for concern in concerns for case in asked[concern]}
    case = units[min(units)]
    return Question(
        kind=concerns[0],
        also=tuple(concerns[1:]),
        text=_text(concerns, asked, is_one=len(units) == 1),
        document=case.document.number,
        source=source,
        mode=Mode.ATTACH if case.unit.serial_number else Mode.GENERATE,
        candidates=(candidate(case.unit),),
        range=of_range,
    )


def candidate(unit: Unit, blocked_reason: str | None = None) -> Candidate:
    """Return a unit as a question shows it."""
    return Candidate(
        serial_number=unit.serial_number,
        mfr_serial_number=unit.mfr_serial_number,
        item=unit.item,
        description=unit.description,
        stock_area=unit.area,
        blocked_reason=blocked_reason,
    )


def _text(
    concerns: Sequence[QuestionKind], asked: Mapping[QuestionKind, Sequence[Case]], *, is_one: bool
) -> str:
    case = asked[concerns[0]][0]
    item, document = case.unit.item, case.document.number
    if concerns == [QuestionKind.ADD_ITEM]:
        return msg("Item {item} is not on {document}. Add it?", item=item, document=document)
    if concerns == [QuestionKind.OVER_QUANTITY]:
        return msg(
            "The line of {item} on {document} is full. Credit more than requested?",
            item=item,
            document=document,
        )
    facts_text = _sentences([_fact(concern, asked[concern]) for concern in concerns])
    if QuestionKind.NEGATIVE in concerns:
        if is_one:
            return msg("{facts_text}. Does the customer take it away?", facts_text=facts_text)
        return msg("{facts_text}. Does the customer take them away?", facts_text=facts_text)
    if is_one:
        return msg("{facts_text}. Take it all the same?", facts_text=facts_text)
    return msg("{facts_text}. Take them all the same?", facts_text=facts_text)


def _sentences(facts: Sequence[str]) -> str:
    """Join sentences; displays find sentences within sentences only to a small depth."""
    match facts:
        case [only]:
            return only
        case [first, second]:
            return msg("{first_text}. {second_text}", first_text=first, second_text=second)
        case [first, second, third]:
            return msg(
                "{first_text}. {second_text}. {third_text}",
                first_text=first,
                second_text=second,
                third_text=third,
            )
        case [first, second, third, *rest]:
            return msg(
                "{first_text}. {second_text}. {third_text}. {rest_text}",
                first_text=first,
                second_text=second,
                third_text=third,
                rest_text=_sentences(rest),
            )
    return ""


def _fact(concern: QuestionKind, cases: Sequence[Case]) -> str:
    """Return what the worker should know, for the first unit and with the count of the others."""
    fact = _fact_of(concern, cases[0])
    if concern in _OF_THE_ITEM or len(cases) == 1:
        return fact
    return msg_count(
        "{fact_text} (and {count} unit more)",
        "{fact_text} (and {count} units more)",
        len(cases) - 1,
        fact_text=fact,
    )


def _fact_of(concern: QuestionKind, case: Case) -> str:  # noqa: PLR0911 - one for each concern
    unit, document = case.unit, case.document
    match concern:
        case QuestionKind.ADD_ITEM:
            return msg("Item {item} is not on {document}", item=unit.item, document=document.number)
        case QuestionKind.OVER_QUANTITY:
            return msg("The line of {item} on {document} is full", item=unit.item, document=document.number)
        case QuestionKind.NEGATIVE if case.booking is not None:
            return msg(
                "{number} is ours already: it came back on {document} on {day}",
                number=unit.serial_number,
                document=case.booking.document,
                day=_day(case.booking.at.astimezone().date(), case.today),
            )
        case QuestionKind.NEGATIVE:
            return msg("{number} is in {area}, ours", number=unit.serial_number, area=unit.area)
        case QuestionKind.OTHER_CUSTOMER:
            return msg(
                "{number} was sold to {customer}; {document} is {other}'s",
                number=unit.serial_number,
                customer=unit.customer,
                document=document.number,
                other=document.customer,
            )
        case QuestionKind.LATE_RETURN:
            return msg(
                "{number} was returnable until {day}",
                number=unit.serial_number,
                day=_day(unit.returnable_until, case.today) if unit.returnable_until else "",
            )
        case _ if unit.serial_number:
            return msg(
                "{document} expects other units of {item}, not {number}",
                document=document.number,
                item=unit.item,
                number=unit.serial_number,
            )
        case _:
            return msg("{document} expects other units of {item}", document=document.number, item=unit.item)


def _day(day: date, today: date) -> str:
    """Return a date as workers say it: ``20 Nov``, with the year unless it is this one."""
    text = f"{day.day} {_MONTHS[day.month - 1]}"
    return text if day.year == today.year else f"{text} {day.year}"
