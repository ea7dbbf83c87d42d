"""The words of the interface, as workers read them: actions, kinds, methods; each language has its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.display.state import REJECTED
from station.events import Action, Mode

if TYPE_CHECKING:
    from station.languages.language import Language


def word_of_action(language: Language, action: str) -> str:
    """An action; one that is new is shown as it came."""
    _ = language.text
    return {
        Action.ASSIGNED.value: _("Assigned"),
        Action.ADDED.value: _("Added"),
        Action.NEGATIVE.value: _("Negative"),
        Action.SKIPPED.value: _("Skipped"),
        Action.DETACHED.value: _("Detached"),
        Action.REFUSED.value: _("Refused"),
        REJECTED: _("Rejected"),
    }.get(action, action)


def word_of_mode(language: Language, mode: Mode) -> str | None:
    """What the next serial number is for; None: it is to be attached, as always."""
    _ = language.text
    return {
        Mode.DETACH: _("Detach"),
        Mode.MFR_SERIAL: _("Mfr"),
        Mode.RANGE_FIRST: _("Range"),
        Mode.RANGE_LAST: _("Range"),
        Mode.GENERATE: _("Generate"),
    }.get(mode)


def word_of_kind(language: Language, kind: str) -> str:
    """A document's kind."""
    _ = language.text
    return {"credit_memo": _("credit memo"), "credit_order": _("credit order")}.get(kind, kind)


def word_of_status(language: Language, status: str) -> str:
    """A document's status."""
    _ = language.text
    return {"open": _("open"), "saved": _("saved"), "cancelled": _("cancelled")}.get(status, status)
