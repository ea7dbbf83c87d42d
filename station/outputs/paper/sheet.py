"""The sheets: two pages of commands, badges, and slips for documents.

Each page of commands has one kind of code only: if both stood side by side, one pull of the trigger could
read both, and give the command twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from station.errors import ConfigError, PaperError
from station.labels.commands import Command, Signing
from station.outputs.paper.codes import badge_code, command_code, document_code
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
from station.outputs.paper.page import SIZES, Pages
from station.outputs.paper.reading import Readers
from station.outputs.paper.slips import Slip, draw_badges, draw_documents

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from station.config.schema import Config
    from station.outputs.paper.codes import Code
    from station.outputs.paper.page import Paper
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
class Operator:
    """An operator with a badge."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """A document that its slip opens."""

    number: str
    is_memo: bool
    """A credit memo, else a credit order."""
    customer: str


class Sheet:
    """Pages for one station; `left_out` lists what could not be printed, and why."""

    def __init__(self, config: Config, paper: Paper, texts: PaperTexts, key: bytes | None) -> None:
        """`key` signs the codes (D11); None: they are unsigned."""
        self._preferences = config.preferences
        self._signing = Signing(config.preferences.command_prefix, key)
        self._readers = Readers(config)
        self._texts = texts
        self._pages = Pages(SIZES[paper], texts.title())
        self.left_out: list[str] = []

    def add_commands(self) -> None:
        """Add one page of bar codes and one of QR codes.

        Raises:
            ConfigError: with this prefix, a scanner would misread them.
        """
        try:
            codes = {each: command_code(each, self._signing, self._readers) for each in ON_SHEET}
        except PaperError as error:
            raise ConfigError(
                f"preferences.command_prefix = {self._preferences.command_prefix!r}: {error}; choose another"
            ) from error
        if any(code.bars for code in codes.values()):
            draw_bars_page(self._pages, codes, self._texts)
            self._pages.end_page()
        if any(code.square for code in codes.values()):
            draw_squares_page(self._pages, codes, self._texts)
            self._pages.end_page()

    def add_badges(self, operators: Iterable[Operator]) -> None:
        """Add a badge for each operator.

        Raises:
            PaperError: there are no operators, or no badge could be printed.
        """
        slips = []
        for each in operators:
            try:
                code = badge_code(each.code, self._signing, self._readers)
            except PaperError as error:
                self.left_out.append(str(error))
                continue
            slips.append(Slip(code, each.name, self._texts.operator(each.code), ""))
        self._require(slips, "there are no operators to print badges for; import operators.csv")
        draw_badges(self._pages, slips)

    def add_documents(self, documents: Iterable[OpenDocument]) -> None:
        """Add a slip for each document.

        Raises:
            PaperError: there are no documents, or no slip could be printed.
        """
        slips = []
        for each in documents:
            try:
                code = document_code(each.number, self._preferences, self._signing, self._readers)
            except PaperError as error:
                self.left_out.append(str(error))
                continue
            kind = self._texts.document_kind(is_memo=each.is_memo)
            slips.append(Slip(code, each.number, each.customer, kind))
        self._require(slips, "no document is open; import documents.csv, or look at scanstation memo list")
        draw_documents(self._pages, slips)

    def _require(self, slips: list[Slip], nothing: str) -> None:
        if not slips:
            raise PaperError("; ".join(self.left_out) or nothing)

    def pdf(self) -> bytes:
        """Return the file; the same contents give the same bytes."""
        return self._pages.done()
