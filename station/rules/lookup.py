"""Finds the units that a label names (R2), or the reason why it names none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from station.i18n.messages import listed, msg
from station.rules import judge

if TYPE_CHECKING:
    from station.rules.context import Context
    from station.rules.model import Item, LabelQuery, Unit
    from station.rules.ports import Field

MAX_BEARERS = 100
"""More units can't be chosen from: such a number (``N/A``) is meaningless."""

_GTIN_LENGTHS = (8, 12, 13, 14)
_GTIN_DIGITS = 14


def narrowed(context: Context, query: LabelQuery) -> LabelQuery | str:
    """Reduce a label's item codes to the one that is ours, or return why that fails.

    A label may have a customer's and a supplier's code for the same product: exactly one must be ours.
    """
    if not query.items:
        return query
    known = [item for code in query.items if (item := context.repository.item(code)) is not None]
    if not known:
        if context.preferences.unknown_item_code == "ignore":
            return replace(query, items=())
        return msg("unknown item code on the label: {items_list}", items_list=listed(query.items))
    if len(known) > 1:
        codes = listed(item.code for item in known)
        return msg("the label names several items: {items_list}", items_list=codes)
    (item,) = known
    if query.gtin is not None and not _may_have(context, item, query.gtin):
        return msg(
            "the label contradicts itself: it says item {item} and GTIN {gtin}",
            item=item.code,
            gtin=query.gtin,
        )
    return replace(query, items=(item.code,))


def _may_have(context: Context, item: Item, gtin: str) -> bool:
    """Whether a GTIN may be the item's: it is, or the item has none here and the GTIN is unknown."""
    return item.gtin == gtin or (item.gtin is None and context.repository.item_of_gtin(gtin) is None)


def find(
    context: Context,
    number: str,
    query: LabelQuery,
    fields: tuple[Field, ...],
    document: str | None = None,
) -> list[Unit]:
    """Find the units with the number, by the first of `fields` that has it (R2).

    `query` is `narrowed`: it has at most one item code.
    """
    for field in fields:
        units = context.repository.units(
            number,
            field,
            fold=context.preferences.fold_case,
            gtin=query.gtin,
            limit=MAX_BEARERS + 1,
            document=document,
            item=query.items[0] if query.items else None,
        )
        if units:
            return units
    return []


def by_serial(context: Context, number: str, query: LabelQuery) -> list[Unit]:
    """Find the units with this serial number, regardless of the preference `lookup`."""
    return find(context, number, query, ("serial",))


def why_unknown(context: Context, number: str, query: LabelQuery, fields: tuple[Field, ...]) -> str:
    """Return why no unit was found: the label contradicts the unit's item, or no unit has the number."""
    if query.gtin is not None or query.items:
        others = find(context, number, replace(query, gtin=None, items=()), fields)
        if others:
            other = context.repository.item(others[0].item)
            lacks_gtin = query.gtin is not None and other is not None and other.gtin is None
            if other is not None and lacks_gtin and query.items in ((), (other.code,)):
                return msg(
                    "unknown serial number: {number} is of item {item}, which has no GTIN here; "
                    "the label says {says_list}",
                    number=number,
                    item=other.code,
                    says_list=says(query),
                )
            return msg(
                "unknown serial number: {number} is of item {item}, the label says {says_list}",
                number=number,
                item=others[0].item,
                says_list=says(query),
            )
        return judge.UNKNOWN
    item = item_by_text(context, number)
    if item is None:
        return judge.UNKNOWN
    return msg("scan the serial number: {number} is only the item {item}", number=number, item=item.code)


def only_item(context: Context, query: LabelQuery) -> str:
    """Return the reason for a label without a serial number: what it names instead."""
    if query.unread is not None:
        return msg("scan the serial number: {reason_text}", reason_text=query.unread)
    if query.sscc is not None:
        return msg("scan the serial number: this is a shipping label, SSCC {sscc}", sscc=query.sscc)
    found = [context.repository.item(code) for code in query.items]
    if query.gtin is not None:
        found.append(context.repository.item_of_gtin(query.gtin))
    known = list(dict.fromkeys(item.code for item in found if item is not None))
    if known:
        return msg("scan the serial number: this is only the item {items_list}", items_list=listed(known))
    return msg("scan the serial number: this is only the {says_list}, unknown here", says_list=says(query))


def item_of_label(context: Context, query: LabelQuery) -> Item | str:
    """Return the item that a label names by its code and GTIN, or why it names none."""
    if not query.items and query.gtin is None:
        if query.sscc:
            return msg("this is a shipping label, SSCC {sscc}", sscc=query.sscc)
        return msg("this label names no item")
    wanted = narrowed(context, query)
    if isinstance(wanted, str):
        return wanted
    by_gtin = None if wanted.gtin is None else context.repository.item_of_gtin(wanted.gtin)
    if not wanted.items:
        return by_gtin or msg("no item here has the {says_list}", says_list=says(query))
    item = context.repository.item(wanted.items[0])
    if item is None or (by_gtin is not None and by_gtin.code != item.code):
        return msg("the label contradicts itself: it says {says_list}", says_list=says(wanted))
    return item


def says(query: LabelQuery) -> str:
    """List the item codes and the GTIN of a label in words."""
    named = [msg("item code {code}", code=code) for code in query.items]
    if query.gtin is not None:
        named.append(msg("GTIN {gtin}", gtin=query.gtin))
    return listed(named)


def item_by_text(context: Context, text: str) -> Item | None:
    """Find an item by its code, or by its GTIN of 8, 12, 13 or 14 digits."""
    item = context.repository.item(text)
    if item is not None or len(text) not in _GTIN_LENGTHS or not (text.isascii() and text.isdigit()):
        return item
    return context.repository.item_of_gtin(text.zfill(_GTIN_DIGITS))
