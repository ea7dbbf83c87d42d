"""Extended Channel Interpretation (AIM ITS/04-023) in what a scanner transmits.

A symbology identifier that says so has each change of the interpretation in the data as a backslash and six
digits, and each backslash of the data twice (ISO/IEC 16022 11.4, ISO/IEC 18004 14.4).
"""

from __future__ import annotations

import re
from typing import Final

from station.saying import say

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
                say(
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
        raise ValueError(say("is in ECI {eci}, which is not text", eci=f"{eci:06}"))
    if not part.isascii() and codec != encoding:
        raise ValueError(
            say(
                'is in ECI {eci} ({codec}), and the scanner\'s setting is encoding = "{encoding}"',
                eci=f"{eci:06}",
                codec=codec,
                encoding=encoding,
            )
        )
    return part
