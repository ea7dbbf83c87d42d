"""The rules for one unit (R4 to R10, R12 to R14): pure functions, in the order they apply.

R10 applies together with R4 and R5, before any effect or question: the station never asks about a unit that
can't be retrieved. `place` decides about goods that come back, by serial number or counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.i18n.messages import msg
from station.outcomes import Action
from station.questions import QuestionKind
from station.rules.model import AreaType, Attachment, Booking, Document, DocumentKind, Line, Tracking, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import date

    from station.config.settings import Preferences
    from station.questions import Answered

NO_DOCUMENT = msg("no document open")
UNKNOWN = msg("unknown serial number")
DECLINED = msg("declined")
UNANSWERED = msg("nobody answered")
"""The same, but the time limit answered (P4)."""
NOT_OUT = msg("not in an out area")
NOT_SERIALIZED = msg("item is not serialized")
ANSWER_FIRST = msg("answer first")
OVER_QUANTITY = msg("above the requested quantity")
NO_CHOICE = msg("there is nothing to choose from")

CONCERNS = (
    QuestionKind.ADD_ITEM,
    QuestionKind.NEGATIVE,
    QuestionKind.OVER_QUANTITY,
    QuestionKind.OTHER_CUSTOMER,
    QuestionKind.LATE_RETURN,
    QuestionKind.UNEXPECTED,
)
"""What the station may ask about a unit, in the order of the rules (R7 to R9, R12 to R14)."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What the worker has answered so far, by what the questions named."""

    yes: frozenset[QuestionKind] = frozenset()
    no: frozenset[QuestionKind] = frozenset()


def consent_about(item: str, answers: Iterable[Answered]) -> Consent:
    """Return what a label's answers so far mean for a unit of an item; what got a Yes stays allowed."""
    of_item = [each for each in answers if each.item == item]
    yes = frozenset(kind for each in of_item if each.is_yes for kind in each.kinds)
    no = frozenset(kind for each in of_item if not each.is_yes for kind in each.kinds)
    return Consent(yes, no - yes)


NOT_ASKED = Consent()
NO_TO_ALL = Consent(no=frozenset(CONCERNS))


@dataclass(frozen=True, slots=True)
class Attach:
    """Attach the unit to a line."""

    action: Action
    line: Line | None
    """None: add a line."""
    too_many: int = 0
    """How many more than announced the item's lines then have (R9)."""
    note: str | None = None
    """What is unusual about the unit, for its row of history."""


@dataclass(frozen=True, slots=True)
class Reject:
    """Change nothing: `Skipped` or `Refused`."""

    action: Action
    reason: str


@dataclass(frozen=True, slots=True)
class Case:
    """One unit and one document, with what the rules need to know about them besides the lines."""

    unit: Unit
    document: Document
    today: date
    """The local date of the scan."""
    expected: AbstractSet[str] = frozenset()
    """The serial numbers that the document expects of the item; none: it names none."""
    away: Reject | None = None
    """Set if R4, R5 or R10 turn the unit away."""
    booking: Booking | None = None
    """The Save that put the unit into its present area, if a Save did; only looked up for stock areas."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the worker; everything in one question."""

    concerns: tuple[QuestionKind, ...]
    then: Attach
    """What a Yes leads to."""


Verdict = Attach | Reject | Ask


@dataclass(frozen=True, slots=True)
class Placed:
    """Where goods go on the document, and what must be asked before."""

    action: Action
    line: Line | None
    """None: add a line."""
    concerns: tuple[QuestionKind, ...] = ()
    too_many: int = 0
    """As in `Attach`."""


def refused(reason: str) -> Reject:
    """Return a refusal with its reason."""
    return Reject(Action.REFUSED, reason)


def turned_away(
    unit: Unit, home: str, preferences: Preferences, booked: Attachment | None = None
) -> Reject | None:
    """Apply R4, R5 and R10, which don't depend on the document's lines; None: the unit passes.

    `home` is the code of the logged-in location. `booked`: the unit's attachment to the open document if a
    receipt of it has booked the unit already.
    """
    if unit.attached_to is not None:
        return Reject(Action.SKIPPED, msg("already on {document}", document=unit.attached_to))
    if booked is not None:
        return Reject(
            Action.SKIPPED,
            msg(
                "already on {document} (receipt {receipt})", document=booked.document, receipt=booked.receipt
            ),
        )
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


def needs_lock(lines: Sequence[Line], document: Document, preferences: Preferences) -> bool:
    """Whether what is credited decides about the next unit (R6 with several lines, R9)."""
    return (
        preferences.over_quantity != "allow"
        or document.kind is DocumentKind.CREDIT_ORDER
        or sum(not line.negative for line in lines) > 1
    )


