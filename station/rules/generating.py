"""A unit came back that we never numbered: its item is scanned, a serial number is made for it (M5)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from station.i18n.messages import msg
from station.questions import Mode
from station.rules import judge
from station.rules.areas import NoAreaError, area
from station.rules.attaching import retrieve
from station.rules.lookup import item_by_text, narrowed, says
from station.rules.model import AreaType, Tracking, Unit

if TYPE_CHECKING:
    from station.rules.context import Context
    from station.rules.model import Item, LabelQuery

MAX_SHOWN = 64
"""Characters of a text that names no item, in the reason."""


def scanned(context: Context, said: LabelQuery) -> None:
    """The scan behind GENERATE: a label of an item, or its code or GTIN as plain text."""
    if said.serials == (context.source.text,):
        named(context, context.source.text)
    else:
        _serve(context, _item_of_label(context, said))


def named(context: Context, text: str) -> None:
    """An item's code or GTIN, alone or behind the command."""
    none = msg("no item here has the code or GTIN {text}", text=text[:MAX_SHOWN])
    _serve(context, item_by_text(context, text) or none)


def _serve(context: Context, found: Item | str) -> None:
    if isinstance(found, str):
        # The next scan is for an item still: this one named none.
        context.change_mode(Mode.GENERATE)
        context.refuse(msg("scan the item's code or GTIN: {reason_text}", reason_text=found))
        return
    context.change_mode(Mode.ATTACH)
    generate(context, found)


def _item_of_label(context: Context, said: LabelQuery) -> Item | str:
    """The item that a label names, or why it names none."""
    if said.serials:
        return msg("this label bears a serial number: to retrieve it, CANCEL and scan it again")
    if not said.items and said.gtin is None:
        if said.sscc:
            return msg("this is a shipping label, SSCC {sscc}", sscc=said.sscc)
        return msg("this label names no item")
    sought = narrowed(context, said)
    return sought if isinstance(sought, str) else _one_item(context, said, sought)


def _one_item(context: Context, said: LabelQuery, sought: LabelQuery) -> Item | str:
    """The item of a label whose item codes are no reason against it."""
    by_gtin = None if sought.gtin is None else context.repository.item_of_gtin(sought.gtin)
    if not sought.items:
        return by_gtin or msg("no item here has the {says_list}", says_list=says(said))
    item = context.repository.item(sought.items[0])
    if item is None or (by_gtin is not None and by_gtin.code != item.code):
        return msg("the label contradicts itself: it says {says_list}", says_list=says(sought))
    return item


def without_number(item: Item) -> Unit:
    """A unit before it has a number, and a place."""
    return Unit(
        serial_number="",
        mfr_serial_number=None,
        item=item.code,
        description=item.description,
        tracking=item.tracking,
        area="",
        area_type=AreaType.OUT,
        area_location="",
        attached_to=None,
    )


def generate(context: Context, item: Item, consent: bool | None = None) -> None:  # noqa: FBT001 - as in `retrieve`
    """Number a unit of the item and attach it by R5 to R10, or ask first, or refuse.

    It was with a customer, so it comes from the area for sold goods.
    """
    unit = without_number(item)
    if item.tracking is Tracking.NONE:
        context.refuse(judge.NOT_SERIALIZED, unit)
        return
    try:
        sold = area(context, "sold")
    except NoAreaError as error:
        context.refuse(str(error), unit)
        return
    retrieve(
        context, replace(unit, area=sold.code, area_type=sold.type, area_location=sold.location), consent
    )
