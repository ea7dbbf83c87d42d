"""Generates serial numbers for units that come back without one: the item is scanned (M5)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from station.i18n.messages import msg
from station.questions import Mode
from station.rules import judge
from station.rules.areas import NoAreaError, area
from station.rules.attaching import retrieve
from station.rules.lookup import item_by_text, item_of_label
from station.rules.model import AreaType, Tracking, Unit

if TYPE_CHECKING:
    from station.rules.context import Context
    from station.rules.model import Item, LabelQuery

MAX_SHOWN = 64
"""Characters of an unknown text shown in the reason."""


def scanned(context: Context, query: LabelQuery) -> None:
    """Handle the scan after GENERATE: an item's label, or its code or GTIN as plain text."""
    if query.serials == (context.source.text,):
        named(context, context.source.text)
    else:
        _serve(context, _item_of_label(context, query))


def named(context: Context, text: str) -> None:
    """Handle an item's code or GTIN, on its own or after the command."""
    none = msg("no item here has the code or GTIN {text}", text=text[:MAX_SHOWN])
    _serve(context, item_by_text(context, text) or none)


def _serve(context: Context, found: Item | str) -> None:
    if isinstance(found, str):
        # This scan named no item, so the next one is still for an item.
        context.change_mode(Mode.GENERATE)
        context.refuse(msg("scan the item's code or GTIN: {reason_text}", reason_text=found))
        return
    context.change_mode(Mode.ATTACH)
    generate(context, found)


def _item_of_label(context: Context, query: LabelQuery) -> Item | str:
    """Return the item that a label names, or why it names none."""
    if query.serials:
        return msg("this label bears a serial number: to retrieve it, CANCEL and scan it again")
    return item_of_label(context, query)


def without_number(item: Item) -> Unit:
    """Return a unit of the item without a number and an area."""
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


def generate(context: Context, item: Item, consent: judge.Consent = judge.NOT_ASKED) -> None:
    """Number a unit of the item and attach it by R5 to R10 and R14, or ask, or refuse.

    The customer had it, so it comes from the area for sold goods.
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
