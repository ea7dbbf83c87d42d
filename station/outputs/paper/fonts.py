"""The fonts that come with the program (Open Sans: Latin, Greek, Cyrillic), and text fitted for print.

The fonts are embedded: paper looks the same whatever a machine or a printer has installed.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Final

import ttf_opensans
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from station.i18n.messages import escape_unprintable

REGULAR: Final = "OpenSans"
BOLD: Final = "OpenSans-Bold"
ELLIPSIS: Final = "..."
"""Characters that every label printer has."""
_FILES: Final = {REGULAR: ttf_opensans.OPENSANS_REGULAR.path, BOLD: ttf_opensans.OPENSANS_BOLD.path}


@cache
def register() -> frozenset[int]:
    """Register the fonts with the PDF library; return their characters."""
    fonts = [TTFont(name, path) for name, path in _FILES.items()]
    for font in fonts:
        pdfmetrics.registerFont(font)
    return frozenset.intersection(*(frozenset(font.face.charToGlyph) for font in fonts))


def shown(text: str) -> str:
    r"""Return printable text: unprintable characters, and those that the fonts lack, as ``\uXXXX``."""
    known = register()
    plain = escape_unprintable(unicodedata.normalize("NFC", text))
    return "".join(c if ord(c) in known else f"\\u{ord(c):04X}" for c in plain)


def width(text: str, font: str, size: float) -> float:
    """Return the width of a text, in the unit of `size`, the font's height."""
    register()
    return float(pdfmetrics.stringWidth(text, font, size))


def fitted(text: str, font: str, size: float, room: float, least: float) -> tuple[str, float]:
    """Fit a text into one line of `room`: make it smaller, down to `least`, then cut it.

    Returns:
        The text, cut or whole, and its size.
    """
    wide = width(text, font, size)
    if wide <= room:
        return text, size
    size = max(least, size * room / wide)
    if width(text, font, size) <= room * 1.001:
        return text, size
    while text and width(text + ELLIPSIS, font, size) > room:
        text = text[:-1]
    return text.rstrip() + ELLIPSIS, size


def wrapped(text: str, font: str, size: float, room: float, lines: int) -> list[str]:
    """Wrap a text at blanks into up to `lines` lines of `room`; the rest is cut off."""
    words = [part for word in text.split() for part in broken(word, font, size, room)]
    wrapped_lines: list[str] = []
    while words and len(wrapped_lines) < lines:
        count = 1
        while count < len(words) and width(" ".join(words[: count + 1]), font, size) <= room:
            count += 1
        is_last = len(wrapped_lines) == lines - 1
        line = " ".join(words if is_last else words[:count])
        wrapped_lines.append(fitted(line, font, size, room, size)[0])
        words = words[count:]
    return wrapped_lines


def broken(text: str, font: str, size: float, room: float) -> list[str]:
    """Break a text anywhere, into as many lines of `room` as needed: a number must be complete."""
    lines, line = [], ""
    for character in text:
        if line and width(line + character, font, size) > room:
            lines.append(line)
            line = ""
        line += character
    return [*lines, line]
