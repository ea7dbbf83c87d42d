"""Counts units of items without serial numbers (M6)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from station.i18n.messages import msg, msg_count
from station.outcomes import Action
from station.questions import Mode, Question, QuestionKind, Upcoming
from station.rules import details, judge
from station.rules.asking import candidate
from station.rules.generating import without_number
from station.rules.lookup import item_by_text, item_of_label
from station.rules.model import Count, DocumentKind, Item, Tracking

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from station.rules.context import Context
    from station.rules.model import LabelQuery

MAX_QUANTITY = 10_000
"""Of one scan."""

_DIGITS = len(str(MAX_QUANTITY))
_NOTHING: frozenset[QuestionKind] = frozenset()


def item_counted(context: Context, query: LabelQuery) -> Item | None:
    """Return the item that a label names, if its units are counted; a serial number may be an item's code."""
    if not context.preferences.count_items:
        return None
    found: Item | str | None = None
    if not query.serials:
        found = item_of_label(context, query)
    elif len(query.serials) == 1 and query.gtin is None and not query.items:
        found = item_by_text(context, query.serials[0])
    return found if isinstance(found, Item) and found.tracking is Tracking.NONE else None


def count(
    context: Context, item: Item, quantity: int | None = None, consents: AbstractSet[QuestionKind] = _NOTHING
) -> None:
    """Count an item onto its line, or ask, or refuse; `quantity`: None: the scanned one, otherwise 1."""
    upcoming, document = context.state.upcoming, context.session.document.number
    quantity = quantity or upcoming.quantity or 1
    lines = context.repository.lines(document, item.code, locked=True)
    verdict = judge.judge_count(lines, quantity, context.preferences, consents)
    match verdict:
        case judge.Ask(concerns):
            _ask(context, item, quantity, concerns)
        case judge.Reject(action, reason):
            context.record(action, reason, without_number(item), quantity=quantity)
        case judge.Attach(_, line, too_many):
            line = line or context.repository.add_line(document, item.code, negative=False)
            row_id = context.next_row_id()
            context.repository.add_count(
                Count(
                    document,
                    line.number,
                    item.code,
                    row_id,
                    quantity,
                    stated=upcoming.quantity is not None,
                    reason_code=upcoming.reason_code,
                    condition=upcoming.condition,
                )
            )
            context.record(
                Action.COUNTED,
                None,
                without_number(item),
                row_id,
                quantity=quantity,
                too_many=too_many,
            )
            _follow(context, line.number)


def set_quantity(context: Context, text: str) -> None:
    """Handle QTY: it holds for the count scanned last, otherwise for the next one."""
    if not context.preferences.count_items:
        context.refuse_command(msg("items are not counted here: set preferences.count_items"))
        return
    quantity = int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 0
    if not 1 <= quantity <= MAX_QUANTITY:
        context.refuse_command(msg("a quantity must be a number from 1 to {most}", most=MAX_QUANTITY))
        return
    last = details.scanned_last(context)
    if isinstance(last, Count):
        _set_quantity_of(context, last, quantity)
    else:
        details.set_upcoming(context, replace(context.state.upcoming, quantity=quantity))


def _set_quantity_of(context: Context, last: Count, quantity: int) -> None:
    """Set the quantity of a count that has none yet; otherwise ask whether more are meant."""
    if not last.stated and quantity == 1:
        context.repository.change_count(replace(last, stated=True))
        context.refuse_command(_counted_already(last))
    elif last.stated:
        _count_more(context, last, quantity, _NOTHING)
    else:
        _count_more(context, last, quantity - 1, {QuestionKind.QUANTITY})


def _count_more(context: Context, last: Count, more: int, consents: AbstractSet[QuestionKind]) -> None:
    """Add to a count, or ask, or refuse; the count stays one, so UNDO takes it back whole."""
    item = context.repository.item(last.item)
    if item is None:
        context.refuse(msg("item {item} is gone", item=last.item))
        return
    lines = context.repository.lines(last.document, last.item, locked=True)
    verdict = judge.judge_count(lines, more, context.preferences, consents)
    kinds = () if QuestionKind.QUANTITY in consents else (QuestionKind.QUANTITY,)
    if isinstance(verdict, judge.Reject):
        context.record(verdict.action, verdict.reason, without_number(item), quantity=more)
    elif isinstance(verdict, judge.Ask):
        _ask(context, item, more, (*kinds, *verdict.concerns), last)
    elif kinds:
        _ask(context, item, more, kinds, last)
    else:
        context.repository.change_count(replace(last, quantity=last.quantity + more, stated=True))
        context.record(
            Action.COUNTED,
            None,
            without_number(item),
            quantity=more,
            details=Upcoming(reason_code=last.reason_code, condition=last.condition),
            too_many=verdict.too_many,
        )
        _follow(context, last.line)


