"""Dead keys and Alt codes. A dead key types nothing by itself; it puts an accent on the next key's letter.

Their names are xkb's (``dead_acute``, of ``keysymdef.h``); the result is Unicode's canonical
composition (NFC) with the accent's combining mark, or the accent alone after a space.
"""

from __future__ import annotations

import unicodedata

MARKS = {
    "dead_grave": "\u0300",
    "dead_acute": "\u0301",
    "dead_circumflex": "\u0302",
    "dead_tilde": "\u0303",
    "dead_macron": "\u0304",
    "dead_breve": "\u0306",
    "dead_abovedot": "\u0307",
    "dead_diaeresis": "\u0308",
    "dead_hook": "\u0309",
    "dead_abovering": "\u030a",
    "dead_doubleacute": "\u030b",
    "dead_caron": "\u030c",
    "dead_horn": "\u031b",
    "dead_belowdot": "\u0323",
    "dead_cedilla": "\u0327",
    "dead_ogonek": "\u0328",
    "dead_belowmacron": "\u0331",
}
"""Combining mark by dead key; other dead keys can't be combined."""

_ACCENTS = {
    "dead_grave": "`",
    "dead_acute": "\u00b4",
    "dead_circumflex": "^",
    "dead_tilde": "~",
    "dead_macron": "\u00af",
    "dead_breve": "\u02d8",
    "dead_abovedot": "\u02d9",
    "dead_diaeresis": "\u00a8",
    "dead_doubleacute": "\u02dd",
    "dead_caron": "\u02c7",
    "dead_cedilla": "\u00b8",
    "dead_ogonek": "\u02db",
}
"""Result of a dead key followed by a space."""

# In these layouts the dead keys are the keys of ' and ", and a space returns those.
_QUOTES = {"dead_acute": "'", "dead_diaeresis": '"'}
# Windows composes acute and c to ç, X11 to ć: the scanner's intention is unknown.
_UNCERTAIN = frozenset({("dead_acute", "c"), ("dead_acute", "C")})
_INTERNATIONAL = "us-international"

_MOST_DIGITS = 4
_FIRST_PRINTABLE = 32
_BYTES = 256
_OEM = ("cp437", "cp850")


def compose(layout: str, dead: str, text: str) -> str:
    """Compose a dead key and the next character in a layout; empty: no certain result."""
    if text == " ":
        accents = {**_ACCENTS, **_QUOTES} if layout == _INTERNATIONAL else _ACCENTS
        return accents.get(dead, "")
    if layout == _INTERNATIONAL and (dead, text) in _UNCERTAIN:
        return ""
    joined = unicodedata.normalize("NFC", text + MARKS.get(dead, ""))
    return joined if dead in MARKS and len(joined) == 1 and joined != text else ""


class AltNumpad:
    """The digits typed since Alt went down."""

    def __init__(self) -> None:
        self.digits = ""
        """At most one more than a number can have, so endless digits take no memory."""

    def digit(self, digit: str) -> None:
        """Take a digit of the keypad, pressed while Alt is held."""
        self.digits = (self.digits + digit)[: _MOST_DIGITS + 1]

    def commit(self) -> str:
        """The character of the number, after Alt was released.

        Raises:
            ValueError: the number has no certain character; the text says why.
        """
        digits, self.digits = self.digits, ""
        number = int(digits)
        if len(digits) > _MOST_DIGITS or number >= _BYTES or digits == "0":
            raise ValueError("is no number of a character")
        return _ansi(number) if digits.startswith("0") else _oem(number)


def _ansi(number: int) -> str:
    try:
        return bytes([number]).decode("windows-1252")
    except UnicodeDecodeError:
        raise ValueError("stands for nothing in windows-1252") from None


def _oem(number: int) -> str:
    if number < _FIRST_PRINTABLE:
        raise ValueError("is a control character only with a 0 in front")
    characters = {bytes([number]).decode(page) for page in _OEM}
    if len(characters) > 1:
        raise ValueError("differs between code pages 437 and 850")
    return characters.pop()
