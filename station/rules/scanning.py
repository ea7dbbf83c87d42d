"""Handles a label: finds its units (R2, R3) and processes them by the mode (M1 to M6)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from station.events import RangeRetrieved
from station.i18n.messages import msg, msg_count
from station.outcomes import Action
from station.questions import Mode, PendingSerials, Question, QuestionKind, SerialRange
from station.rules import counting, generating, judge
from station.rules.asking import candidate
from station.rules.attaching import retrieve, retrieve_all, turned_away
from station.rules.lookup import MAX_BEARERS, by_serial, find, narrowed, only_item, why_unknown
from station.rules.model import DocumentKind, LabelQuery
from station.rules.ranges import retrieved, span

if TYPE_CHECKING:
    from station.questions import Candidate
    from station.rules.context import Context
    from station.rules.model import Item, Unit
    from station.rules.ports import Field
    from station.rules.ranges import Span


def scan(context: Context, query: LabelQuery) -> None:
    """Handle a label while a document and no question is open."""
    if context.state.mode is Mode.GENERATE:
        generating.scanned(context, query)
        return
    if not query.serials:
        _item_only(context, query)
        return
    mode, wanted = context.state.mode, narrowed(context, query)
    if mode is Mode.RANGE_FIRST:
        _range_first(context, wanted)
        return
    if mode is not Mode.ATTACH:
        context.change_mode(Mode.ATTACH)
    if mode is Mode.RANGE_LAST:
        _range_last(context, wanted)
    elif isinstance(wanted, str):
        context.refuse(wanted)
    else:
        process(context, pending(context, wanted, mode))


def _item_only(context: Context, query: LabelQuery) -> None:
    """Handle a label that names an item, but no unit (M6)."""
    mode = context.state.mode
    item = counting.item_counted(context, query) if mode in {Mode.ATTACH, Mode.DETACH} else None
    if item is None:
        # The mode stays, as it is for the next serial number.
        context.refuse(only_item(context, query))
    elif mode is Mode.DETACH:
        context.change_mode(Mode.ATTACH)
        counting.take_back_newest(context, item)
    else:
        counting.count(context, item)


def pending(context: Context, wanted: LabelQuery, mode: Mode) -> PendingSerials:
    """Return a label's serial numbers, none of which is processed yet; `wanted`: as `lookup.narrowed`."""
    return PendingSerials(
        serials=wanted.serials,
        gtin=wanted.gtin,
        items=wanted.items,
        mode=mode,
        several=len(wanted.serials) > 1,
        details=context.state.upcoming,
    )


def process(context: Context, rest: PendingSerials) -> None:
    """Process a label's serial numbers in order; while a question is open, the others wait."""
    for place, number in enumerate(rest.serials, start=1):
        following = rest.serials[place:]
        context.rest = replace(rest, number=number, serials=following) if rest.several else None
        if rest.mode is Mode.DETACH:
            _detach(context, number, rest)
        else:
            _retrieve_one(context, number, rest)
        if context.is_asked:
            return


def _query(rest: PendingSerials) -> LabelQuery:
    return LabelQuery(rest.serials, rest.gtin, rest.items)


def _item_counted(context: Context, rest: PendingSerials) -> Item | None:
    """Return the item to count if the label's only text is no unit's number but an item's code (M6)."""
    return None if rest.several else counting.item_counted(context, _query(rest))


def _retrieve_one(context: Context, number: str, rest: PendingSerials) -> None:
    """Retrieve the one unit that can be attached; if several can, ask the worker (R3)."""
    by_mfr_only = rest.mode is Mode.MFR_SERIAL
    fields: tuple[Field, ...] = ("mfr_serial",) if by_mfr_only else context.preferences.lookup
    units = find(context, number, _query(rest), fields)
    if not units and not by_mfr_only and (item := _item_counted(context, rest)):
        counting.count(context, item)
        return
    if not units:
        _refuse_unknown(context, number, rest, fields)
        return
    if len(units) > MAX_BEARERS:
        context.refuse(_too_many(number) if rest.several else _too_many_of_this())
        return
    rejections = {(unit.serial_number, unit.item): turned_away(context, unit) for unit in units}
    free = [unit for unit in units if rejections[unit.serial_number, unit.item] is None]
    if len(free) > 1:
        listed = tuple(
            candidate(
                unit, rejection.reason if (rejection := rejections[unit.serial_number, unit.item]) else None
            )
            for unit in units
        )
        _ask_which(context, number, listed, Mode.ATTACH)
        return
    unit = free[0] if free else units[0]
    retrieve(context, unit, judge.consent_about(unit.item, rest.consents))


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


def _refuse_unknown(context: Context, number: str, rest: PendingSerials, fields: tuple[Field, ...]) -> None:
    reason = why_unknown(context, number, _query(rest), fields)
    context.refuse(context.which(reason) if reason == judge.UNKNOWN else reason)


def _ask_which(context: Context, number: str, candidates: tuple[Candidate, ...], mode: Mode) -> None:
    context.raise_question(
        Question(
            kind=QuestionKind.CHOICE,
            text=msg("Several units bear {number}. Which one is it?", number=number),
            document=context.session.document.number,
            source=context.source,
            mode=mode,
            candidates=candidates,
        ),
    )


