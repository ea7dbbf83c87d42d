"""Drawing for all sheets: symbols as large as they fit, and the words beside them. In millimetres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from station.errors import PaperError
from station.i18n.messages import escape_unprintable, msg
from station.outputs.paper.fonts import BOLD, REGULAR, broken, fitted, shown, wrapped
from station.outputs.paper.page import GREY

if TYPE_CHECKING:
    from station.outputs.paper.codes import Code
    from station.outputs.paper.page import Pages
    from station.outputs.paper.symbols import Symbol

MARGIN_MM: Final = 12.0
"""The edge that office printers can't print on, and that a laminating pouch covers."""
LEAST_MODULE_MM: Final = 0.33
"""The smallest module: standard-range scanners read it from some distance (13 mil)."""
_LINE: Final = 1.35
"""From baseline to baseline, in heights of the font."""


@dataclass(frozen=True, slots=True)
class Box:
    """A place on the page."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height


def module_for(symbol: Symbol, room: float, largest: float) -> float | None:
    """Return the widest module with which the symbol and its quiet zones fit; None: too narrow to scan."""
    module = min(largest, room / symbol.width)
    return module if module >= LEAST_MODULE_MM else None


def draw_bars(
    pages: Pages, symbol: Symbol | None, box: Box, largest: float, align: Literal["left", "centre", "right"]
) -> bool:
    """Draw a Code 128 with its quiet zones in the box; False: it doesn't fit, nothing is drawn."""
    if symbol is None or (module := module_for(symbol, box.width, largest)) is None:
        return False
    spare = box.width - symbol.width * module
    left = box.x + {"left": 0.0, "centre": spare / 2, "right": spare}[align]
    pages.symbol(symbol, left + symbol.quiet * module, box.y, module, box.height)
    return True


def draw_square(pages: Pages, code: Code, box: Box, largest: float) -> None:
    """Draw a QR Code with its quiet zone in the middle of the box, where there is one.

    Raises:
        PaperError: it doesn't fit.
    """
    symbol = code.square
    if symbol is None:
        return
    module = module_for(symbol, min(box.width, box.height), largest)
    if module is None:
        reason = msg("it is too long for a QR code")
        raise PaperError(
            msg(
                '"{text}" can\'t be printed: {reason_text}',
                text=escape_unprintable(code.text),
                reason_text=reason,
            )
        )
    dark = symbol.columns * module
    pages.symbol(symbol, box.x + (box.width - dark) / 2, box.y + (box.height - dark) / 2, module)


def heading(pages: Pages, title: str, hint: str) -> float:
    """Draw a page's heading; return the y at which the rest begins."""
    room = pages.width - 2 * MARGIN_MM
    text, size = fitted(shown(title), BOLD, 5.0, room * 0.45, 3.0)
    pages.text(MARGIN_MM, MARGIN_MM + 4.0, text, size, bold=True)
    text, size = fitted(shown(hint), REGULAR, 3.0, room * 0.53, 2.0)
    pages.text(pages.width - MARGIN_MM, MARGIN_MM + 4.0, text, size, colour=GREY, align="right")
    return MARGIN_MM + 7.0


@dataclass(frozen=True, slots=True)
class Words:
    """A title, its explanation, and in small print the text of the symbol beside it."""

    title: str
    explanation: str
    small: str = ""
    is_number: bool = False
    """The title must be complete: it is broken anywhere, not at blanks, and never cut."""


def draw_words(  # noqa: PLR0913 - what, where and how large
    pages: Pages, words: Words, box: Box, *, title_mm: float, text_mm: float, lines: int = 2
) -> None:
    """Draw the words from the top of the box; a title that doesn't fit shrinks, then takes more lines."""
    title, size = _title(words, title_mm, box.width)
    baseline = box.y + size * 0.85
    for line in title:
        pages.text(box.x, baseline, line, size, bold=True)
        baseline += size * 1.1
    baseline += text_mm * _LINE - size
    for line in wrapped(shown(words.explanation), REGULAR, text_mm, box.width, lines):
        pages.text(box.x, baseline, line, text_mm)
        baseline += text_mm * _LINE
    if words.small and baseline <= box.bottom:
        text, size = fitted(shown(words.small), REGULAR, 2.8, box.width, 1.8)
        pages.text(box.x, baseline, text, size, colour=GREY)


def _title(words: Words, largest: float, room: float) -> tuple[list[str], float]:
    """Return the title's lines and their size."""
    title = shown(words.title)
    one, size = fitted(title, BOLD, largest, room, largest * 0.6)
    if one == title:
        return [title], size
    if words.is_number:
        return broken(title, BOLD, size, room), size
    return wrapped(title, BOLD, size, room, 3), size
