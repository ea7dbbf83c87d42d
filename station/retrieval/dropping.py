"""A question whose document was booked or cancelled before the answer: what it was about is refused (P3)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from station.events import Mode, QuestionKind
from station.saying import say

if TYPE_CHECKING:
    from station.events import Question
    from station.retrieval.case import Case
    from station.retrieval.model import Unit


def refuse_dropped(case: Case, question: Question, why: str) -> None:
    """A row for the serial number that was asked about, and for each of the label's that waited behind it.

    Told behind the session's end, which clears the display's list; the rows are the session's all the same.
    They bear ids of their own: the entry that finds the document gone has its own outcome.
    """
    aside = replace(
        case,
        source=replace(
            case.source,
            id=case.new_id(),
            scanner=question.source.scanner,
            text=question.source.text,
            symbology_identifier=question.source.symbology_identifier,
        ),
    )
    aside.refuse(_reason(question, why, _asked(question)), _unit(case, question))
    for number in question.rest.serials if question.rest else ():
        aside.refuse(_reason(question, why, number))


def gone(document: str, why: str) -> str:
    """That nobody works on a document any more; `why`: as in `events.SessionClosed`."""
    match why:
        case "saved":
            return say("{document} is saved", document=document)
        case "cancelled":
            return say("{document} is cancelled", document=document)
        case _:
            return say("{document} is closed", document=document)


def _reason(question: Question, why: str, what: str) -> str:
    said = gone(question.document, why)
    if question.mode is Mode.DETACH:
        return say("{reason_text}: {number}", reason_text=said, number=what)
    if question.mode is Mode.GENERATE:
        return say("{gone_text}: open another document and GENERATE {item} again", gone_text=said, item=what)
    return say(
        "{gone_text}: open another document and scan {what_text} again", gone_text=said, what_text=what
    )


def _asked(question: Question) -> str:
    """What the question was about, as it was scanned."""
    if question.rest is not None and question.rest.number:
        return question.rest.number
    if question.range is not None:
        return say("{first} to {last}", first=question.range.first, last=question.range.last)
    if question.kind is QuestionKind.CHOICE:
        return question.source.text
    return question.candidates[0].serial_number or question.candidates[0].item


def _unit(case: Case, question: Question) -> Unit | None:
    if question.range is not None or len(question.candidates) != 1:
        return None
    each = question.candidates[0]
    return case.books.unit(each.serial_number, each.item)
