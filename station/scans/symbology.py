"""Symbology identifiers (AIM ids): ``]``, a code character, a modifier, in front of a label's data.

The code characters and their modifiers are those of ISO/IEC 15424, with the later symbologies of AIM's
register as scanner makers' manuals list them.
"""

from __future__ import annotations

import re
from typing import Final, Literal

Aim = Literal["auto", "always", "never"]

SYMBOLOGIES: Final[dict[str, tuple[str, str]]] = {
    "A": ("Code 39", "0123457"),
    "B": ("Telepen", "0124"),
    "C": ("Code 128", "0124"),
    "D": ("Code One", "0123"),
    "E": ("EAN/UPC", "01234"),
    "F": ("Codabar", "01234"),
    "G": ("Code 93", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklm"),
    "H": ("Code 11", "013"),
    "I": ("Interleaved 2 of 5", "013"),
    "J": ("DotCode", "012345"),
    "K": ("Code 16K", "0124"),
    "L": ("PDF417", "012345"),
    "M": ("MSI", "01"),
    "N": ("Anker", "0"),
    "O": ("Codablock", "01456"),
    "P": ("Plessey", "0"),
    "Q": ("QR Code", "0123456"),
    "R": ("Straight 2 of 5, two bar start", "01389"),
    "S": ("Straight 2 of 5, three bar start", "0"),
    "T": ("Code 49", "0124"),
    "U": ("MaxiCode", "0123"),
    "X": ("other bar code", "0123456789ABCDEF"),
    "Z": ("no bar code", "0123456789ABCDEF"),
    "c": ("Channel Code", "0"),
    "d": ("Data Matrix", "0123456"),
    "e": ("GS1 DataBar", "0123"),
    "g": ("Grid Matrix", "0"),
    "h": ("Han Xin", "01"),
    "o": ("OCR", "0123"),
    "p": ("Posicode", "0123"),
    "s": ("SuperCode", "0123"),
    "z": ("Aztec", "0123456789ABC"),
}
"""Code character to the symbology's name and its modifiers."""

_LOOKS_LIKE_ONE = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_LENGTH = 3


def name_of(identifier: str) -> str | None:
    """The symbology an identifier (``]C1``) names; None when it is not in the table."""
    if len(identifier) != _LENGTH or identifier[0] != "]":
        return None
    name, modifiers = SYMBOLOGIES.get(identifier[1], ("", ""))
    return name if identifier[2] in modifiers else None


def split(text: str, aim: Aim) -> tuple[str | None, str]:
    """Take the symbology identifier off a scan's text.

    Args:
        text: What the scanner sent.
        aim: ``auto`` takes off what the table knows, so a label that begins with ``]`` but names no symbology
            stays whole; ``always`` takes off anything of that form; ``never`` takes off nothing.

    Returns:
        The identifier, or None, and the label's data.

    Raises:
        ValueError: ``always``, and there is none.
    """
    if aim == "never":
        return None, text
    head = text[:_LENGTH]
    if aim == "always":
        if not _LOOKS_LIKE_ONE.fullmatch(head):
            raise ValueError('no AIM identifier in front, and the scanner\'s setting is aim = "always"')
        return head, text[_LENGTH:]
    return (head, text[_LENGTH:]) if name_of(head) else (None, text)
