"""The banner's content: the one thing that the worker must know now."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from station.i18n.messages import escape_unprintable
from station.outcomes import NOTICES, Sign, Tone, outcome_type
from station.outputs.display.state import too_many
from station.questions import Mode
from station.worker.entries import most_urgent

if TYPE_CHECKING:
    from station.i18n.catalogues import Language
    from station.outputs.display.state import DisplayState, EntryShown, NoticeShown

# Five rows each; # is ink.
_DRAWINGS = {
    "A": ".##. #..# #### #..# #..#",
    "B": "###. #..# ###. #..# ###.",
    "C": ".### #... #... #... .###",
    "D": "###. #..# #..# #..# ###.",
    "E": "#### #... ###. #... ####",
    "F": "#### #... ###. #... #...",
    "G": ".### #... #.## #..# .###",
    "H": "#..# #..# #### #..# #..#",
    "I": "### .#. .#. .#. ###",
    "J": "..## ...# ...# #..# .##.",
    "K": "#..# #.#. ##.. #.#. #..#",
    "L": "#... #... #... #... ####",
    "M": "#...# ##.## #.#.# #...# #...#",
    "N": "#..# ##.# #.## #..# #..#",
    "O": ".##. #..# #..# #..# .##.",
    "P": "###. #..# ###. #... #...",
    "Q": ".##. #..# #..# #.#. .#.#",
    "R": "###. #..# ###. #.#. #..#",
    "S": ".### #... .##. ...# ###.",
    "T": "##### ..#.. ..#.. ..#.. ..#..",
    "U": "#..# #..# #..# #..# .##.",
    "V": "#...# #...# .#.#. .#.#. ..#..",
    "W": "#...# #...# #.#.# ##.## #...#",
    "X": "#..# #..# .##. #..# #..#",
    "Y": "#...# .#.#. ..#.. ..#.. ..#..",
    "Z": "#### ..#. .#.. #... ####",
    " ": ".. .. .. .. ..",
    Sign.CHECK.glyph: "......# .....## ##..##. .####.. ..##...",
    Sign.PLUS.glyph: "..##.. ..##.. ###### ..##.. ..##..",
    Sign.COUNT.glyph: ".#..#. ###### .#..#. ###### .#..#.",
    Sign.CROSS.glyph: "##..## .####. ..##.. .####. ##..##",
    Sign.MINUS.glyph: "...... ...... ###### ...... ......",
    Sign.BACK.glyph: "..#... .##### ###### .##### ..#...",
    Sign.SKIP.glyph: "##.##. .##.## ..##.# .##.## ##.##.",
    Sign.QUESTION.glyph: ".###. ...## ..##. ..... ..##.",
    Sign.ALERT.glyph: ".##. .##. .##. .... .##.",
}

_HALVES = {("#", "#"): "█", ("#", "."): "▀", (".", "#"): "▄", (".", "."): " "}


_MARKS = {
    "\u0300": lambda width: "#".rjust((width + 1) // 2, ".").ljust(width, "."),
    "\u0301": lambda width: "#".rjust(width // 2 + 1, ".").ljust(width, "."),
    "\u0302": lambda width: f".{'#' * (width - 2)}.",
    "\u0303": lambda width: f".{'#' * (width - 2)}.",
    "\u0308": lambda width: f"#{'.' * (width - 2)}#",
}
"""The row above a letter of this width: grave, acute, circumflex, tilde, diaeresis."""


def _rows(letter: str) -> list[str]:
    """A letter in six rows, the first for the mark above it; no rows if it can't be drawn."""
    base, *marks = list(unicodedata.normalize("NFD", letter))
    rows = _DRAWINGS.get(base, "").split()
    above = [_MARKS[mark](len(rows[0])) for mark in marks if rows and mark in _MARKS]
    return [*(above or ["." * len(rows[0])]), *rows] if rows else []


def _bitmap(word: str) -> list[str]:
    """The word's rows; one more if there are marks above letters."""
    drawn = [rows for letter in word if (rows := _rows(letter))]
    joined = [".".join(row) for row in zip(*drawn, strict=True)]
    return joined if "#" in joined[0] else joined[1:]


def small(word: str) -> list[str]:
    """The word in three lines, about five columns a letter; letters that can't be drawn are left out."""
    rows = _bitmap(word)
    rows += ["." * len(rows[0])] * (len(rows) % 2)
    return [
        "".join(_HALVES[upper, lower] for upper, lower in zip(rows[row], rows[row + 1], strict=True))
        for row in range(0, len(rows), 2)
    ]


