"""Turns a frame's bytes into the label's text or a rejection; nothing is trimmed or replaced."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from station.i18n.messages import msg
from station.labels import symbology

if TYPE_CHECKING:
    from station.labels.symbology import Aim

_CODECS: Final = {
    0: "cp437",
    1: "iso-8859-1",
    2: "cp437",
    **{number: f"iso-8859-{number - 2}" for number in range(3, 19) if number != 14},  # noqa: PLR2004
    20: "shift_jis",
    21: "windows-1250",
    22: "windows-1251",
    23: "windows-1252",
    24: "windows-1256",
    25: "utf-16-be",
    26: "utf-8",
    27: "ascii",
    28: "big5",
    29: "gb2312",
    30: "euc_kr",
    32: "gb18030",
    170: "ascii",
}
"""ECI assignment number to character set, named as in the setting `encoding`; only those of text."""

_MARK: Final = re.compile(r"\\(\\|[0-9]{6})?")

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
"""Control characters except EOT, FS, GS, RS and US, which GS1 and ISO/IEC 15434 labels use."""
_CR_LF: Final = msg('the scanner seems to send CR LF; set terminator = "\\r\\n"')
_LF_CR: Final = msg('the scanner seems to send LF CR; set terminator = "\\n\\r"')
_TERMINATOR: Final = msg("it seems to belong to the scanner's terminator; add it to the setting terminator")
_ADVICE_AT_START: Final = {
    "\n": _CR_LF,
    "\r": _LF_CR,
    "\x02": msg('the scanner seems to send a preamble; set preamble = "\\u0002"'),
}
_ADVICE_AT_END: Final = {
    "\r": _CR_LF,
    "\n": _LF_CR,
    "\t": _TERMINATOR,
    "\x03": _TERMINATOR,
}


def plain(text: str, encoding: str) -> str:
    """Remove the ECI marks from a label's data.

    Args:
        text: The data after the identifier, decoded by the scanner's setting `encoding`.
        encoding: That setting: the ECI of text other than ASCII must agree with it.

    Raises:
        ValueError: a backslash is neither doubled nor an ECI mark, or an ECI doesn't agree with the setting.
    """
    if "\\" not in text:
        return text
    parts, at, eci = [], 0, -1
    for mark in _MARK.finditer(text):
        parts.append(_agreed(text[at : mark.start()], eci, encoding))
        at = mark.end()
        if mark[1] is None:
            raise ValueError(
                msg(
                    "holds a single backslash at position {position}, but by the symbology identifier "
                    "backslashes in the data are doubled (ECI)",
                    position=mark.start() + 1,
                )
            )
        if mark[1] == "\\":
            parts.append("\\")
        else:
            eci = int(mark[1])
    parts.append(_agreed(text[at:], eci, encoding))
    return "".join(parts)


def _agreed(part: str, eci: int, encoding: str) -> str:
    """Return the part if it agrees with its ECI.

    Raises:
        ValueError: it doesn't.
    """
    if eci < 0 or not part:
        return part
    codec = _CODECS.get(eci)
    if codec is None:
        raise ValueError(msg("is in ECI {eci}, which is not text", eci=f"{eci:06}"))
    if not part.isascii() and codec != encoding:
        raise ValueError(
            msg(
                'is in ECI {eci} ({codec}), but the scanner\'s setting is encoding = "{encoding}"',
                eci=f"{eci:06}",
                codec=codec,
                encoding=encoding,
            )
        )
    return part


@dataclass(frozen=True, slots=True)
class Label:
    """The text of a label."""

    text: str
    """Without preamble, terminator and symbology identifier; GS and the like are kept."""
    symbology_identifier: str | None = None
    """``]C1``, if the scanner sent it."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A complete frame that can't be a label's text, or a label that violates its own format."""

    reason: str
    advice: str = ""
    """What to do, unless the reason says it."""

    @property
    def message(self) -> str:
        """Reason and advice, as shown to the worker."""
        if not self.advice:
            return self.reason
        return msg("{reason_text}: {advice_text}", reason_text=self.reason, advice_text=self.advice)


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
        encoding: How the scanner encodes text; invalid bytes are rejected, never replaced.
        aim: Whether the data begins with an AIM identifier.
        symbology_identifier: The identifier, if the protocol sends it separately from the data.
    """
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        return Rejected(
            msg(
                "is not {encoding}: byte {position} is 0x{byte}; is the scanner's setting encoding right?",
                encoding=encoding,
                position=error.start + 1,
                byte=f"{data[error.start]:02X}",
            )
        )
    identifier = symbology_identifier
    if identifier is None:
        try:
            identifier, text = symbology.split(text, aim)
        except ValueError as error:
            return Rejected(control_character(text) or str(error))
    if symbology.has_eci(identifier):
        try:
            text = plain(text, encoding)
        except ValueError as error:
            return Rejected(control_character(text) or str(error))
    if reason := control_character(text):
        return Rejected(reason)
    if not text:
        return Rejected(msg("the label is empty"))
    return Label(text, identifier)


def control_character(text: str) -> str | None:
    """What is wrong with the first invalid character, and what may help; None: there is none."""
    found = _NOT_OF_A_LABEL.search(text)
    if found is None:
        return None
    character, index = found[0], found.start()
    name = _name(character)
    if index == 0:
        return _at_start(name, _ADVICE_AT_START.get(character))
    if index == len(text) - 1:
        return _at_end(name, _ADVICE_AT_END.get(character))
    if character in "\r\n":
        return msg(
            "holds {name}, a control character, at position {position}; is the setting terminator right?",
            name=name,
            position=index + 1,
        )
    return msg("holds {name}, a control character, at position {position}", name=name, position=index + 1)


def _at_start(name: str, advice: str | None) -> str:
    if advice is None:
        return msg("starts with {name}, a control character", name=name)
    return msg("starts with {name}: {advice_text}", name=name, advice_text=advice)


def _at_end(name: str, advice: str | None) -> str:
    if advice is None:
        return msg("ends with {name}, a control character", name=name)
    return msg("ends with {name}: {advice_text}", name=name, advice_text=advice)


def _name(character: str) -> str:
    code = ord(character)
    return _CONTROL_NAMES[code] if code < len(_CONTROL_NAMES) else f"U+{code:04X}"
