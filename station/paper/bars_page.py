"""The page of commands as Code 128, for every scanner.

A line for each command. Yes is at the top and No at the bottom; bars change sides from line to line, so that
neither a beam that is wider than the page nor a hand that shakes meets the neighbour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from station.paper.commands import BETWEEN, ON_SHEET, draw_command
from station.paper.drawing import MARGIN_MM, Box, draw_bars, heading
from station.paper.fonts import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from station.paper.codes import Code
    from station.paper.page import Pages
    from station.paper.texts import Texts
    from station.scans.commands import Command

_BARS_MM: Final = 108.0
"""Room for bars: enough for every command with every prefix. The words have what is left of a line."""
_GAP_MM: Final = 7.0
"""Between the bars of one line and those of the next."""
_BETWEEN_MM: Final = 3.0
"""Between bars and words."""
_ABOVE_MM: Final = 1.5
"""Above the words of a line."""
_BIG_MM: Final = 33.0
"""How high the lines of Yes and No are."""
_BIG_MODULE_MM: Final = 0.8
_MODULE_MM: Final = 0.5


def draw_bars_page(pages: Pages, codes: Mapping[Command, Code], texts: Texts) -> None:
    """Draw the page."""
    y = heading(pages, texts.bars_heading(), texts.hint())
    height = (pages.height - MARGIN_MM - y - 2 * _BIG_MM) / len(BETWEEN)
    for number, command in enumerate(ON_SHEET):
        is_big = command not in BETWEEN
        line = Box(MARGIN_MM, y, pages.width - 2 * MARGIN_MM, _BIG_MM if is_big else height)
        bars, words = _sides(line, bars_left=number % 2 == 1)
        code = codes[command]
        module = _BIG_MODULE_MM if is_big else _MODULE_MM
        if not draw_bars(pages, code.bars, bars, module, "left" if number % 2 else "right"):
            pages.text(bars.x + 5.0, bars.y + bars.height / 2, shown(texts.no_bars()), 3.0)
        title_mm, text_mm = (12.0, 3.6) if is_big else (5.5, 3.0)
        draw_command(pages, texts, command, code, words, title_mm=title_mm, text_mm=text_mm)
        y = line.bottom
        if command is not ON_SHEET[-1]:
            pages.line((line.x, y), (line.right, y))


def _sides(line: Box, *, bars_left: bool) -> tuple[Box, Box]:
    """Where the bars and where the words of a line stand."""
    rest = line.width - _BARS_MM - _BETWEEN_MM
    bars_x, words_x = (line.x, line.right - rest) if bars_left else (line.right - _BARS_MM, line.x)
    return (
        Box(bars_x, line.y + _GAP_MM / 2, _BARS_MM, line.height - _GAP_MM),
        Box(words_x, line.y + _ABOVE_MM, rest, line.height - _ABOVE_MM),
    )
