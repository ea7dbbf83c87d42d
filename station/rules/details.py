"""Reasons and conditions of units (M7): they hold for what was scanned last, or for the next unit."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING, TypeVar

from station.events import UnitDescribed, UpcomingChanged
from station.i18n.messages import msg, msg_count
from station.outcomes import Action
from station.questions import Upcoming
from station.rules.model import Attachment, Count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.rules.context import Context
    from station.rules.ports import DetailField

MAX_NAMED = 20
"""Units and codes named in a text."""

_Described = TypeVar("_Described", bound=Attachment | Count | Upcoming)


def describe(context: Context, field: DetailField, code: str) -> None:
    """Give the unit scanned last its reason or condition; if it has one, keep the code for the next unit."""
    if _preference(context, field) == "off":
        context.refuse_command(_switched_off(field))
        return
    codes = context.repository.detail_codes(field)
    if code not in codes:
        context.refuse_command(_unknown(field, code, codes))
        return
    last = scanned_last(context)
    if last is None or getattr(last, field) is not None:
        set_upcoming(context, _with(context.state.upcoming, field, code))
        return
    described = _with(last, field, code)
    context.repository.describe(described)
    context.events.append(
        UnitDescribed(
            described.document,
            described.serial_number if isinstance(described, Attachment) else None,
            described.item,
            described.reason_code,
            described.condition,
        )
    )


def scanned_last(context: Context) -> Attachment | Count | None:
    """Return what this session scanned last; None: that is not on the document, or is booked already.

    A unit that was skipped because it is on this document counts: so a worker can describe it later.
    """
    session, row = context.state.session, context.repository.last_row()
    if session is None or row is None or row.session != session.number:
        return None
    document = session.document.number
    if row.action is Action.COUNTED:
        return last_count(context, row.item)
    if row.action is Action.DETACHED or row.serial_number is None or row.item is None:
        return None
    unit = context.repository.unit(row.serial_number, row.item)
    found = context.repository.attachment(document, unit) if unit else None
    return found if found and found.receipt is None else None


def last_count(context: Context, item: str | None) -> Count | None:
    """Return this session's newest count if it is of this item: another station may take counts back."""
    session = context.session
    found = context.repository.last_count(session.document.number, session.number)
    return found if found is not None and found.item == item else None


def set_upcoming(context: Context, upcoming: Upcoming) -> None:
    """Set what holds for the next unit, and tell the worker."""
    context.repository.set_upcoming(upcoming)
    context.events.append(UpcomingChanged(upcoming))


def missing(context: Context) -> str | None:
    """Return why the open document can't be saved: units have no reason or condition, but must (M7).

    Units that the customer takes away need none.
    """
    fields: tuple[DetailField, ...] = ("reason_code", "condition")
    texts = [
        text
        for field in fields
        if _preference(context, field) == "required"
        for text in _lacking(context, field)
    ]
    if not texts:
        return None
    return reduce(lambda one, other: msg("{one_text}; {other_text}", one_text=one, other_text=other), texts)


def _lacking(context: Context, field: DetailField) -> list[str]:
    document, texts = context.session.document.number, []
    if units := context.repository.units_lacking(document, field):
        texts.append(_scan_again(field, _named(units)))
    if counts := context.repository.counts_lacking(document, field):
        # To scan the item again would count one more.
        texts.append(_count_again(field, _named([f"{quantity} {item}" for quantity, item in counts])))
    return texts


def _scan_again(field: DetailField, units_text: str) -> str:
    if field == "reason_code":
        return msg(
            "these units have no reason: {units_text}; scan each again, then its reason",
            units_text=units_text,
        )
    return msg(
        "these units have no condition: {units_text}; scan each again, then its condition",
        units_text=units_text,
    )


def _count_again(field: DetailField, counts_text: str) -> str:
    if field == "reason_code":
        return msg(
            "no reason was given for {counts_text}; scan DETACH and the item, then count again and scan the "
            "reason",
            counts_text=counts_text,
        )
    return msg(
        "no condition was given for {counts_text}; scan DETACH and the item, then count again and scan the "
        "condition",
        counts_text=counts_text,
    )


def _named(each: Sequence[str]) -> str:
    named, more = ", ".join(each[:MAX_NAMED]), len(each) - MAX_NAMED
    if more <= 0:
        return named
    return msg_count("{named} and {count} more", "{named} and {count} more", more, named=named)


def _with(what: _Described, field: DetailField, code: str) -> _Described:
    if field == "reason_code":
        return replace(what, reason_code=code)
    return replace(what, condition=code)


def _preference(context: Context, field: DetailField) -> str:
    preferences = context.preferences
    return preferences.reason if field == "reason_code" else preferences.condition


def _switched_off(field: DetailField) -> str:
    if field == "reason_code":
        return msg('reasons are not used here: set preferences.reason to "optional" or "required"')
    return msg('conditions are not used here: set preferences.condition to "optional" or "required"')


def _unknown(field: DetailField, code: str, codes: Sequence[str]) -> str:
    if field == "reason_code":
        if not codes:
            return msg("reason {code} is unknown: the office's list of reasons is empty", code=code)
        return msg(
            "reason {code} is unknown; the reasons are {codes_text}", code=code, codes_text=_named(codes)
        )
    if not codes:
        return msg("condition {code} is unknown: the office's list of conditions is empty", code=code)
    return msg(
        "condition {code} is unknown; the conditions are {codes_text}", code=code, codes_text=_named(codes)
    )
