"""The rules for one unit (R4 to R10): pure functions, in the order they apply.

R10 applies together with R4 and R5, before any effect or question: the station never asks about a unit that
can't be retrieved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.i18n.messages import msg
from station.outcomes import Action
from station.questions import QuestionKind
from station.rules.model import AreaType, Line, Tracking, Unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.config.settings import Preferences

NO_DOCUMENT = msg("no document open")
UNKNOWN = msg("unknown serial number")
DECLINED = msg("declined")
NOT_OUT = msg("not in an out area")
NOT_SERIALIZED = msg("item is not serialized")
ANSWER_FIRST = msg("answer first")
OVER_QUANTITY = msg("above the requested quantity")
NO_CHOICE = msg("there is nothing to choose from")


@dataclass(frozen=True, slots=True)
class Attach:
    """Attach the unit to a line."""

    action: Action
    line: Line | None
    """None: add a line."""


@dataclass(frozen=True, slots=True)
class Reject:
    """Change nothing: `Skipped` or `Refused`."""

    action: Action
    reason: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the worker."""

    kind: QuestionKind


Verdict = Attach | Reject | Ask


def refused(reason: str) -> Reject:
    """Return a refusal with its reason."""
    return Reject(Action.REFUSED, reason)


def turned_away(unit: Unit, home: str, preferences: Preferences) -> Reject | None:
    """Apply R4, R5 and R10, which don't depend on the document's lines; None: the unit passes.

    `home` is the code of the logged-in location.
    """
    if unit.attached_to is not None:
        return Reject(Action.SKIPPED, msg("already on {document}", document=unit.attached_to))
    if preferences.own_location_only and unit.area_location != home:
        return refused(
            msg(
                "stock area of another location: {area} of {location}",
                area=unit.area,
                location=unit.area_location,
            )
        )
    if unit.tracking is Tracking.NONE:
        return refused(NOT_SERIALIZED)
    return None


def needs_counts(lines: Sequence[Line], preferences: Preferences) -> bool:
    """Whether `judge` needs credited quantities (R6 with several lines, R9)."""
    return preferences.over_quantity != "allow" or sum(not line.negative for line in lines) > 1


def judge(
    unit: Unit,
    lines: Sequence[Line],
    home: str,
    preferences: Preferences,
    consent: bool | None = None,  # noqa: FBT001 - three values: yes, no, not asked yet
) -> Verdict:
    """Decide about one unit on a document with these lines of its item (R4 to R10).

    `consent`: the worker's answer if the rules ask; None: not asked yet.
    """
    verdict: Verdict | None = turned_away(unit, home, preferences)
    if verdict is None:
        take = _take_away if unit.area_type is AreaType.STOCK else _give_back
        verdict = take(lines, preferences, consent)
    if isinstance(verdict, Ask) and consent is False:
        return refused(DECLINED)
    return verdict


def _give_back(lines: Sequence[Line], preferences: Preferences, consent: bool | None) -> Verdict:  # noqa: FBT001
    """Decide about a unit that comes back (R6, R7, R9); negative lines don't count."""
    regular = [line for line in lines if not line.negative]
    if not regular:
        if preferences.prompt_when_not_on_document and not consent:
            return Ask(QuestionKind.ADD_ITEM)
        return Attach(Action.ADDED, None)
    line = next((line for line in regular if line.credited < line.requested), regular[0])
    # A line that retrieval added has no requested quantity to exceed.
    if preferences.over_quantity != "allow" and not line.added and line.credited >= line.requested:
        if preferences.over_quantity == "refuse":
            return refused(OVER_QUANTITY)
        if not consent:
            return Ask(QuestionKind.OVER_QUANTITY)
    return Attach(Action.ASSIGNED, line)


def _take_away(lines: Sequence[Line], preferences: Preferences, consent: bool | None) -> Verdict:  # noqa: FBT001
    """Decide about a unit from stock that the customer takes (R8)."""
    if preferences.negative == "refuse":
        return refused(NOT_OUT)
    if not lines and preferences.prompt_when_not_on_document and not consent:
        return Ask(QuestionKind.ADD_ITEM)
    negative = next((line for line in lines if line.negative), None)
    return Attach(Action.NEGATIVE, negative)
