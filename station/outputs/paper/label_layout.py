"""The layout of a label, in dots of the print head: a thermal printer draws nothing finer.

Every module is a whole number of dots wide, in a PDF, too: bars scaled to dots at print time would be uneven.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Final

from station.errors import PaperError
from station.i18n.messages import escape_unprintable, msg
from station.outputs.paper.fonts import BOLD, REGULAR, broken, fitted, shown, width, wrapped

if TYPE_CHECKING:
    from station.config.settings import LabelPrinterSettings
    from station.outputs.paper.label import LabelSymbols, PrintedLabel
    from station.outputs.paper.symbols import Symbol

_EDGE_MM: Final = 1.5
"""Print heads don't reach the edges, and paper shifts."""
_BARS_LEAST_MM: Final = 0.25
"""The smallest module of a Code 128: hand scanners read 10 mil from a label held in the other hand."""
_BARS_MOST_MM: Final = 0.5
_BARS_TALL_MM: Final = (5.0, 12.0)
_SQUARE_LEAST_MM: Final = 0.33
_SQUARE_MOST_MM: Final = 0.7
_GAP_MM: Final = 0.7
"""Between bars and words."""
_LINE: Final = 1.25
"""From line to line, in heights of the font."""


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text; `baseline` and `size` (the font's height) in dots."""

    x: int
    baseline: int
    text: str
    size: int
    is_bold: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A symbol; `x` and `y` are the corner of its dark part, without the quiet zone."""

    symbol: Symbol
    x: int
    y: int
    module: int
    height: int
    """The height of bars; a square's height is its width."""


@dataclass(frozen=True, slots=True)
class LabelLayout:
    """A label, ready to be drawn."""

    width: int
    height: int
    lines: tuple[TextLine, ...]
    symbols: tuple[Placed, ...]


class _Sheet:
    """A label during layout."""

    def __init__(self, printer: LabelPrinterSettings) -> None:
        self.dots = printer.dots_per_mm
        self.width, self.height = printer.width_mm * self.dots, printer.height_mm * self.dots
        self.edge = self.of_mm(_EDGE_MM)
        self.right, self.bottom = self.width - self.edge, self.height - self.edge

    def of_mm(self, length: float) -> int:
        return round(length * self.dots)

    def module(self, symbol: Symbol, room: int, least_mm: float, most_mm: float) -> int | None:
        """Return the widest module with which symbol and quiet zones fit; None: too narrow to scan."""
        # The least width may lie between two numbers of dots: the larger one can be scanned.
        module = min(room // symbol.width, int(most_mm * self.dots))
        return module if module >= ceil(least_mm * self.dots - 0.01) else None

    def under_each_other(
        self, lines: list[str], top: int, size: int, *, bold: bool, x: int
    ) -> list[TextLine]:
        return [
            TextLine(x, top + round(size * (0.9 + _LINE * number)), text, size, bold)
            for number, text in enumerate(lines)
        ]

    def space(self, lines: int, size: int) -> int:
        """Return the height of some lines."""
        return round(lines * size * _LINE)


def lay_out(label: PrintedLabel, symbols: LabelSymbols, printer: LabelPrinterSettings) -> LabelLayout:
    """Lay out bars with the serial number below and the words above, and a QR Code in the upper right corner.

    If the bars don't fit, the QR Code holds the link, else the serial number.

    Raises:
        PaperError: no symbol fits.
    """
    sheet = _Sheet(printer)
    laid = _with_bars(sheet, label, symbols) or _with_square(sheet, label, symbols)
    if laid is None:
        raise PaperError(
            msg(
                'the label of "{number}" can\'t be printed: {width} by {height} mm is too small for a code '
                "that can be scanned; use larger labels, and set label_printer.width_mm and height_mm",
                number=escape_unprintable(label.serial_number),
                width=printer.width_mm,
                height=printer.height_mm,
            )
        )
    lines, placed = laid
    return LabelLayout(sheet.width, sheet.height, tuple(lines), tuple(placed))


_Laid = tuple[list[TextLine], list[Placed]]


def _with_bars(sheet: _Sheet, label: PrintedLabel, symbols: LabelSymbols) -> _Laid | None:
    bars = symbols.bars
    if bars is None:
        return None
    module = sheet.module(bars, sheet.width - sheet.edge, _BARS_LEAST_MM, _BARS_MOST_MM)
    if module is None:
        return None
    size, serial = _serial_lines(sheet, label, sheet.right - sheet.edge)
    least, most = map(sheet.of_mm, _BARS_TALL_MM)
    below = sheet.bottom - sheet.space(len(serial), size)
    floor = below - sheet.of_mm(_GAP_MM)
    if floor - sheet.edge < least:
        return None
    tall = min(most, max(least, (floor - sheet.edge) * 45 // 100))
    link = _square(sheet, symbols.link, floor - tall - sheet.edge)
    if symbols.link and not link:
        tall = least
        link = _square(sheet, symbols.link, floor - tall - sheet.edge)
    x = (sheet.width - bars.columns * module) // 2
    lines = _words(sheet, label, _right_of_words(sheet, link), floor - tall - sheet.of_mm(_GAP_MM))
    for text, line in zip(serial, sheet.under_each_other(serial, below, size, bold=True, x=0), strict=True):
        centred = round((sheet.width - width(text, BOLD, size)) / 2)
        lines.append(TextLine(centred, line.baseline, text, size, is_bold=True))
    return lines, [Placed(bars, x, floor - tall, module, tall), *([link] if link else [])]


def _with_square(sheet: _Sheet, label: PrintedLabel, symbols: LabelSymbols) -> _Laid | None:
    """Lay out a QR Code on the right, as high as the label, and all words on the left."""
    square = _square(sheet, symbols.link or symbols.square, sheet.height - sheet.edge)
    if square is None:
        return None
    right = _right_of_words(sheet, square)
    size, serial = _serial_lines(sheet, label, right - sheet.edge)
    top = sheet.bottom - sheet.space(len(serial), size)
    lines = _words(sheet, label, right, top)
    return [*lines, *sheet.under_each_other(serial, top, size, bold=True, x=sheet.edge)], [square]


def _square(sheet: _Sheet, symbol: Symbol | None, room: int) -> Placed | None:
    """Place a QR Code in the upper right corner, its quiet zone reaching into the edge; None: no room."""
    if symbol is None:
        return None
    room = min(room + sheet.edge, sheet.width * 6 // 10)
    module = sheet.module(symbol, room, _SQUARE_LEAST_MM, _SQUARE_MOST_MM)
    if module is None:
        return None
    quiet = max(symbol.quiet * module, sheet.edge)
    side = symbol.columns * module
    return Placed(symbol, sheet.width - quiet - side, quiet, module, side)


def _right_of_words(sheet: _Sheet, square: Placed | None) -> int:
    return square.x - square.symbol.quiet * square.module if square else sheet.right


def _serial_lines(sheet: _Sheet, label: PrintedLabel, room: int) -> tuple[int, list[str]]:
    """Return the serial number's size and lines: as large as fits on one line, else small on several."""
    text = shown(label.serial_number)
    one, size = fitted(text, BOLD, sheet.of_mm(3.2), room, sheet.of_mm(2.0))
    size = int(size)
    return size, [text] if one == text else broken(text, BOLD, size, room)


def _words(sheet: _Sheet, label: PrintedLabel, right: int, bottom: int) -> list[TextLine]:
    """Lay out item and description from the top, as far as there is room."""
    room = right - sheet.edge
    item, size = fitted(shown(label.item), BOLD, sheet.of_mm(4.0), room, sheet.of_mm(2.2))
    lines = sheet.under_each_other([item], sheet.edge, int(size), bold=True, x=sheet.edge)
    top = sheet.edge + sheet.space(1, int(size))
    small = sheet.of_mm(2.5)
    count = max(0, (bottom - top) // sheet.space(1, small))
    text = wrapped(shown(label.description), REGULAR, small, room, count)
    lines += sheet.under_each_other(text, top, small, bold=False, x=sheet.edge)
    return [line for line in lines if line.baseline <= bottom]
