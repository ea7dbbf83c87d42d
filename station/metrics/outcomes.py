"""What became of one scan, as one word."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from station.events import Action, CommandRefused, HistoryAdded, QuestionRaised, ScanFailed, ScanRejected

if TYPE_CHECKING:
    from station.desk.entries import Outcome
    from station.events import Event


class ScanOutcome(StrEnum):
    """Values of the label `outcome`, the gravest first: a scan with several results is counted as that."""

    FAILED = "failed"
    """It could not be booked, nothing of it is stored."""
    REJECTED = "rejected"
    """What came was no whole, readable scan."""
    QUESTION = "question"
    """The worker was asked; the answer is counted for itself."""
    REFUSED = "refused"
    NEGATIVE = "negative"
    SKIPPED = "skipped"
    DETACHED = "detached"
    ADDED = "added"
    ASSIGNED = "assigned"
    COMMAND_REFUSED = "command_refused"
    """A command, document number or badge could not be followed."""
    COMMAND = "command"
    """One was followed."""
    REPEATED = "repeated"
    """A post that came before, with its idempotency key: nothing happened now."""


_OF_ACTION = {
    Action.ASSIGNED: ScanOutcome.ASSIGNED,
    Action.ADDED: ScanOutcome.ADDED,
    Action.NEGATIVE: ScanOutcome.NEGATIVE,
    Action.SKIPPED: ScanOutcome.SKIPPED,
    Action.DETACHED: ScanOutcome.DETACHED,
    Action.REFUSED: ScanOutcome.REFUSED,
}
_GRAVITY = {outcome: place for place, outcome in enumerate(ScanOutcome)}


def outcome_of(outcome: Outcome) -> ScanOutcome:
    """What is counted."""
    if outcome.before is not None:
        return ScanOutcome.REPEATED
    return min(map(_of_event, outcome.events), key=_GRAVITY.__getitem__, default=ScanOutcome.COMMAND)


def _of_event(event: Event) -> ScanOutcome:
    match event:
        case HistoryAdded(row):
            return _OF_ACTION[row.action]
        case QuestionRaised():
            return ScanOutcome.QUESTION
        case ScanFailed():
            return ScanOutcome.FAILED
        case ScanRejected():
            return ScanOutcome.REJECTED
        case CommandRefused():
            return ScanOutcome.COMMAND_REFUSED
        case _:
            return ScanOutcome.COMMAND
