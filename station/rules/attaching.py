"""Applies R4 to R10 and R12 to R14 to one unit or to a whole range (M2)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from station.events import SerialGenerated
from station.i18n.messages import msg
from station.outcomes import Action
from station.rules import asking, judge
from station.rules.judge import NOT_ASKED, Case
from station.rules.model import AreaType, DocumentKind, Status
from station.rules.numbering import numbered

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from station.questions import Question, QuestionKind, SerialRange
    from station.rules.context import Context
    from station.rules.model import Line, Unit


def retrieve(context: Context, unit: Unit, consent: judge.Consent = NOT_ASKED) -> None:
    """Apply the rules to one unit, or ask."""
    shelf = _Shelf(context)
    case = _case(context, shelf, unit)
    verdict = judge.judge(case, shelf.lines(unit.item), context.preferences, consent)
    if isinstance(verdict, judge.Ask):
        _ask(context, shelf, {concern: [case] for concern in verdict.concerns})
    else:
        _carry_out(context, shelf, unit, verdict)


def retrieve_all(
    context: Context,
    units: Sequence[Unit],
    of_range: SerialRange,
    consent: judge.Consent = NOT_ASKED,
    declined: Question | None = None,
) -> int | None:
    """Apply the rules to each unit of a range (M2), or ask one question about all and change nothing.

    The units are of one item. `declined`: the question whether to add the item, if the answer was No; then
    lines that another station has added for it since don't count.

    Returns:
        How many of them were attached; None: the worker must answer first.
    """
    shelf = _Shelf(context, context.source.id, declined)
    cases = [_case(context, shelf, unit) for unit in units]
    if not consent.no:
        asked = _concerns(context, shelf.copy(), cases)
        if not consent.yes.issuperset(asked):
            _ask(context, shelf, asked, of_range)
            return None
    taken = 0
    for unit, case in zip(units, cases, strict=True):
        verdict = judge.judge(case, shelf.lines(unit.item), context.preferences, consent)
        # The answers cover everything that there is to ask.
        outcome = verdict.then if isinstance(verdict, judge.Ask) else verdict
        taken += _carry_out(context, shelf, unit, outcome)
    return taken


def turned_away(context: Context, unit: Unit) -> judge.Reject | None:
    """Apply R4, R5 and R10; None: the unit passes."""
    document = context.session.document
    booked = None
    if document.status is Status.BACKORDER:
        found = context.repository.attachment(document.number, unit)
        booked = found if found is not None and found.receipt is not None else None
    return judge.turned_away(unit, context.home_code(), context.preferences, booked)


def _case(context: Context, shelf: _Shelf, unit: Unit) -> Case:
    away = turned_away(context, unit)
    is_ours = away is None and unit.area_type is AreaType.STOCK
    return Case(
        unit,
        context.session.document,
        context.source.at.astimezone().date(),
        shelf.expected(unit.item),
        away,
        context.repository.booking(unit) if is_ours else None,
    )


def _concerns(context: Context, shelf: _Shelf, cases: Iterable[Case]) -> dict[QuestionKind, list[Case]]:
    """Return what must be asked about units that are attached one after the other; nothing is attached.

    `shelf` gets the units, but no new lines: each unit whose item is on no line is asked about.
    """
    asked: dict[QuestionKind, list[Case]] = {}
    for case in cases:
        verdict = judge.judge(case, shelf.lines(case.unit.item), context.preferences)
        if isinstance(verdict, judge.Ask):
            for concern in verdict.concerns:
                asked.setdefault(concern, []).append(case)
            verdict = verdict.then
        if isinstance(verdict, judge.Attach) and verdict.line is not None:
            shelf.put(verdict.line)
    return asked


def _ask(
    context: Context,
    shelf: _Shelf,
    asked: dict[QuestionKind, list[Case]],
    of_range: SerialRange | None = None,
) -> None:
    question = asking.question(asked, context.source, of_range)
    context.raise_question(replace(question, on_no_line=not shelf.lines(question.candidates[0].item)))


def _carry_out(
    context: Context,
    shelf: _Shelf,
    unit: Unit,
    verdict: judge.Attach | judge.Reject,
) -> bool:
    """Carry out what the rules decided; return whether the unit is on the document now."""
    if isinstance(verdict, judge.Attach):
        return _attach(context, shelf, unit, verdict)
    is_declined = verdict.reason == judge.DECLINED
    reason = context.which(context.declined) if is_declined else verdict.reason
    context.record(verdict.action, reason, unit)
    return False


class _Shelf:
    """The lines of the current item, kept up to date while a range is processed."""

    def __init__(
        self, context: Context, range_id: str | None = None, declined: Question | None = None
    ) -> None:
        self.range_id = range_id
        self._context = context
        self._declined = declined
        self._item: str | None = None
        self._lines: list[Line] = []
        self._expected: AbstractSet[str] = frozenset()

    def copy(self) -> _Shelf:
        """Return a shelf to try things on."""
        other = _Shelf(self._context, self.range_id, self._declined)
        other._item, other._lines, other._expected = self._item, self._lines, self._expected
        return other

    def lines(self, item: str) -> list[Line]:
        """Return the document's lines of an item."""
        self._turn_to(item)
        return self._lines

    def expected(self, item: str) -> AbstractSet[str]:
        """Return the serial numbers that the document expects of an item (R14)."""
        self._turn_to(item)
        return self._expected

    def put(self, line: Line) -> None:
        """Count one more unit on a line, which may be new."""
        changed = replace(line, credited=line.credited + (-1 if line.negative else 1))
        self._lines = [*(old for old in self._lines if old.number != line.number), changed]
        self._lines.sort(key=lambda each: each.number)

    def _turn_to(self, item: str) -> None:
        if item == self._item:
            return
        repository, document = self._context.repository, self._context.session.document
        self._item = item
        self._expected = repository.expected(document.number, item)
        self._lines = repository.lines(document.number, item, locked=False)
        if judge.needs_lock(self._lines, document, self._context.preferences):
            self._lines = repository.lines(document.number, item, locked=True)
        if self._declined is not None:
            on_a_line = not self._declined.on_no_line
            self._lines = [line for line in self._lines if line.negative and on_a_line]


def _attach(context: Context, shelf: _Shelf, unit: Unit, verdict: judge.Attach) -> bool:
    row_id = context.next_row_id()
    if unit.serial_number:
        return _put(context, shelf, unit, verdict, row_id)
    numbered_unit = numbered(context, unit, row_id)
    if isinstance(numbered_unit, str):
        context.refuse(numbered_unit, unit)
        return False
    is_put = _put(context, shelf, numbered_unit, verdict, row_id)
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
    return is_put


def _put(context: Context, shelf: _Shelf, unit: Unit, verdict: judge.Attach, row_id: str) -> bool:
    document, repository = context.session.document, context.repository
    line = verdict.line or repository.add_line(
        document.number, unit.item, negative=verdict.action is Action.NEGATIVE
    )
    details = context.state.upcoming
    if repository.attach(unit, document, line.number, row_id, details, range_id=shelf.range_id):
        context.record(verdict.action, None, unit, row_id, note=verdict.note, too_many=verdict.too_many)
        if document.kind is DocumentKind.CREDIT_ORDER:
            repository.follow_credited(document.number, line.number)
        shelf.put(line)
        return True
    if verdict.line is None:
        repository.drop_line_if_empty(document.number, line.number)
    now = repository.unit(unit.serial_number, unit.item)
    holder = now.attached_to if now else None
    where = msg("already on {document}", document=holder) if holder else msg("already on another document")
    context.record(Action.SKIPPED, where, unit)
    return False
