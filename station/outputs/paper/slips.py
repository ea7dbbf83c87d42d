"""Operators' badges, to cut out and carry, and slips for documents, to cut apart and lay on the goods.

Each has both symbols: unlike a command, a badge or a document may be scanned twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from station.outputs.paper.drawing import MARGIN_MM, Box, Words, draw_bars, draw_square, draw_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.outputs.paper.codes import Code
    from station.outputs.paper.page import Pages

_BADGE: Final = (85.6, 54.0)
"""The size of a bank card (ISO/IEC 7810, ID-1), which fits badge holders."""
_SQUARE_MM: Final = 30.0
"""Room for a QR Code: enough for the longest code or number with the smallest module."""
_PAD_MM: Final = 3.0
_SLIP_MM: Final = 42.0


@dataclass(frozen=True, slots=True)
class Slip:
    """The content of one badge or slip."""

    code: Code
    title: str
    text: str
    small: str


def draw_badges(pages: Pages, slips: Sequence[Slip]) -> None:
    """Draw badges, two side by side."""
    rows = int((pages.height - 2 * MARGIN_MM) // _BADGE[1])
    left = (pages.width - 2 * _BADGE[0]) / 2
    for begin in range(0, len(slips), 2 * rows):
        for number, slip in enumerate(slips[begin : begin + 2 * rows]):
            row, column = divmod(number, 2)
            card = Box(left + column * _BADGE[0], MARGIN_MM + row * _BADGE[1], *_BADGE)
            _frame(pages, card)
            _draw_badge(pages, slip, card)
        pages.end_page()


def _draw_badge(pages: Pages, slip: Slip, card: Box) -> None:
    square = Box(card.right - _SQUARE_MM - 1.0, card.y + 1.0, _SQUARE_MM, _SQUARE_MM)
    draw_square(pages, slip.code, square, 0.9)
    words = Box(card.x + _PAD_MM + 1, card.y + _PAD_MM + 1, square.x - card.x - 2 * _PAD_MM, _SQUARE_MM)
    draw_words(pages, Words(slip.title, slip.text, slip.small), words, title_mm=6.5, text_mm=3.0, lines=3)
    bars = Box(card.x + 0.5, square.bottom + 2.0, card.width - 1.0, card.height - _SQUARE_MM - 7.0)
    draw_bars(pages, slip.code.bars, bars, 0.45, "centre")


def draw_documents(pages: Pages, slips: Sequence[Slip]) -> None:
    """Draw slips as wide as the page, one below the other."""
    rows = int((pages.height - 2 * MARGIN_MM) // _SLIP_MM)
    for begin in range(0, len(slips), rows):
        for row, slip in enumerate(slips[begin : begin + rows]):
            place = Box(MARGIN_MM, MARGIN_MM + row * _SLIP_MM, pages.width - 2 * MARGIN_MM, _SLIP_MM)
            _frame(pages, place)
            _draw_slip(pages, slip, place)
        pages.end_page()


def _draw_slip(pages: Pages, slip: Slip, place: Box) -> None:
    square = Box(place.x + _PAD_MM, place.y + _PAD_MM, 36.0, 36.0)
    draw_square(pages, slip.code, square, 1.1)
    right = Box(square.right + 4.0, place.y + _PAD_MM, place.right - square.right - 6.0, 18.0)
    words = Words(slip.title, slip.text, slip.small, is_number=True)
    draw_words(pages, words, right, title_mm=7.0, text_mm=3.4, lines=1)
    bars = Box(square.right, place.y + 22.0, place.right - square.right, 16.0)
    draw_bars(pages, slip.code.bars, bars, 0.6, "left")


def _frame(pages: Pages, box: Box) -> None:
    """Draw where to cut."""
    corners = ((box.x, box.y), (box.right, box.y), (box.right, box.bottom), (box.x, box.bottom))
    for corner, following in zip(corners, corners[1:] + corners[:1], strict=True):
        pages.line(corner, following, dashed=True)
