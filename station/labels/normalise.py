"""A frame's bytes to the label's text, or the reason why they are none; nothing is trimmed or replaced."""

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
"""Assignment number to character set, named as in the setting `encoding`: those of text in the register."""

_MARK: Final = re.compile(r"\\(\\|[0-9]{6})?")


def plain(text: str, encoding: str) -> str:
    """The label's data without the marks of interpretations.

    Args:
        text: What the scanner sent behind the identifier, decoded by its setting `encoding`.
        encoding: That setting: what an interpretation says of other than ASCII must agree with it.

    Raises:
        ValueError: a backslash is neither doubled nor such a mark, or the interpretation is not this text's.
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
                    "holds a single backslash at position {position}, and the symbology identifier says "
                    "that the data's own are doubled (ECI)",
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
    """The part itself, when it is what its interpretation says.

    Raises:
        ValueError: it is not.
    """
    if eci < 0 or not part:
        return part
    codec = _CODECS.get(eci)
    if codec is None:
        raise ValueError(msg("is in ECI {eci}, which is not text", eci=f"{eci:06}"))
    if not part.isascii() and codec != encoding:
        raise ValueError(
            msg(
                'is in ECI {eci} ({codec}), and the scanner\'s setting is encoding = "{encoding}"',
                eci=f"{eci:06}",
                codec=codec,
                encoding=encoding,
            )
        )
    return part


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
    advice: str = ""
    """What to do, where the reason doesn't say it."""

    @property
    def told(self) -> str:
        """Reason and advice, as a worker is told."""
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
        encoding: How the scanner encodes text; bytes that don't fit are refused, never replaced.
        aim: Whether an AIM identifier stands in front.
        symbology_identifier: The identifier, where the protocol carries it apart from the data.
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
    """What is wrong with the first character no label holds, and what may cure it; None: nothing is."""
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
