"""Symbology identifiers (AIM ids): ``]``, a code character and a modifier before a label's data.

The code characters and modifiers are those of ISO/IEC 15424, plus the later symbologies of AIM's register as
listed in scanner manuals.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from station.i18n.messages import msg

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
"""Code character to name and modifiers of the symbology."""

_GS1: Final = {
    "C": "1",
    "D": "1",
    "J": "14",
    "K": "1",
    "L": "3",
    "O": "15",
    "Q": "34",
    "T": "1",
    "d": "25",
    "e": "01",
    "z": "147A",
}
"""FNC1 in first position, reserved for GS1; GS1 DataBar and the composite symbol that continues it."""

_INDUSTRY: Final = {
    "C": "2",
    "D": "2",
    "J": "25",
    "K": "2",
    "L": "4",
    "Q": "56",
    "T": "2",
    "d": "36",
    "z": "258B",
}
"""FNC1 in second position: data begins with an industry's application indicator, a letter or two digits."""

_ECI: Final = {"J": "345", "L": "1", "Q": "246", "U": "23", "d": "456", "h": "1", "z": "3459AB"}
"""ECI protocol: backslashes in the data are doubled, changes of the character set are marked."""

_CHECKED: Final = {"]A1": "mod43", "]I1": "mod10"}
"""The reader has verified a check character by this scheme and sends it as the last character."""

_STRIPPED: Final = {"A": "37", "H": "3", "I": "3", "M": "1", "R": "3"}
"""The reader has verified a check character and doesn't send it."""

_LOOKS_LIKE_ONE = re.compile(r"\][A-Za-z][0-9A-Za-z]")
_LENGTH = 3


def name_of(identifier: str) -> str | None:
    """The symbology that an identifier (``]C1``) names; None: it is not in the table."""
    if len(identifier) != _LENGTH or identifier[0] != "]":
        return None
    name, modifiers = SYMBOLOGIES.get(identifier[1], ("", ""))
    return name if identifier[2] in modifiers else None


def _is_among(table: dict[str, str], identifier: str | None) -> bool:
    """Whether a table of code characters and modifiers contains an identifier."""
    if identifier is None or len(identifier) != _LENGTH:
        return False
    return identifier[2] in table.get(identifier[1], "")


def is_gs1(identifier: str | None) -> bool:
    """Whether the label's data is GS1 element strings."""
    return _is_among(_GS1, identifier)


def has_eci(identifier: str | None) -> bool:
    """Whether the data is in the ECI protocol, see `normalise`."""
    return _is_among(_ECI, identifier)


def check_scheme(identifier: str | None) -> str | None:
    """The scheme of the check character that the reader sends as the last character; None: it sends none."""
    return _CHECKED.get(identifier or "")


def has_pairs(identifier: str | None) -> bool:
    """Whether the symbology has digits only in pairs: an odd number means a lost or extra digit."""
    return (identifier or "")[:2] == "]I"


def is_retail(identifier: str | None) -> bool:
    """Whether the symbol is EAN or UPC, with or without add-on."""
    return identifier in {"]E0", "]E1", "]E2", "]E3", "]E4"}


def describe(identifier: str) -> str:
    """An identifier in words, with what its modifier means."""
    traits = (
        (is_gs1(identifier), "GS1: FNC1 in first position"),
        (
            _is_among(_INDUSTRY, identifier),
            "FNC1 in second position: begins with an industry's application indicator",
        ),
        (has_eci(identifier), "ECI: character sets are marked, backslashes doubled"),
        (identifier in _CHECKED, "check character verified by the reader and sent as the last character"),
        (_is_among(_STRIPPED, identifier), "check character verified by the reader and not sent"),
    )
    name = name_of(identifier) or "unknown symbology"
    return ", ".join([name, *(words for is_true, words in traits if is_true)])


def split(text: str, aim: Aim) -> tuple[str | None, str]:
    """Split the symbology identifier from a scan's text.

    Args:
        text: What the scanner sent.
        aim: ``auto`` removes identifiers in the table, so a label that begins with ``]`` but names no
            symbology is left alone; ``always`` removes anything of that form; ``never`` removes nothing.

    Returns:
        The identifier, or None, and the label's data.

    Raises:
        ValueError: there is none, but `aim` is ``always``.
    """
    if aim == "never":
        return None, text
    head = text[:_LENGTH]
    if aim == "always":
        if not _LOOKS_LIKE_ONE.fullmatch(head):
            raise ValueError(msg('no AIM identifier in front, and the scanner\'s setting is aim = "always"'))
        return head, text[_LENGTH:]
    return (head, text[_LENGTH:]) if name_of(head) else (None, text)