def _detach(context: Context, number: str, rest: PendingSerials) -> None:
    """Detach the scanned unit from the document (M4)."""
    document, wanted = context.session.document.number, _query(rest)
    for field in context.preferences.lookup:
        here = find(context, number, wanted, (field,), document)
        units = here or find(context, number, wanted, (field,))
        if units:
            break
    if not units and (item := _item_counted(context, rest)):
        counting.take_back_newest(context, item)
    elif not units:
        _refuse_unknown(context, number, rest, context.preferences.lookup)
    elif not here:
        detach(
            context, next((unit for unit in units if context.repository.attachment(document, unit)), units[0])
        )
    elif len(here) > 1:
        _ask_which(context, number, tuple(candidate(unit) for unit in here), Mode.DETACH)
    else:
        detach(context, here[0])


def detach(context: Context, unit: Unit) -> None:
    """Detach a unit from the document; delete its line if retrieval added it and it is now empty."""
    document = context.session.document.number
    attachment = context.repository.attachment(document, unit)
    if attachment is None:
        context.refuse(msg("not on {document}", document=document), unit)
        return
    if attachment.receipt is not None:
        context.refuse(msg("is booked already (receipt {number})", number=attachment.receipt), unit)
        return
    is_order = context.session.document.kind is DocumentKind.CREDIT_ORDER
    if is_order:
        # What the line requests follows what is credited, so no other station may change that meanwhile.
        context.repository.lines(document, unit.item, locked=True)
    context.repository.detach(attachment)
    context.record(Action.DETACHED, None, unit)
    context.repository.drop_line_if_empty(document, attachment.line)
    if is_order:
        context.repository.follow_credited(document, attachment.line)


def undo(context: Context) -> None:
    """Detach what this session attached last (M4): a unit, or all that is left of a range (M2)."""
    document = context.session.document.number
    last = context.repository.last_attachment(document, context.session.number)
    attachments = [last] if last else []
    if last is not None and last.range_id is not None:
        attachments = context.repository.attachments_of_range(document, last.range_id)
    units = [context.repository.unit(each.serial_number, each.item) for each in attachments]
    for unit in filter(None, units):
        detach(context, unit)
    if not any(units):
        context.refuse_command(msg("there is nothing to undo"))


def _range_first(context: Context, wanted: LabelQuery | str) -> None:
    found = _range_end(context, wanted)
    if isinstance(found, str):
        context.change_mode(Mode.ATTACH)
        context.refuse(found)
        return
    number, units = found
    items = {unit.item for unit in units}
    context.change_mode(Mode.RANGE_LAST, number, items.pop() if len(items) == 1 else "")


def _range_end(context: Context, wanted: LabelQuery | str) -> tuple[str, list[Unit]] | str:
    """Return the number at one end of a range and its units, or why the label names no end."""
    if isinstance(wanted, str):
        return wanted
    if len(wanted.serials) > 1:
        return msg("range: the label bears several serial numbers")
    number = wanted.serials[0]
    units = by_serial(context, number, wanted)
    return (number, units) if units else why_unknown(context, number, wanted, ("serial",))


def _range_last(context: Context, wanted: LabelQuery | str) -> None:
    """Handle the last number of a range (M2)."""
    named = _range_end(context, wanted)
    if isinstance(named, str):
        context.refuse(named)
        return
    firsts, lasts = by_serial(context, context.state.range_first, LabelQuery(())), named[1]
    of_first = context.state.range_item
    pairs = [
        (start, end)
        for start in firsts
        for end in lasts
        if start.item == end.item and of_first in {"", start.item}
    ]
    if len(pairs) != 1:
        different = msg("range: first and last are of different items")
        context.refuse(msg("range: ambiguous") if pairs else different)
        return
    start, end = pairs[0]
    chosen = SerialRange(item=start.item, first=start.serial_number, last=end.serial_number)
    found = span(chosen.first, chosen.last)
    if isinstance(found, str):
        context.refuse(found)
    elif found.size > context.preferences.range_confirm_above:
        count = len(_held(context, chosen, found))
        context.raise_question(
            Question(
                kind=QuestionKind.RANGE_SIZE,
                text=msg_count(
                    "{first} to {last} has {count} serial number. Retrieve it?",
                    "{first} to {last} has {count} serial numbers. Retrieve them all?",
                    count,
                    first=chosen.first,
                    last=chosen.last,
                ),
                document=context.session.document.number,
                source=context.source,
                mode=Mode.ATTACH,
                range=chosen,
            ),
        )
    else:
        retrieve_range(context, chosen)


def retrieve_range(
    context: Context,
    chosen: SerialRange,
    consent: judge.Consent = judge.NOT_ASKED,
    declined: Question | None = None,
) -> None:
    """Retrieve every existing unit from first to last, and tell the end; `declined`: as in `retrieve_all`."""
    found = span(chosen.first, chosen.last)
    if isinstance(found, str):
        context.refuse(found)
        return
    held = _held(context, chosen, found)
    taken = retrieve_all(context, held, chosen, consent, declined)
    if taken is not None:
        text = retrieved(found, [unit.serial_number for unit in held], taken)
        context.events.append(RangeRetrieved(text, taken == found.size))


def _held(context: Context, chosen: SerialRange, found: Span) -> list[Unit]:
    units = context.repository.units_between(chosen.item, chosen.first, chosen.last)
    return [unit for unit in units if found.holds(unit.serial_number)]
