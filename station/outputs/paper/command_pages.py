"""The pages of commands: bar codes, and QR codes; then those of quantities, reasons and conditions.

Each page has one kind of code only: if both stood side by side, one pull of the trigger could read both, and
give the command twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from station.labels.commands import Command
from station.outputs.paper.drawing import (
    MARGIN_MM,
    Box,
    Words,
    draw_bars,
    draw_square,
    draw_words,
    heading,
)
from station.outputs.paper.fonts import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from station.outputs.paper.codes import Code
    from station.outputs.paper.page import Pages
    from station.outputs.paper.texts import PaperTexts

BETWEEN: Final = (
    Command.UNDO,
    Command.DETACH,
    Command.RANGE,
    Command.MFG,
    Command.GENERATE,
    Command.CANCEL,
    Command.HISTORY,
    Command.NEW,
    Command.SIGNOFF,
    Command.CLOSE,
    Command.SAVE,
    Command.LATER,
)
"""The commands between Yes and No: frequent ones are far from those that end the work."""
ON_SHEET: Final = (Command.YES, *BETWEEN, Command.NO)

_COLOURS: Final = {Command.YES: "#1b7f3b", Command.NO: "#b3261e"}
_STRIPE_MM: Final = 3.0

_BARS_MM: Final = 128.0
"""Room for bars: enough for every command with every prefix. The words get the rest of a line."""
_GAP_MM: Final = 7.0
"""Between the bars of one line and those of the next."""
_BETWEEN_MM: Final = 3.0
"""Between bars and words."""
_ABOVE_MM: Final = 1.5
"""Above the words of a line."""
_BIG_MM: Final = 33.0
"""The height of the lines of Yes and No."""
_BIG_MODULE_MM: Final = 0.8
_MODULE_MM: Final = 0.5
_COLUMNS: Final = 3
_WORDS_MM: Final = 17.0
"""Above each QR Code of the grid."""
_ROWS: Final = 5
"""Of the grid of quantities, reasons and conditions; the bars of as many fit on a page."""
_DETAILS: Final = _COLUMNS * _ROWS
_SQUARE_MODULE_MM: Final = 1.1
_BIG_SQUARE_MM: Final = 54.0
"""Room for Yes and No, on each side of the QR Code."""
_BIG_SQUARE_MODULE_MM: Final = 1.8


def draw_command(  # noqa: PLR0913 - what, where and how large
    pages: Pages,
    texts: PaperTexts,
    command: Command,
    code: Code,
    box: Box,
    *,
    title_mm: float,
    text_mm: float,
) -> None:
    """Draw a command's words; Yes and No have a stripe of their colour in front."""
    words = Words(texts.command_title(command), texts.command_explanation(command), code.text)
    if colour := _COLOURS.get(command):
        pages.box((box.x, box.y), (_STRIPE_MM, box.height), colour)
        indent = _STRIPE_MM + 3.0
        box = Box(box.x + indent, box.y, box.width - indent, box.height)
    draw_words(pages, words, box, title_mm=title_mm, text_mm=text_mm)


def draw_bars_page(pages: Pages, codes: Mapping[Command, Code], texts: PaperTexts) -> None:
    """Draw the page of bar codes."""
    y = heading(pages, texts.bars_heading(), texts.hint())
    height = (pages.height - MARGIN_MM - y - 2 * _BIG_MM) / len(BETWEEN)
    for number, command in enumerate(ON_SHEET):
        is_big = command not in BETWEEN
        line = Box(MARGIN_MM, y, pages.width - 2 * MARGIN_MM, _BIG_MM if is_big else height)
        code = codes[command]
        module = _BIG_MODULE_MM if is_big else _MODULE_MM
        words = _draw_line(pages, code, texts, line, module, bars_left=number % 2 == 1)
        title_mm, text_mm = (12.0, 3.6) if is_big else (5.5, 3.0)
        draw_command(pages, texts, command, code, words, title_mm=title_mm, text_mm=text_mm)
        y = line.bottom
        if command is not ON_SHEET[-1]:
            pages.line((line.x, y), (line.right, y))


def _draw_line(  # noqa: PLR0913 - what, where and how large
    pages: Pages, code: Code, texts: PaperTexts, line: Box, module: float, *, bars_left: bool
) -> Box:
    """Draw the bars of a line at its left or right end; return the box for its words."""
    bars, words = _sides(line, bars_left=bars_left)
    if not draw_bars(pages, code.bars, bars, module, "left" if bars_left else "right"):
        pages.text(bars.x + 5.0, bars.y + bars.height / 2, shown(texts.no_bars()), 3.0)
    return words


