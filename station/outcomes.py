"""The outcomes of a scan: one row each in `OUTCOMES`, with sound, sign and word.

Rules, database, metrics, sound and both displays read this table; the page as ``/page/js/outcomes.js``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Action(StrEnum):
    """The outcome of one serial number; the words are fixed for integrators."""

    # In the order in which displays count them.
    ASSIGNED = "Assigned"
    ADDED = "Added"
    NEGATIVE = "Negative"
    SKIPPED = "Skipped"
    COUNTED = "Counted"
    DETACHED = "Detached"
    REFUSED = "Refused"


REJECTED = "Rejected"
"""The action of an unreadable scan: shown in the list, but not stored as a row of history."""

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
    """A shape beside a word that means the same: an icon on the page, a character in the terminal."""

    CHECK = ("check", "✔")
    PLUS = ("plus", "✚")
    COUNT = ("count", "#")
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
    """Whether rows of history with this action have a reason; others never do."""
    units: int = 0
    """Number of units it attaches; -1: it detaches one."""

    @property
    def metric_label(self) -> str:
        """The value of the labels `outcome` and `action`."""
        return self.action.lower()


OUTCOMES: Mapping[str, OutcomeType] = {
    row.action: row
    for row in (
        # The most serious first: a scan with several outcomes counts as that one.
        OutcomeType(REJECTED, Tone.REFUSED, Sign.CROSS, "Rejected"),
        OutcomeType(Action.REFUSED, Tone.REFUSED, Sign.CROSS, "Refused", takes_reason=True),
        OutcomeType(Action.NEGATIVE, Tone.ATTENTION, Sign.MINUS, "Negative", units=1),
        OutcomeType(Action.SKIPPED, Tone.ATTENTION, Sign.SKIP, "Skipped", takes_reason=True),
        OutcomeType(Action.DETACHED, Tone.ATTENTION, Sign.BACK, "Detached", units=-1),
        OutcomeType(Action.COUNTED, Tone.GOOD, Sign.COUNT, "Counted"),
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
"""Word and sign of other notices than outcomes of a scan: a command refused, a document opened."""

WORDS = (*(row.word for row in OUTCOMES.values()), *(word for word, _ in NOTICES.values()))
"""All words, for translation."""


def outcome_type(action: str) -> OutcomeType:
    """The row of an action; an unknown one, from a newer station, keeps its word and looks like Refused."""
    return OUTCOMES.get(action) or OutcomeType(action, Tone.REFUSED, Sign.CROSS, action)
