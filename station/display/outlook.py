"""What the banner says: of all that is so, the one thing the worker must know now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from station.display.widgets.glyphs import ALERT, BACK, CHECK, CROSS, MINUS, PLUS, QUESTION, SKIP
from station.display.words import word_of_action, word_of_mode
from station.events import Action, Tone
from station.inert import inert

if TYPE_CHECKING:
    from station.display.state import DisplayState, EntryShown, NoticeShown
    from station.events import Mode
    from station.languages.language import Language

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


def outlook(state: DisplayState | None, trouble: Trouble | None, language: Language) -> Outlook:
    """The one thing to know now; what makes all else doubtful comes first."""
    _ = language.text
    if trouble is not None:
        return Outlook(Tone.REFUSED, trouble.word.upper(), ALERT, tuple(map(inert, trouble.lines)))
    if state is None:
        return Outlook(Tone.NONE, _("Wait").upper(), SKIP, (_("Looking for the station"),))
    if not state.database.ok:
        lines = (_("Nothing is booked until it is back"), inert(state.database.detail))
        return Outlook(Tone.REFUSED, _("Database").upper(), ALERT, lines)
    return _newest(state, language)


def _newest(state: DisplayState, language: Language) -> Outlook:
    """What happened last; nothing yet: what to do."""
    if state.notice is not None:
        return _of_notice(state.notice, state.mode, language)
    if state.history:
        return _of_entry(state.history[0], language)
    _ = language.text
    if state.document is None:
        lines = (_("No document is open"), _("Scan or type a document's number"))
    else:
        lines = (inert(state.document.number), _("Scan a serial number"))
    return Outlook(Tone.NONE, _("Ready").upper(), CHECK, lines)


def tone_of_action(action: str) -> Tone:
    """How an action is meant."""
    return _TONES.get(action, Tone.REFUSED)  # type: ignore[call-overload, no-any-return]


def icon_of_action(action: str) -> str:
    """The sign of an action."""
    return ICONS.get(action, CROSS)  # type: ignore[call-overload, no-any-return]


def _of_notice(notice: NoticeShown, mode: Mode, language: Language) -> Outlook:
    word, icon = _notice_face(notice.tone, language)
    if notice.tone is Tone.ATTENTION and (special := word_of_mode(language, mode)):
        word, icon = special, SKIP
    return Outlook(notice.tone, word.upper(), icon, (inert(notice.text),))


def _notice_face(tone: Tone, language: Language) -> tuple[str, str]:
    _ = language.text
    return {
        Tone.GOOD: (_("OK"), CHECK),
        Tone.ATTENTION: (_("Note"), ALERT),
        Tone.REFUSED: (_("Not done"), CROSS),
        Tone.QUESTION: (_("Answer"), QUESTION),
        Tone.NONE: (_("Ready"), CHECK),
    }[tone]


def _of_entry(entry: EntryShown, language: Language) -> Outlook:
    about = (entry.item, entry.description)
    lines = (
        entry.serial_number or entry.text or "",
        "  ".join(each for each in about if each),
        entry.reason or "",
    )
    return Outlook(
        tone_of_action(entry.action),
        word_of_action(language, entry.action).upper(),
        icon_of_action(entry.action),
        tuple(inert(line) for line in lines if line),
    )


def clock_time(at: str) -> str:
    """A time as the clock at the dock shows it: ``14:03:22``."""
    return datetime.fromisoformat(at).astimezone().strftime("%H:%M:%S")