def judge(
    case: Case, lines: Sequence[Line], preferences: Preferences, consent: Consent = NOT_ASKED
) -> Verdict:
    """Decide about a unit; `lines`: those of its item."""
    if case.away is not None:
        return case.away
    if case.unit.area_type is AreaType.STOCK:
        placed = _take_away(case, lines, preferences)
    else:
        placed = place(lines, 1, preferences)
    if isinstance(placed, Reject):
        return placed
    doubts = list(_doubts(case, preferences))
    for doubt in doubts:
        if doubt.preference == "refuse":
            return refused(doubt.reason)
    asked = [doubt.concern for doubt in doubts if doubt.preference == "prompt"]
    notes = [doubt.note for doubt in doubts]
    if QuestionKind.NEGATIVE in placed.concerns:
        notes.insert(0, _whence(case))
    then = Attach(placed.action, placed.line, placed.too_many, _joined(notes))
    return settled((*placed.concerns, *asked), then, consent)


def settled(concerns: tuple[QuestionKind, ...], then: Attach, consent: Consent) -> Verdict:
    """Decide by the answers so far: a Yes covers what its question named, and nothing else."""
    if consent.no.intersection(concerns):
        return refused(DECLINED)
    return then if consent.yes.issuperset(concerns) else Ask(concerns, then)


def judge_count(
    lines: Sequence[Line], quantity: int, preferences: Preferences, consents: AbstractSet[QuestionKind]
) -> Verdict:
    """Decide about goods that are counted (M6); `consents`: what the worker has agreed to."""
    placed = place(lines, quantity, preferences)
    if isinstance(placed, Reject):
        return placed
    then = Attach(placed.action, placed.line, placed.too_many)
    return settled(placed.concerns, then, Consent(yes=frozenset(consents)))


def place(lines: Sequence[Line], quantity: int, preferences: Preferences) -> Placed | Reject:
    """Decide where goods of an item go that come back (R6, R7, R9); negative lines don't count."""
    regular = [line for line in lines if not line.negative]
    if not regular:
        asks = preferences.prompt_when_not_on_document
        return Placed(Action.ADDED, None, (QuestionKind.ADD_ITEM,) if asks else ())
    line = next((line for line in regular if line.credited < line.requested), regular[0])
    too_many = _too_many(regular, line, quantity)
    if too_many and preferences.over_quantity == "refuse":
        return refused(OVER_QUANTITY)
    asks = too_many > 0 and preferences.over_quantity == "prompt"
    return Placed(Action.ASSIGNED, line, (QuestionKind.OVER_QUANTITY,) if asks else (), too_many)


def _too_many(regular: Sequence[Line], onto: Line, quantity: int) -> int:
    """Return how many more than announced the item's lines have with `quantity` more on one of them."""
    if onto.added:
        # A line that retrieval added has no requested quantity to exceed.
        return 0
    room = sum(line.announced - line.credited for line in regular if not line.added)
    return max(0, quantity - room)


def _take_away(case: Case, lines: Sequence[Line], preferences: Preferences) -> Placed | Reject:
    """Decide about a unit from stock that the customer takes (R8)."""
    if preferences.negative == "refuse":
        if case.booking is None:
            return refused(NOT_OUT)
        return refused(msg("not in an out area: it came back on {document}", document=case.booking.document))
    concerns = []
    if not lines and preferences.prompt_when_not_on_document:
        concerns.append(QuestionKind.ADD_ITEM)
    if preferences.negative == "prompt":
        concerns.append(QuestionKind.NEGATIVE)
    negative = next((line for line in lines if line.negative), None)
    return Placed(Action.NEGATIVE, negative, tuple(concerns))


@dataclass(frozen=True, slots=True)
class _Doubt:
    """Something unusual about the unit itself, which the preferences let pass, ask about or refuse."""

    concern: QuestionKind
    preference: str
    note: str
    reason: str
    """Why it is refused."""


def _doubts(case: Case, preferences: Preferences) -> Iterator[_Doubt]:
    """Apply R12, R13 and R14."""
    unit, document = case.unit, case.document
    if unit.customer and document.customer and unit.customer != document.customer:
        note = msg("other customer: {customer}", customer=unit.customer)
        yield _Doubt(QuestionKind.OTHER_CUSTOMER, preferences.other_customer, note, note)
    if unit.returnable_until is not None and unit.returnable_until < case.today:
        note = msg("late: returnable until {day}", day=unit.returnable_until)
        yield _Doubt(QuestionKind.LATE_RETURN, preferences.late_return, note, note)
    if case.expected and unit.serial_number not in case.expected:
        reason = msg("{document} expects other units of {item}", document=document.number, item=unit.item)
        yield _Doubt(QuestionKind.UNEXPECTED, preferences.unexpected, msg("unexpected"), reason)


def _whence(case: Case) -> str:
    """Return where a unit is from that is ours already."""
    if case.booking is not None:
        return msg("came back on {document}", document=case.booking.document)
    return msg("ours already: {area}", area=case.unit.area)


def _joined(notes: Sequence[str]) -> str | None:
    if not notes:
        return None
    text = notes[-1]
    for note in reversed(notes[:-1]):
        text = msg("{one_text}; {other_text}", one_text=note, other_text=text)
    return text
