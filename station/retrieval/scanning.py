"""A serial number was read: find its unit (R2, R3) and do what the mode says (M1 to M4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.events import Action, Mode, Question, QuestionKind, SerialRange
from station.retrieval import rules
from station.retrieval.attaching import candidate, retrieve, retrieve_all
from station.retrieval.ranges import span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.events import Candidate
    from station.retrieval.case import Case
    from station.retrieval.model import Unit
    from station.retrieval.ports import Field
    from station.retrieval.ranges import Span

MAX_BEARERS = 100
"""A choice of more is no choice: such a number (``N/A``) says nothing."""


def scan(case: Case, number: str, gtin: str | None = None) -> None:
    """A serial number, when no question stands."""
    if case.standing.session is None:
        case.refuse(rules.NO_DOCUMENT)
        return
    mode = case.standing.mode
    if mode is Mode.RANGE_FIRST:
        _range_first(case, number, gtin)
        return
    if mode is not Mode.ATTACH:
        case.change_mode(Mode.ATTACH)
    if mode is Mode.RANGE_LAST:
        _range_last(case, number, gtin)
    elif mode is Mode.DETACH:
        _detach(case, number, gtin)
    else:
        fields: tuple[Field, ...] = ("mfr_serial",) if mode is Mode.MFR_SERIAL else case.preferences.lookup
        _retrieve_one(case, _find(case, number, gtin, fields))


def _find(
    case: Case,
    number: str,
    gtin: str | None,
    fields: tuple[Field, ...],
    document: str | None = None,
) -> list[Unit]:
    """R2: the units that bear the number, by the first of `fields` that knows it."""
    for field in fields:
        units = case.books.units(
            number,
            field,
            fold=case.preferences.fold_case,
            gtin=gtin,
            limit=MAX_BEARERS + 1,
            document=document,
        )
        if units:
            return units
    return []


def by_serial(case: Case, number: str, gtin: str | None) -> list[Unit]:
    """The units of this serial number, whatever the preference `lookup` says."""
    return _find(case, number, gtin, ("serial",))


def _retrieve_one(case: Case, units: list[Unit]) -> None:
    """R3: of several units exactly one that can be taken is taken, else the worker chooses."""
    if not units:
        case.refuse(rules.UNKNOWN)
        return
    if len(units) > MAX_BEARERS:
        case.refuse(f"more than {MAX_BEARERS} units bear this number")
        return
    home = case.home_code()
    bars = {
        (unit.serial_number, unit.item): rules.turned_away(unit, home, case.preferences) for unit in units
    }
    free = [unit for unit in units if bars[unit.serial_number, unit.item] is None]
    if len(free) > 1:
        listed = tuple(
            candidate(unit, bar.reason if (bar := bars[unit.serial_number, unit.item]) else None)
            for unit in units
        )
        _ask_which(case, listed, Mode.ATTACH)
        return
    retrieve(case, free[0] if free else units[0])


def _ask_which(case: Case, candidates: tuple[Candidate, ...], mode: Mode) -> None:
    case.raise_question(
        Question(
            kind=QuestionKind.CHOICE,
            text=f"Several units bear {case.source.text}. Which one is it?",
            document=case.session.document.number,
            source=case.source,
            mode=mode,
            candidates=candidates,
        ),
    )


def _detach(case: Case, number: str, gtin: str | None) -> None:
    """M4: the next unit scanned is taken off the document."""
    document = case.session.document.number
    for field in case.preferences.lookup:
        here = _find(case, number, gtin, (field,), document)
        units = here or _find(case, number, gtin, (field,))
        if units:
            break
    if not here:
        case.refuse(f"not on {document}" if units else rules.UNKNOWN, units[0] if units else None)
    elif len(here) > 1:
        _ask_which(case, tuple(candidate(unit) for unit in here), Mode.DETACH)
    else:
        detach(case, here[0])


def detach(case: Case, unit: Unit) -> None:
    """Take a unit off the document, with the line when retrieval had added it and it is empty now."""
    document = case.session.document.number
    attachment = case.books.attachment(document, unit)
    if attachment is None:
        case.refuse(f"not on {document}", unit)
        return
    case.books.detach(attachment)
    case.record(Action.DETACHED, None, unit)
    case.books.drop_line_if_empty(document, attachment.line)


def _range_first(case: Case, number: str, gtin: str | None) -> None:
    if units := by_serial(case, number, gtin):
        items = {unit.item for unit in units}
        case.change_mode(Mode.RANGE_LAST, number, items.pop() if len(items) == 1 else "")
        return
    case.change_mode(Mode.ATTACH)
    case.refuse(rules.UNKNOWN)


def _range_last(case: Case, last: str, gtin: str | None) -> None:
    """M2: both ends are known now."""
    firsts, lasts = by_serial(case, case.standing.range_first, None), by_serial(case, last, gtin)
    if not lasts:
        case.refuse(rules.UNKNOWN)
        return
    of_first = case.standing.range_item
    pairs = [
        (start, end)
        for start in firsts
        for end in lasts
        if start.item == end.item and of_first in {"", start.item}
    ]
    if len(pairs) != 1:
        case.refuse("range: first and last are of different items" if not pairs else "range: ambiguous")
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
                text=f"{chosen.first} to {chosen.last} has {count:,} serial numbers. Retrieve them all?",
                document=case.session.document.number,
                source=case.source,
                mode=Mode.ATTACH,
                range=chosen,
            ),
        )
    else:
        retrieve_range(case, chosen)


def retrieve_range(
    case: Case,
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


def _held(case: Case, chosen: SerialRange, found: Span) -> Iterator[Unit]:
    units = case.books.units_between(chosen.item, chosen.first, chosen.last)
    return (unit for unit in units if found.holds(unit.serial_number))