def answer(context: Context, question: Question, *, yes: bool) -> None:
    """Count after a Yes, for whatever the question asked; a No counts nothing."""
    quantity, code = question.quantity or 1, question.candidates[0].item
    item = context.repository.item(code)
    if item is None:
        context.refuse(msg("item {item} is gone", item=code))
    elif not yes:
        context.record(Action.REFUSED, context.declined, without_number(item), quantity=quantity)
    elif question.kind is not QuestionKind.QUANTITY:
        count(context, item, quantity, {question.kind, *question.also})
    elif (last := details.last_count(context, item.code)) is not None:
        _count_more(context, last, quantity, {question.kind, *question.also})
    else:
        context.refuse(msg("there is no count of {item} to add to", item=code))


def take_back(context: Context, what: Count) -> None:
    """Take back a whole count (M4); delete its line if retrieval added it and it is now empty."""
    context.repository.drop_count(what)
    item = context.repository.item(what.item)
    piece = without_number(item) if item else None
    context.record(Action.DETACHED, None, piece, quantity=what.quantity)
    context.repository.drop_line_if_empty(what.document, what.line)
    _follow(context, what.line)


def take_back_newest(context: Context, item: Item) -> None:
    """Take back the document's newest count of an item (M4)."""
    document = context.session.document.number
    newest = context.repository.newest_count(document, item.code)
    if newest is None:
        context.refuse(msg("not on {document}", document=document), without_number(item))
    elif newest.receipt is not None:
        context.refuse(
            msg("is booked already (receipt {number})", number=newest.receipt), without_number(item)
        )
    else:
        take_back(context, newest)


def _follow(context: Context, line: int) -> None:
    """Let what a credit order's line requests follow what is credited (R9)."""
    document = context.session.document
    if document.kind is DocumentKind.CREDIT_ORDER:
        context.repository.follow_credited(document.number, line)


def _counted_already(last: Count) -> str:
    return msg_count(
        "{count} {item} is counted already",
        "{count} {item} are counted already",
        last.quantity,
        item=last.item,
    )


def _ask(
    context: Context, item: Item, quantity: int, kinds: tuple[QuestionKind, ...], last: Count | None = None
) -> None:
    """Raise a question about a count; `last`: the one to add to, which makes it one about the quantity."""
    kind = kinds[0] if last is None else QuestionKind.QUANTITY
    document = context.session.document.number
    context.raise_question(
        Question(
            kind=kind,
            text=_text(item.code, document, quantity, kinds, last),
            document=document,
            source=context.source,
            mode=Mode.ATTACH,
            candidates=(candidate(without_number(item)),),
            also=tuple(each for each in kinds if each is not kind),
            quantity=quantity,
        )
    )


def _text(
    item: str, document: str, quantity: int, kinds: tuple[QuestionKind, ...], last: Count | None
) -> str:
    if QuestionKind.ADD_ITEM in kinds:
        return msg("Item {item} is not on {document}. Add it?", item=item, document=document)
    if QuestionKind.QUANTITY not in kinds and quantity > 1:
        return msg(
            "With {quantity} more {item}, {document} has more than requested. Count them all the same?",
            quantity=quantity,
            item=item,
            document=document,
        )
    if last is None or QuestionKind.QUANTITY not in kinds:
        return msg(
            "The line of {item} on {document} is full. Credit more than requested?",
            item=item,
            document=document,
        )
    counted = _counted_already(last)
    if QuestionKind.OVER_QUANTITY in kinds:
        return msg(
            "{counted_text}, and with {quantity} more {document} has more than requested. Count them too?",
            counted_text=counted,
            quantity=quantity,
            document=document,
        )
    return msg("{counted_text}. Count {quantity} more?", counted_text=counted, quantity=quantity)