def large(word: str) -> list[str]:
    """The word in five lines, six with marks above letters, about ten columns a letter."""
    return ["".join("██" if ink == "#" else "  " for ink in row) for row in _bitmap(word)]


def word_of_mode(language: Language, mode: Mode) -> str | None:
    """What the next serial number is for; None: it is attached, as usual."""
    _ = language.text
    return {
        Mode.DETACH: _("Detach"),
        Mode.MFR_SERIAL: _("Mfr"),
        Mode.RANGE_FIRST: _("Range"),
        Mode.RANGE_LAST: _("Range"),
        Mode.GENERATE: _("Generate"),
        Mode.NEW: _("New"),
    }.get(mode)


def word_of_kind(language: Language, kind: str) -> str:
    """A document's kind."""
    _ = language.text
    return {"credit_memo": _("credit memo"), "credit_order": _("credit order")}.get(kind, kind)


def word_of_status(language: Language, status: str) -> str:
    """A document's status."""
    _ = language.text
    known = {
        "open": _("open"),
        "backorder": _("backorder"),
        "saved": _("saved"),
        "cancelled": _("cancelled"),
    }
    return known.get(status, status)


@dataclass(frozen=True, slots=True)
class BannerContent:
    """One outcome: colour, word and sign have the same meaning, so that each suffices."""

    tone: Tone
    word: str
    sign: Sign
    lines: tuple[str, ...]
    """Escaped; the first is the most important."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A problem of the display itself."""

    word: str
    lines: tuple[str, ...]


def banner_content(state: DisplayState | None, trouble: Trouble | None, language: Language) -> BannerContent:
    """The one thing to show now; anything that puts the rest in doubt comes first."""
    _ = language.text
    if trouble is not None:
        return BannerContent(
            Tone.REFUSED, trouble.word.upper(), Sign.ALERT, tuple(map(escape_unprintable, trouble.lines))
        )
    if state is None:
        return BannerContent(Tone.NONE, _("Wait").upper(), Sign.WAIT, (_("Connecting to the station"),))
    if not state.database.ok:
        lines = (_("Nothing is booked until it is back"), escape_unprintable(state.database.detail))
        return BannerContent(Tone.REFUSED, _("Database").upper(), Sign.ALERT, lines)
    return _newest(state, language)


def _newest(state: DisplayState, language: Language) -> BannerContent:
    """The last event; if there is none, what to do next."""
    if state.notice is not None:
        return _of_notice(state.notice, state.mode, language)
    if state.history:
        return _of_entry(state.history[0], too_many(state), language)
    _ = language.text
    if state.document is None:
        lines = (_("No document is open"), _("Scan or type a document's number"))
    else:
        lines = (escape_unprintable(state.document.number), _("Scan a serial number"))
    return BannerContent(Tone.NONE, _("Ready").upper(), Sign.READY, lines)


def _of_notice(notice: NoticeShown, mode: Mode, language: Language) -> BannerContent:
    word, sign = NOTICES[notice.tone]
    shown = language.text(word)
    if notice.tone is Tone.ATTENTION and (special := word_of_mode(language, mode)):
        shown, sign = special, Sign.SKIP
    return BannerContent(notice.tone, shown.upper(), sign, (escape_unprintable(notice.text),))


def _of_entry(entry: EntryShown, over: int, language: Language) -> BannerContent:
    """`over`: how many too many of its item are here (R9)."""
    about = (entry.item, entry.description)
    lines = (
        subject(entry),
        "  ".join(each for each in about if each),
        entry.reason or "",
        entry.note or "",
    )
    row = outcome_type(entry.action)
    shown = [escape_unprintable(line) for line in lines if line]
    tone, sign = row.tone, row.sign
    if over:
        tone, sign = most_urgent((tone, Tone.ATTENTION)), Sign.ALERT
        shown.insert(1, language.text("{count} too many", count=over))
    return BannerContent(tone, language.text(row.word).upper(), sign, tuple(shown))


def subject(entry: EntryShown) -> str:
    """What an entry is about: the serial number, or what was counted."""
    named = entry.serial_number or entry.text or ""
    return f"{entry.quantity} × {named}" if entry.quantity > 1 else named  # noqa: RUF001 - a sign


def clock_time(at: str) -> str:
    """A time in the local time zone: ``14:03:22``."""
    return datetime.fromisoformat(at).astimezone().strftime("%H:%M:%S")
