"""What can become of a scan: one row each in `OUTCOMES`, which says what it sounds and looks like.

Rules, database, metrics, sound and both displays read this table; the page as ``/page/js/outcomes.js``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Action(StrEnum):
    """What became of one serial number; the words are fixed for integrators."""

    # In the order in which displays count them.
    ASSIGNED = "Assigned"
    ADDED = "Added"
    NEGATIVE = "Negative"
    SKIPPED = "Skipped"
    DETACHED = "Detached"
    REFUSED = "Refused"


REJECTED = "Rejected"
"""The action of a scan that could not be read: shown in the list, but no row of history."""

SHOWN_ACTIONS = (*Action, REJECTED)


class Tone(StrEnum):
    """What the worker hears; also the keys of a scanner's ``reply``."""

    # The most urgent first. Each is a colour as well: `terminal/banner_widget.py`, the page's ``css``.
    QUESTION = "question"
    REFUSED = "refused"
    ATTENTION = "attention"
    GOOD = "good"
    NONE = "none"


class Sign(Enum):
    """Stands beside a word and says the same by its shape: icon of the page, character of the terminal."""

    CHECK = ("check", "✔")
    PLUS = ("plus", "✚")
    MINUS = ("minus", "−")  # noqa: RUF001 - a sign
    SKIP = ("skip", "»")
    BACK = ("back", "↩")
    CROSS = ("cross", "✖")
    ALERT = ("alert", "!")
    QUESTION = ("question", "?")
    READY = ("ready", "✔")
    WAIT = ("wait", "»")

    @property
    def icon(self) -> str:
        """Its name in ``icons.svg``."""
        return self.value[0]

    @property
    def glyph(self) -> str:
        """Its character; `terminal/banner.py` draws it large."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class OutcomeType:
    """A row of the table."""

    action: str
    tone: Tone
    sign: Sign
    word: str
    """In English; displays translate it."""
    takes_reason: bool = False
    """Each row of history with this action says why; no other one does."""
    units: int = 0
    """Units that it attaches; -1: it detaches one."""

    @property
    def metric_label(self) -> str:
        """Its value of the labels `outcome` and `action`."""
        return self.action.lower()


OUTCOMES: Mapping[str, OutcomeType] = {
    row.action: row
    for row in (
        # The gravest first: a scan that has several outcomes is counted as that one.
        OutcomeType(REJECTED, Tone.REFUSED, Sign.CROSS, "Rejected"),
        OutcomeType(Action.REFUSED, Tone.REFUSED, Sign.CROSS, "Refused", takes_reason=True),
        OutcomeType(Action.NEGATIVE, Tone.ATTENTION, Sign.MINUS, "Negative", units=1),
        OutcomeType(Action.SKIPPED, Tone.ATTENTION, Sign.SKIP, "Skipped", takes_reason=True),
        OutcomeType(Action.DETACHED, Tone.ATTENTION, Sign.BACK, "Detached", units=-1),
        OutcomeType(Action.ADDED, Tone.GOOD, Sign.PLUS, "Added", units=1),
        OutcomeType(Action.ASSIGNED, Tone.GOOD, Sign.CHECK, "Assigned", units=1),
    )
}

NOTICES: Mapping[Tone, tuple[str, Sign]] = {
    Tone.QUESTION: ("Answer", Sign.QUESTION),
    Tone.REFUSED: ("Not done", Sign.CROSS),
    Tone.ATTENTION: ("Note", Sign.ALERT),
    Tone.GOOD: ("OK", Sign.CHECK),
    Tone.NONE: ("Ready", Sign.READY),
}
"""Word and sign of what is told and is no outcome of a scan: a command refused, a document opened."""

WORDS = (*(row.word for row in OUTCOMES.values()), *(word for word, _ in NOTICES.values()))
"""To be translated."""


def outcome_type(action: str) -> OutcomeType:
    """The row of an action; one that is new at the station is shown as it came, and as if refused."""
    return OUTCOMES.get(action) or OutcomeType(action, Tone.REFUSED, Sign.CROSS, action)
