"""A frame's bytes to the label's text, or the reason why they are none; nothing is trimmed or replaced."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from station.scans import eci, symbology

if TYPE_CHECKING:
    from station.scans.symbology import Aim

_CONTROL_NAMES: Final = (
    *(
        "NUL",
        "SOH",
        "STX",
        "ETX",
        "EOT",
        "ENQ",
        "ACK",
        "BEL",
        "BS",
        "TAB",
        "LF",
        "VT",
        "FF",
        "CR",
        "SO",
        "SI",
    ),
    *("DLE", "DC1", "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC"),
)

_NOT_OF_A_LABEL = re.compile(r"[\x00-\x03\x05-\x1b\x7f-\x9f]")
"""Control characters but EOT, FS, GS, RS and US, which GS1 and ISO/IEC 15434 labels hold."""

_ADVICE_AT_START: Final = {
    "\n": 'the scanner seems to send CR LF; set terminator = "\\r\\n"',
    "\r": 'the scanner seems to send LF CR; set terminator = "\\n\\r"',
    "\x02": 'the scanner seems to send a preamble; set preamble = "\\u0002"',
}
_ADVICE_AT_END: Final = {
    "\r": 'the scanner seems to send CR LF; set terminator = "\\r\\n"',
    "\n": 'the scanner seems to send LF CR; set terminator = "\\n\\r"',
    "\t": "it seems to belong to the scanner's terminator; add it to the setting terminator",
    "\x03": "it seems to belong to the scanner's terminator; add it to the setting terminator",
}


@dataclass(frozen=True, slots=True)
class Label:
    """What stood on a label."""

    text: str
    """Without preamble, terminator and symbology identifier; GS and its like are kept."""
    symbology_identifier: str | None = None
    """``]C1``, when the scanner sent it."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A whole frame that can't be a label's text, or a label that contradicts its own format."""

    reason: str


def normalise(
    data: bytes,
    *,
    encoding: str,
    aim: Aim,
    symbology_identifier: str | None = None,
) -> Label | Rejected:
    """Turn one frame into a label's text.

    Args:
        data: The frame, without preamble and terminator.
        encoding: How the scanner encodes text; bytes that don't fit are refused, never replaced.
        aim: Whether an AIM identifier stands in front.
        symbology_identifier: The identifier, where the protocol carries it apart from the data.
    """
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        where = f"byte {error.start + 1} is 0x{data[error.start]:02X}"
        return Rejected(f"is not {encoding}: {where}; is the scanner's setting encoding right?")
    identifier = symbology_identifier
    if identifier is None:
        try:
            identifier, text = symbology.split(text, aim)
        except ValueError as error:
            return Rejected(control_character(text) or str(error))
    if symbology.has_eci(identifier):
        try:
            text = eci.plain(text, encoding)
        except ValueError as error:
            return Rejected(control_character(text) or str(error))
    if reason := control_character(text):
        return Rejected(reason)
    if not text:
        return Rejected("the label is empty")
    return Label(text, identifier)


def control_character(text: str) -> str | None:
    """What is wrong with the first character no label holds, and what may cure it; None: nothing is."""
    found = _NOT_OF_A_LABEL.search(text)
    if found is None:
        return None
    character, index = found[0], found.start()
    name = _name(character)
    if index == 0:
        advice = _ADVICE_AT_START.get(character)
        return f"starts with {name}: {advice}" if advice else f"starts with {name}, a control character"
    if index == len(text) - 1:
        advice = _ADVICE_AT_END.get(character)
        return f"ends with {name}: {advice}" if advice else f"ends with {name}, a control character"
    advice = "; is the setting terminator right?" if character in "\r\n" else ""
    return f"holds {name}, a control character, at position {index + 1}{advice}"


def _name(character: str) -> str:
    code = ord(character)
    return _CONTROL_NAMES[code] if code < len(_CONTROL_NAMES) else f"U+{code:04X}"
