"""Which units a label names (R2), and why it names none."""

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
"""A choice of more is no choice: such a number (``N/A``) says nothing."""

_GTIN_LENGTHS = (8, 12, 13, 14)
_GTIN_DIGITS = 14


def narrowed(context: Context, sought: LabelQuery) -> LabelQuery | str:
    """What a label says with the one item code of it that is ours, or why its item codes can't be.

    A label may bear a customer's code and a supplier's for the same product: one of them must be ours, and no
    other may be.
    """
    if not sought.items:
        return sought
    known = [item for code in sought.items if (item := context.repository.item(code)) is not None]
    if not known:
        if context.preferences.unknown_item_code == "ignore":
            return replace(sought, items=())
        return msg("unknown item code on the label: {items_list}", items_list=listed(sought.items))
    if len(known) > 1:
        codes = listed(item.code for item in known)
        return msg("the label names several items: {items_list}", items_list=codes)
    (item,) = known
    if sought.gtin is not None and not _may_have(context, item, sought.gtin):
        return msg(
            "the label contradicts itself: it says item {item} and GTIN {gtin}",
            item=item.code,
            gtin=sought.gtin,
        )
    return replace(sought, items=(item.code,))


def _may_have(context: Context, item: Item, gtin: str) -> bool:
    """Whether a GTIN is an item's: its own, or, when it has none here, nobody else's."""
    return item.gtin == gtin or (item.gtin is None and context.repository.item_of_gtin(gtin) is None)


def find(
    context: Context,
    number: str,
    sought: LabelQuery,
    fields: tuple[Field, ...],
    document: str | None = None,
) -> list[Unit]:
    """R2: the units that bear the number, by the first of `fields` that knows it.

    `sought` is `narrowed`: it has one item code at most.
    """
    for field in fields:
        units = context.repository.units(
            number,
            field,
            fold=context.preferences.fold_case,
            gtin=sought.gtin,
            limit=MAX_BEARERS + 1,
            document=document,
            item=sought.items[0] if sought.items else None,
        )
        if units:
            return units
    return []


def by_serial(context: Context, number: str, sought: LabelQuery) -> list[Unit]:
    """The units of this serial number, whatever the preference `lookup` says."""
    return find(context, number, sought, ("serial",))


def why_unknown(context: Context, number: str, sought: LabelQuery, fields: tuple[Field, ...]) -> str:
    """Why no unit was found: the label contradicts the serial number's item, or names no unit at all."""
    if sought.gtin is not None or sought.items:
        others = find(context, number, replace(sought, gtin=None, items=()), fields)
        if others:
            other = context.repository.item(others[0].item)
            lacks_gtin = sought.gtin is not None and other is not None and other.gtin is None
            if other is not None and lacks_gtin and sought.items in ((), (other.code,)):
                return msg(
                    "unknown serial number: {number} is of item {item}, which has no GTIN here; "
                    "the label says {says_list}",
                    number=number,
                    item=other.code,
                    says_list=says(sought),
                )
            return msg(
                "unknown serial number: {number} is of item {item}, the label says {says_list}",
                number=number,
                item=others[0].item,
                says_list=says(sought),
            )
        return judge.UNKNOWN
    item = item_by_text(context, number)
    if item is None:
        return judge.UNKNOWN
    return msg("scan the serial number: {number} is only the item {item}", number=number, item=item.code)


def only_item(context: Context, sought: LabelQuery) -> str:
    """What a label names that names no unit."""
    if sought.unread is not None:
        return msg("scan the serial number: {reason_text}", reason_text=sought.unread)
    if sought.sscc is not None:
        return msg("scan the serial number: this is a shipping label, SSCC {sscc}", sscc=sought.sscc)
    found = [context.repository.item(code) for code in sought.items]
    if sought.gtin is not None:
        found.append(context.repository.item_of_gtin(sought.gtin))
    known = list(dict.fromkeys(item.code for item in found if item is not None))
    if known:
        return msg("scan the serial number: this is only the item {items_list}", items_list=listed(known))
    return msg("scan the serial number: this is only the {says_list}, unknown here", says_list=says(sought))


def says(sought: LabelQuery) -> str:
    """The item codes and the GTIN of a label, in words: a list."""
    said = [msg("item code {code}", code=code) for code in sought.items]
    if sought.gtin is not None:
        said.append(msg("GTIN {gtin}", gtin=sought.gtin))
    return listed(said)


def item_by_text(context: Context, text: str) -> Item | None:
    """The item that has this code, or this GTIN of 8, 12, 13 or 14 digits."""
    item = context.repository.item(text)
    if item is not None or len(text) not in _GTIN_LENGTHS or not (text.isascii() and text.isdigit()):
        return item
    return context.repository.item_of_gtin(text.zfill(_GTIN_DIGITS))
