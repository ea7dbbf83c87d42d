"""Who works at the station: badges, signing off, and what needs an operator (D5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from station.events import OperatorChanged, OperatorSignedOff
from station.i18n.messages import msg

if TYPE_CHECKING:
    from station.rules.context import Context

BADGE_FIRST = msg("scan your badge first")


def is_missing(context: Context) -> bool:
    """Whether nothing may be booked because nobody is named."""
    return context.preferences.operator == "required" and context.operator is None


def sign_on(context: Context, code: str) -> None:
    """Have the operator with this badge work here from now on."""
    name = context.repository.operator_name(code)
    if name is None:
        context.refuse_command(msg("badge {code} is unknown", code=code))
        return
    _keep(context, code)
    context.events.append(OperatorChanged(code, name))


def sign_off(context: Context, why: str) -> None:
    """Have nobody work here; `why`: as in `events.OperatorSignedOff`."""
    operator = context.state.operator
    if operator is None:
        return
    context.repository.set_operator(None)
    context.state = replace(context.state, operator=None, operator_at=None)
    context.events.append(OperatorSignedOff(operator, why))


def come_to_work(context: Context) -> None:
    """Sign the operator off if the last entry is too long ago, else remember this one.

    What a program posts doesn't show that the operator is still here.
    """
    operator, last = context.state.operator, context.state.operator_at
    limit = timedelta(minutes=context.preferences.operator_timeout_min)
    if operator is None or not limit:
        return
    if last is not None and context.source.at - last > limit:
        sign_off(context, "timeout")
    elif context.source.program is None:
        _keep(context, operator)


def leave_document(context: Context) -> None:
    """Sign the operator off at the end of a session, if the preference says so."""
    if context.preferences.sign_off_at == "document":
        sign_off(context, "document")


def _keep(context: Context, code: str) -> None:
    at = context.source.at if context.preferences.operator_timeout_min else None
    context.repository.set_operator(code, at)
    context.state = replace(context.state, operator=code, operator_at=at)
