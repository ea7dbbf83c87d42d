"""What the banner says: of all that is so, the one thing the worker must know now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from station.display.widgets.glyphs import ALERT, BACK, CHECK, CROSS, MINUS, PLUS, QUESTION, SKIP
from station.events import Action, Mode, Tone
from station.inert import inert

if TYPE_CHECKING:
    from station.display.state import DisplayState, EntryShown, NoticeShown

ICONS = {
    Action.ASSIGNED: CHECK,
    Action.ADDED: PLUS,
    Action.NEGATIVE: MINUS,
    Action.SKIPPED: SKIP,
    Action.DETACHED: BACK,
}
"""By action; what is none of them was turned away."""

_TONES = {
    Action.ASSIGNED: Tone.GOOD,
    Action.ADDED: Tone.GOOD,
    Action.NEGATIVE: Tone.ATTENTION,
    Action.SKIPPED: Tone.ATTENTION,
    Action.DETACHED: Tone.ATTENTION,
}

_NOTICES = {
    Tone.GOOD: ("OK", CHECK),
    Tone.ATTENTION: ("NOTE", ALERT),
    Tone.REFUSED: ("NOT DONE", CROSS),
    Tone.QUESTION: ("ANSWER", QUESTION),
    Tone.NONE: ("READY", CHECK),
}


_MODES = {
    Mode.DETACH: "DETACH",
    Mode.MFR_SERIAL: "MFR",
    Mode.RANGE_FIRST: "RANGE",
    Mode.RANGE_LAST: "RANGE",
}


@dataclass(frozen=True, slots=True)
class Outlook:
    """One outcome: colour, word and sign say the same, so that none of them is needed alone."""

    tone: Tone
    word: str
    icon: str
    lines: tuple[str, ...]
    """Harmless to show; the first is the most important."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What the display itself can't do."""

    word: str
    lines: tuple[str, ...]


def outlook(state: DisplayState | None, trouble: Trouble | None) -> Outlook:
    """The one thing to know now; what makes all else doubtful comes first."""
    if trouble is not None:
        return Outlook(Tone.REFUSED, trouble.word, ALERT, tuple(inert(line) for line in trouble.lines))
    if state is None:
        return Outlook(Tone.NONE, "WAIT", SKIP, ("Looking for the station",))
    if not state.database.ok:
        return Outlook(
            Tone.REFUSED,
            "DATABASE",
            ALERT,
            ("Nothing is booked until it is back", inert(state.database.detail)),
        )
    return _newest(state)


def _newest(state: DisplayState) -> Outlook:
    """What happened last; nothing yet: what to do."""
    if state.notice is not None:
        return _of_notice(state.notice, state.mode)
    if state.history:
        return _of_entry(state.history[0])
    if state.document is None:
        return Outlook(Tone.NONE, "READY", CHECK, ("No document is open", "Scan or type a document's number"))
    return Outlook(Tone.NONE, "READY", CHECK, (inert(state.document.number), "Scan a serial number"))


def tone_of_action(action: str) -> Tone:
    """How an action is meant."""
    return _TONES.get(action, Tone.REFUSED)  # type: ignore[call-overload, no-any-return]


def icon_of_action(action: str) -> str:
    """The sign of an action."""
    return ICONS.get(action, CROSS)  # type: ignore[call-overload, no-any-return]


def _of_notice(notice: NoticeShown, mode: Mode) -> Outlook:
    word, icon = _NOTICES[notice.tone]
    if notice.tone is Tone.ATTENTION and mode in _MODES:
        word, icon = _MODES[mode], SKIP
    return Outlook(notice.tone, word, icon, (inert(notice.text),))


def _of_entry(entry: EntryShown) -> Outlook:
    about = (entry.item, entry.description)
    lines = (
        entry.serial_number or entry.text or "",
        "  ".join(each for each in about if each),
        entry.reason or "",
    )
    return Outlook(
        tone_of_action(entry.action),
        entry.action.upper(),
        icon_of_action(entry.action),
        tuple(inert(line) for line in lines if line),
    )


def clock_time(at: str) -> str:
    """A time as the clock at the dock shows it: ``14:03:22``."""
    return datetime.fromisoformat(at).astimezone().strftime("%H:%M:%S")
