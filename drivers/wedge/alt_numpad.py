"""Characters typed as numbers: Alt held, digits on the keypad, Alt released.

Windows takes a number that begins with 0 by its ANSI code page (in the west windows-1252), any other by
the OEM code page (Microsoft: "Input of special characters by Alt codes"; code pages 437 in the United States,
850 in western Europe). Scanners in "ALT mode" or "emulate keypad" rely on it. Where the OEM code pages part,
a number has no certain meaning and is refused; so is one under 32 without the 0, where a control character
and a drawn sign are both possible.
"""

from __future__ import annotations

_MOST_DIGITS = 4
_FIRST_PRINTABLE = 32
_BYTES = 256
_OEM = ("cp437", "cp850")


class AltNumpad:
    """The digits typed since Alt went down."""

    def __init__(self) -> None:
        self.digits = ""
        """One more than a number can have at most, so endless digits take no memory."""

    def digit(self, digit: str) -> None:
        """A digit of the keypad was pressed while Alt was held."""
        self.digits = (self.digits + digit)[: _MOST_DIGITS + 1]

    def commit(self) -> str:
        """Alt was released: the character of the number.

        Raises:
            ValueError: the number stands for no character, or not for a certain one; the text says why.
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
