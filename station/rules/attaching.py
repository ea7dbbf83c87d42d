"""Applies R4 to R10 to one unit or to a whole range (M2)."""

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
    """Apply R4 to R10 to one unit, or ask."""
    shelf = _Shelf(context)
    kind = _apply(context, shelf, unit, consent)
    if kind is not None:
        context.raise_question(_question(context, kind, unit, shelf))


def retrieve_all(
    context: Context,
    units: Iterable[Unit],
    of_range: SerialRange,
    consent: bool | None = None,  # noqa: FBT001 - as above
    declined: Question | None = None,
) -> None:
    """Apply the rules to each unit of a range (M2): all of them, or ask and change nothing.

    The units are of one item, so one answer covers all. `declined`: the question whether to add the item, if
    the answer was No; then lines that another station has added for it since don't count.
    """
    with context.repository.savepoint() as savepoint:
        event_count = len(context.events)
        shelf = _Shelf(context, declined)
        for unit in units:
            kind = _apply(context, shelf, unit, consent)
            if kind is not None:
                savepoint.roll_back()
                del context.events[event_count:]
                context.raise_question(_question(context, kind, unit, _Shelf(context), of_range))
                return


def _apply(context: Context, shelf: _Shelf, unit: Unit, consent: bool | None) -> QuestionKind | None:  # noqa: FBT001 - as above
    """Apply the rules to one unit, or return the question that must be answered first."""
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
    """The lines of the current item, kept up to date while a range is processed."""

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
                on_a_line = not self._declined.on_no_line
                self._lines = [line for line in self._lines if line.negative and on_a_line]
        return self._lines

    def put(self, line: Line) -> None:
        """Count one more unit on a line, which may be new."""
        changed = replace(line, credited=line.credited + (-1 if line.negative else 1))
        self._lines = [*(old for old in self._lines if old.number != line.number), changed]
        self._lines.sort(key=lambda each: each.number)


def _attach(context: Context, shelf: _Shelf, unit: Unit, verdict: judge.Attach) -> None:
    row_id = context.next_row_id()
    if unit.serial_number:
        _put(context, shelf, unit, verdict, row_id)
        return
    numbered_unit = numbered(context, unit, row_id)
    if isinstance(numbered_unit, str):
        context.refuse(numbered_unit, unit)
        return
    _put(context, shelf, numbered_unit, verdict, row_id)
    item = context.repository.item(numbered_unit.item)
    context.events.append(
        SerialGenerated(
            row_id=row_id,
            document=context.session.document.number,
            serial_number=numbered_unit.serial_number,
            item=numbered_unit.item,
            description=numbered_unit.description,
            gtin=item.gtin if item else None,
        )
    )


def _put(context: Context, shelf: _Shelf, unit: Unit, verdict: judge.Attach, row_id: str) -> None:
    document = context.session.document
    line = verdict.line or context.repository.add_line(
        document.number, unit.item, negative=verdict.action is Action.NEGATIVE
    )
    if context.repository.attach(unit, document, line.number, row_id, context.state.upcoming):
        context.record(verdict.action, None, unit, row_id)
        shelf.put(line)
        return
    if verdict.line is None:
        context.repository.drop_line_if_empty(document.number, line.number)
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
