"""Which units a label names (R2), and why it names none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from station.retrieval import rules

if TYPE_CHECKING:
    from station.retrieval.case import Case
    from station.retrieval.model import Item, Sought, Unit
    from station.retrieval.ports import Field

MAX_BEARERS = 100
"""A choice of more is no choice: such a number (``N/A``) says nothing."""

_GTIN_LENGTHS = (8, 12, 13, 14)
_GTIN_DIGITS = 14


def narrowed(case: Case, sought: Sought) -> Sought | str:
    """What a label says with the one item code of it that is ours, or why its item codes can't be.

    A label may bear a customer's code and a supplier's for the same product: one of them must be ours, and no
    other may be.
    """
    if not sought.items:
        return sought
    known = [item for code in sought.items if (item := case.books.item(code)) is not None]
    if not known:
        if case.preferences.unknown_item_code == "ignore":
            return replace(sought, items=())
        return f"unknown item code on the label: {' and '.join(sought.items)}"
    if len(known) > 1:
        return f"the label names several items: {' and '.join(item.code for item in known)}"
    (item,) = known
    if sought.gtin is not None and item.gtin not in {None, sought.gtin}:
        return f"the label contradicts itself: it says item {item.code} and GTIN {sought.gtin}"
    return replace(sought, items=(item.code,))


def find(
    case: Case,
    number: str,
    sought: Sought,
    fields: tuple[Field, ...],
    document: str | None = None,
) -> list[Unit]:
    """R2: the units that bear the number, by the first of `fields` that knows it.

    `sought` is `narrowed`: it has one item code at most.
    """
    for field in fields:
        units = case.books.units(
            number,
            field,
            fold=case.preferences.fold_case,
            gtin=sought.gtin,
            limit=MAX_BEARERS + 1,
            document=document,
            item=sought.items[0] if sought.items else None,
        )
        if units:
            return units
    return []


def by_serial(case: Case, number: str, sought: Sought) -> list[Unit]:
    """The units of this serial number, whatever the preference `lookup` says."""
    return find(case, number, sought, ("serial",))


def why_unknown(case: Case, number: str, sought: Sought, fields: tuple[Field, ...]) -> str:
    """Why no unit was found: the label contradicts the serial number's item, or names no unit at all."""
    if sought.gtin is not None or sought.items:
        others = find(case, number, replace(sought, gtin=None, items=()), fields)
        if others:
            return f"{rules.UNKNOWN}: {number} is of item {others[0].item}, the label says {_says(sought)}"
        return rules.UNKNOWN
    item = case.books.item(number) or _item_of_gtin(case, number)
    return rules.UNKNOWN if item is None else f"{rules.SCAN_SERIAL}: {number} is only the item {item.code}"


def only_item(case: Case, sought: Sought) -> str:
    """What a label names that names no unit."""
    if sought.sscc is not None:
        return f"{rules.SCAN_SERIAL}: this is a shipping label, SSCC {sought.sscc}"
    found = [case.books.item(code) for code in sought.items]
    if sought.gtin is not None:
        found.append(case.books.item_of_gtin(sought.gtin))
    known = list(dict.fromkeys(item.code for item in found if item is not None))
    said = f"item {' and '.join(known)}" if known else f"{_says(sought)}, unknown here"
    return f"{rules.SCAN_SERIAL}: this is only the {said}"


def _says(sought: Sought) -> str:
    said = [f"item code {code}" for code in sought.items]
    if sought.gtin is not None:
        said.append(f"GTIN {sought.gtin}")
    return " and ".join(said)


def _item_of_gtin(case: Case, text: str) -> Item | None:
    if len(text) not in _GTIN_LENGTHS or not (text.isascii() and text.isdigit()):
        return None
    return case.books.item_of_gtin(text.zfill(_GTIN_DIGITS))