def _sides(line: Box, *, bars_left: bool) -> tuple[Box, Box]:
    """Return the boxes of a line's bars and words."""
    rest = line.width - _BARS_MM - _BETWEEN_MM
    bars_x, words_x = (line.x, line.right - rest) if bars_left else (line.right - _BARS_MM, line.x)
    return (
        Box(bars_x, line.y + _GAP_MM / 2, _BARS_MM, line.height - _GAP_MM),
        Box(words_x, line.y + _ABOVE_MM, rest, line.height - _ABOVE_MM),
    )


def draw_squares_page(pages: Pages, codes: Mapping[Command, Code], texts: PaperTexts) -> None:
    """Draw the page of QR codes."""
    y = heading(pages, texts.squares_heading(), texts.hint())
    width, bottom = pages.width - 2 * MARGIN_MM, pages.height - MARGIN_MM
    last = bottom - _BIG_SQUARE_MM
    _draw_big(pages, codes, texts, Command.YES, Box(MARGIN_MM, y, width, _BIG_SQUARE_MM))
    _draw_big(pages, codes, texts, Command.NO, Box(MARGIN_MM, last, width, _BIG_SQUARE_MM))
    cell_width, cell_height = width / _COLUMNS, (last - y - _BIG_SQUARE_MM) / (len(BETWEEN) // _COLUMNS)
    for number, command in enumerate(BETWEEN):
        row, column = divmod(number, _COLUMNS)
        x, top = MARGIN_MM + column * cell_width, y + _BIG_SQUARE_MM + row * cell_height
        side = min(cell_width, cell_height - _WORDS_MM)
        draw_square(pages, codes[command], Box(x, top + _WORDS_MM, side, side), _SQUARE_MODULE_MM)
        words = Box(x, top, cell_width - 4.0, _WORDS_MM)
        draw_command(pages, texts, command, codes[command], words, title_mm=5.0, text_mm=2.8)


def _draw_big(
    pages: Pages, codes: Mapping[Command, Code], texts: PaperTexts, command: Command, band: Box
) -> None:
    """Draw Yes with its QR Code at the left, or No at the right: as far apart as the page allows."""
    is_left = command is Command.YES
    place = Box(band.x if is_left else band.right - band.height, band.y, band.height, band.height)
    draw_square(pages, codes[command], place, _BIG_SQUARE_MODULE_MM)
    beside = Box(band.x + (band.height if is_left else 0.0), band.y + 12.0, band.width - band.height, 30.0)
    draw_command(pages, texts, command, codes[command], beside, title_mm=14.0, text_mm=4.0)


@dataclass(frozen=True, slots=True)
class Detail:
    """A quantity, a reason or a condition with its code."""

    code: Code
    title: str
    explanation: str


def draw_details(pages: Pages, details: Sequence[Detail], texts: PaperTexts) -> None:
    """Draw pages of bar codes, each followed by the QR codes of the same details: both sides of one sheet."""
    for begin in range(0, len(details), _DETAILS):
        part = details[begin : begin + _DETAILS]
        if any(each.code.bars for each in part):
            _draw_detail_bars(pages, part, texts)
            pages.end_page()
        if any(each.code.square for each in part):
            _draw_detail_squares(pages, part, texts)
            pages.end_page()


def _draw_detail_bars(pages: Pages, details: Sequence[Detail], texts: PaperTexts) -> None:
    y = heading(pages, texts.detail_bars_heading(), texts.hint())
    height = (pages.height - MARGIN_MM - y) / _DETAILS
    for number, each in enumerate(details):
        line = Box(MARGIN_MM, y + number * height, pages.width - 2 * MARGIN_MM, height)
        words = _draw_line(pages, each.code, texts, line, _MODULE_MM, bars_left=number % 2 == 1)
        text = Words(each.title, each.explanation, each.code.text)
        draw_words(pages, text, words, title_mm=5.5, text_mm=3.0)
        if number:
            pages.line((line.x, line.y), (line.right, line.y))


def _draw_detail_squares(pages: Pages, details: Sequence[Detail], texts: PaperTexts) -> None:
    y = heading(pages, texts.detail_squares_heading(), texts.hint())
    width, height = (pages.width - 2 * MARGIN_MM) / _COLUMNS, (pages.height - MARGIN_MM - y) / _ROWS
    for number, each in enumerate(details):
        row, column = divmod(number, _COLUMNS)
        x, top = MARGIN_MM + column * width, y + row * height
        side = min(width, height - _WORDS_MM)
        draw_square(pages, each.code, Box(x, top + _WORDS_MM, side, side), _SQUARE_MODULE_MM)
        text = Words(each.title, each.explanation, each.code.text)
        draw_words(pages, text, Box(x, top, width - 4.0, _WORDS_MM), title_mm=5.0, text_mm=2.8)
