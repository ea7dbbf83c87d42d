"""The page of commands as QR Codes, for scanners that read them: from farther away and at any angle.

Yes is in the upper left corner, No in the lower right one, the others in a grid between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from station.paper.commands import BETWEEN, draw_command
from station.paper.drawing import MARGIN_MM, Box, draw_square, heading
from station.scans.commands import Command

if TYPE_CHECKING:
    from collections.abc import Mapping

    from station.paper.codes import Code
    from station.paper.page import Pages
    from station.paper.texts import Texts

_COLUMNS: Final = 3
_WORDS_MM: Final = 17.0
"""Above each QR Code of the grid."""
_MODULE_MM: Final = 1.1
_BIG_MM: Final = 54.0
"""Room for Yes and No, on each side of the QR Code."""
_BIG_MODULE_MM: Final = 1.8


def draw_squares_page(pages: Pages, codes: Mapping[Command, Code], texts: Texts) -> None:
    """Draw the page."""
    y = heading(pages, texts.squares_heading(), texts.hint())
    width, bottom = pages.width - 2 * MARGIN_MM, pages.height - MARGIN_MM
    last = bottom - _BIG_MM
    _draw_big(pages, codes, texts, Command.YES, Box(MARGIN_MM, y, width, _BIG_MM))
    _draw_big(pages, codes, texts, Command.NO, Box(MARGIN_MM, last, width, _BIG_MM))
    cell_width, cell_height = width / _COLUMNS, (last - y - _BIG_MM) / (len(BETWEEN) // _COLUMNS)
    for number, command in enumerate(BETWEEN):
        row, column = divmod(number, _COLUMNS)
        x, top = MARGIN_MM + column * cell_width, y + _BIG_MM + row * cell_height
        side = min(cell_width, cell_height - _WORDS_MM)
        draw_square(pages, codes[command], Box(x, top + _WORDS_MM, side, side), _MODULE_MM)
        words = Box(x, top, cell_width - 4.0, _WORDS_MM)
        draw_command(pages, texts, command, codes[command], words, title_mm=5.0, text_mm=2.8)


def _draw_big(pages: Pages, codes: Mapping[Command, Code], texts: Texts, command: Command, band: Box) -> None:
    """Yes with its QR Code at the left, No at the right: as far from each other as the page allows."""
    is_left = command is Command.YES
    place = Box(band.x if is_left else band.right - band.height, band.y, band.height, band.height)
    draw_square(pages, codes[command], place, _BIG_MODULE_MM)
    beside = Box(band.x + (band.height if is_left else 0.0), band.y + 12.0, band.width - band.height, 30.0)
    draw_command(pages, texts, command, codes[command], beside, title_mm=14.0, text_mm=4.0)
