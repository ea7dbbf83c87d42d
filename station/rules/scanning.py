"""A label was read: find the units it names (R2, R3) and do what the mode says (M1 to M5)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from station.i18n.messages import msg, msg_count
from station.outcomes import Action
from station.questions import Mode, PendingSerials, Question, QuestionKind, SerialRange
from station.rules import generating, judge
from station.rules.attaching import candidate, retrieve, retrieve_all
from station.rules.lookup import MAX_BEARERS, by_serial, find, narrowed, only_item, why_unknown
from station.rules.model import LabelQuery
from station.rules.ranges import span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.questions import Candidate
    from station.rules.context import Context
    from station.rules.model import Unit
    from station.rules.ports import Field
    from station.rules.ranges import Span


def scan(case: Context, said: LabelQuery) -> None:
    """A label, when no question stands."""
    if case.standing.session is None:
        case.refuse(judge.NO_DOCUMENT)
        return
    if case.standing.mode is Mode.GENERATE:
        generating.scanned(case, said)
        return
    if not said.serials:
        # What the next serial number is for stays: this is none.
        case.refuse(only_item(case, said))
        return
    mode, sought = case.standing.mode, narrowed(case, said)
    if mode is Mode.RANGE_FIRST:
        _range_first(case, sought)
        return
    if mode is not Mode.ATTACH:
        case.change_mode(Mode.ATTACH)
    if mode is Mode.RANGE_LAST:
        _range_last(case, sought)
    elif isinstance(sought, str):
        case.refuse(sought)
    else:
        go_on(
            case,
            PendingSerials(
                serials=sought.serials,
                gtin=sought.gtin,
                items=sought.items,
                mode=mode,
                several=len(sought.serials) > 1,
            ),
        )


def go_on(case: Context, rest: PendingSerials) -> None:
    """One serial number of a label after the other; a question about one of them keeps the others waiting."""
    for place, number in enumerate(rest.serials, start=1):
        behind = rest.serials[place:]
        case.rest = replace(rest, number=number, serials=behind) if rest.several else None
        if rest.mode is Mode.DETACH:
            _detach(case, number, rest)
        else:
            _retrieve_one(case, number, rest)
        if case.is_asked:
            return


def _sought(rest: PendingSerials) -> LabelQuery:
    return LabelQuery(rest.serials, rest.gtin, rest.items)


def _retrieve_one(case: Context, number: str, rest: PendingSerials) -> None:
    """R3: of several units exactly one that can be taken is taken, else the worker chooses."""
    by_mfr_alone = rest.mode is Mode.MFR_SERIAL
    fields: tuple[Field, ...] = ("mfr_serial",) if by_mfr_alone else case.preferences.lookup
    units = find(case, number, _sought(rest), fields)
    if not units:
        _refuse_unknown(case, number, rest, fields)
        return
    if len(units) > MAX_BEARERS:
        case.refuse(_too_many(number) if rest.several else _too_many_of_this())
        return
    home = case.home_code()
    bars = {
        (unit.serial_number, unit.item): judge.turned_away(unit, home, case.preferences) for unit in units
    }
    free = [unit for unit in units if bars[unit.serial_number, unit.item] is None]
    if len(free) > 1:
        listed = tuple(
            candidate(unit, bar.reason if (bar := bars[unit.serial_number, unit.item]) else None)
            for unit in units
        )
        _ask_which(case, number, listed, Mode.ATTACH)
        return
    unit = free[0] if free else units[0]
    retrieve(case, unit, dict(rest.consents).get(unit.item))


def _too_many(number: str) -> str:
    return msg_count(
        "more than {count} unit bears {number}",
        "more than {count} units bear {number}",
        MAX_BEARERS,
        number=number,
    )


def _too_many_of_this() -> str:
    return msg_count(
        "more than {count} unit bears this number",
        "more than {count} units bear this number",
        MAX_BEARERS,
    )


def _refuse_unknown(case: Context, number: str, rest: PendingSerials, fields: tuple[Field, ...]) -> None:
    reason = why_unknown(case, number, _sought(rest), fields)
    case.refuse(case.which(reason) if reason == judge.UNKNOWN else reason)


def _ask_which(case: Context, number: str, candidates: tuple[Candidate, ...], mode: Mode) -> None:
    case.raise_question(
        Question(
            kind=QuestionKind.CHOICE,
            text=msg("Several units bear {number}. Which one is it?", number=number),
            document=case.session.document.number,
            source=case.source,
            mode=mode,
            candidates=candidates,
        ),
    )


def _detach(case: Context, number: str, rest: PendingSerials) -> None:
    """M4: the next unit scanned is taken off the document."""
    document, sought = case.session.document.number, _sought(rest)
    for field in case.preferences.lookup:
        here = find(case, number, sought, (field,), document)
        units = here or find(case, number, sought, (field,))
        if units:
            break
    if not units:
        _refuse_unknown(case, number, rest, case.preferences.lookup)
    elif not here:
        case.refuse(msg("not on {document}", document=document), units[0])
    elif len(here) > 1:
        _ask_which(case, number, tuple(candidate(unit) for unit in here), Mode.DETACH)
    else:
        detach(case, here[0])


def detach(case: Context, unit: Unit) -> None:
    """Take a unit off the document, with the line when retrieval had added it and it is empty now."""
    document = case.session.document.number
    attachment = case.books.attachment(document, unit)
    if attachment is None:
        case.refuse(msg("not on {document}", document=document), unit)
        return
    case.books.detach(attachment)
    case.record(Action.DETACHED, None, unit)
    case.books.drop_line_if_empty(document, attachment.line)


def _range_first(case: Context, sought: LabelQuery | str) -> None:
    found = _range_end(case, sought)
    if isinstance(found, str):
        case.change_mode(Mode.ATTACH)
        case.refuse(found)
        return
    number, units = found
    items = {unit.item for unit in units}
    case.change_mode(Mode.RANGE_LAST, number, items.pop() if len(items) == 1 else "")


def _range_end(case: Context, sought: LabelQuery | str) -> tuple[str, list[Unit]] | str:
    """The number at one end of a range and its bearers, or why the label names no end."""
    if isinstance(sought, str):
        return sought
    if len(sought.serials) > 1:
        return msg("range: the label bears several serial numbers")
    number = sought.serials[0]
    units = by_serial(case, number, sought)
    return (number, units) if units else why_unknown(case, number, sought, ("serial",))


def _range_last(case: Context, sought: LabelQuery | str) -> None:
    """M2: both ends are known now."""
    named = _range_end(case, sought)
    if isinstance(named, str):
        case.refuse(named)
        return
    firsts, lasts = by_serial(case, case.standing.range_first, LabelQuery(())), named[1]
    of_first = case.standing.range_item
    pairs = [
        (start, end)
        for start in firsts
        for end in lasts
        if start.item == end.item and of_first in {"", start.item}
    ]
    if len(pairs) != 1:
        different = msg("range: first and last are of different items")
        case.refuse(msg("range: ambiguous") if pairs else different)
        return
    start, end = pairs[0]
    chosen = SerialRange(item=start.item, first=start.serial_number, last=end.serial_number)
    found = span(chosen.first, chosen.last)
    if isinstance(found, str):
        case.refuse(found)
    elif found.size > case.preferences.range_confirm_above:
        count = sum(1 for _unit in _held(case, chosen, found))
        case.raise_question(
            Question(
                kind=QuestionKind.RANGE_SIZE,
                text=msg_count(
                    "{first} to {last} has {count} serial number. Retrieve it?",
                    "{first} to {last} has {count} serial numbers. Retrieve them all?",
                    count,
                    first=chosen.first,
                    last=chosen.last,
                ),
                document=case.session.document.number,
                source=case.source,
                mode=Mode.ATTACH,
                range=chosen,
            ),
        )
    else:
        retrieve_range(case, chosen)


def retrieve_range(
    case: Context,
    chosen: SerialRange,
    consent: bool | None = None,  # noqa: FBT001 - as in `retrieve`
    declined: Question | None = None,
) -> None:
    """Treat every unit there is from first to last; `declined`: as in `retrieve_all`."""
    found = span(chosen.first, chosen.last)
    if isinstance(found, str):
        case.refuse(found)
        return
    held = _held(case, chosen, found)
    retrieve_all(case, held, chosen, consent, declined)


def _held(case: Context, chosen: SerialRange, found: Span) -> Iterator[Unit]:
    units = case.books.units_between(chosen.item, chosen.first, chosen.last)
    return (unit for unit in units if found.holds(unit.serial_number))
