"""From units to rows: what R4 to R10 say is done, for one unit or for a whole range (M2)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from station.events import SerialGenerated
from station.i18n.messages import msg
from station.outcomes import Action
from station.questions import Candidate, Mode, Question, QuestionKind, SerialRange
from station.rules import judge
from station.rules.numbering import numbered

if TYPE_CHECKING:
    from collections.abc import Iterable

    from station.rules.context import Context
    from station.rules.model import Line, Unit


def retrieve(
    context: Context,
    unit: Unit,
    consent: bool | None = None,  # noqa: FBT001 - three values: yes, no, not asked yet
) -> None:
    """Treat one unit by R4 to R10, or ask."""
    shelf = _Shelf(context)
    kind = _treat(context, shelf, unit, consent)
    if kind is not None:
        context.raise_question(_question(context, kind, unit, shelf))


def retrieve_all(
    context: Context,
    units: Iterable[Unit],
    of_range: SerialRange,
    consent: bool | None = None,  # noqa: FBT001 - as above
    declined: Question | None = None,
) -> None:
    """Treat each unit of a range (M2): all of them, or a question and none of them.

    The units are of one item, so one answer does for all. `declined`: the question whether the item is to
    be added, when the answer was No; lines of it that another station has added since don't count then.
    """
    with context.repository.savepoint() as savepoint:
        told = len(context.events)
        shelf = _Shelf(context, declined)
        for unit in units:
            kind = _treat(context, shelf, unit, consent)
            if kind is not None:
                savepoint.roll_back()
                del context.events[told:]
                context.raise_question(_question(context, kind, unit, _Shelf(context), of_range))
                return


def _treat(context: Context, shelf: _Shelf, unit: Unit, consent: bool | None) -> QuestionKind | None:  # noqa: FBT001 - as above
    """Do what the rules say of one unit; or give the question that must be answered first."""
    verdict = judge.judge(unit, shelf.lines(unit.item), context.home_code(), context.preferences, consent)
    match verdict:
        case judge.Ask(kind):
            return kind
        case judge.Reject(action, reason):
            context.record(action, context.which(reason) if reason == judge.DECLINED else reason, unit)
        case _:
            _attach(context, shelf, unit, verdict)
    return None


class _Shelf:
    """The lines of the item at hand, kept up to date while a range goes through."""

    def __init__(self, context: Context, declined: Question | None = None) -> None:
        self._context = context
        self._declined = declined
        self._item: str | None = None
        self._lines: list[Line] = []

    def lines(self, item: str) -> list[Line]:
        if item != self._item:
            document = self._context.session.document.number
            self._item = item
            self._lines = self._context.repository.lines(document, item, counted=False)
            if judge.needs_counts(self._lines, self._context.preferences):
                self._lines = self._context.repository.lines(document, item, counted=True)
            if self._declined is not None:
                there = not self._declined.on_no_line
                self._lines = [line for line in self._lines if line.negative and there]
        return self._lines

    def put(self, line: Line) -> None:
        """The line is new, or one unit has come onto it."""
        changed = replace(line, credited=line.credited + (-1 if line.negative else 1))
        self._lines = [*(old for old in self._lines if old.number != line.number), changed]
        self._lines.sort(key=lambda each: each.number)


def _attach(context: Context, shelf: _Shelf, unit: Unit, verdict: judge.Attach) -> None:
    row_id = context.next_row_id()
    if unit.serial_number:
        _put(context, shelf, unit, verdict, row_id)
        return
    made = numbered(context, unit, row_id)
    if isinstance(made, str):
        context.refuse(made, unit)
        return
    _put(context, shelf, made, verdict, row_id)
    item = context.repository.item(made.item)
    context.events.append(
        SerialGenerated(
            row_id=row_id,
            document=context.session.document.number,
            serial_number=made.serial_number,
            item=made.item,
            description=made.description,
            gtin=item.gtin if item else None,
        )
    )


def _put(context: Context, shelf: _Shelf, unit: Unit, verdict: judge.Attach, row_id: str) -> None:
    document = context.session.document.number
    line = verdict.line or context.repository.add_line(
        document, unit.item, negative=verdict.action is Action.NEGATIVE
    )
    if context.repository.attach(unit, document, line.number, row_id):
        context.record(verdict.action, None, unit, row_id)
        shelf.put(line)
        return
    if verdict.line is None:
        context.repository.drop_line_if_empty(document, line.number)
    now = context.repository.unit(unit.serial_number, unit.item)
    holder = now.attached_to if now else None
    where = msg("already on {document}", document=holder) if holder else msg("already on another document")
    context.record(Action.SKIPPED, where, unit)


def _question(
    context: Context, kind: QuestionKind, unit: Unit, shelf: _Shelf, of_range: SerialRange | None = None
) -> Question:
    document = context.session.document.number
    if kind is QuestionKind.ADD_ITEM:
        text = msg("Item {item} is not on {document}. Add it?", item=unit.item, document=document)
    else:
        text = msg(
            "The line of {item} on {document} is full. Credit more than requested?",
            item=unit.item,
            document=document,
        )
    return Question(
        kind=kind,
        text=text,
        document=document,
        source=context.source,
        mode=Mode.ATTACH if unit.serial_number else Mode.GENERATE,
        candidates=(candidate(unit),),
        range=of_range,
        on_no_line=not shelf.lines(unit.item),
    )


def candidate(unit: Unit, barred: str | None = None) -> Candidate:
    """A unit as a question shows it."""
    return Candidate(
        serial_number=unit.serial_number,
        mfr_serial_number=unit.mfr_serial_number,
        item=unit.item,
        description=unit.description,
        stock_area=unit.area,
        barred=barred,
    )
