"""Bar codes as grids of modules, encoded by libraries: Code 128 (ISO/IEC 15417) and QR Code (ISO/IEC 18004).

PDF and ZPL draw the same grid, so a test of one also holds for the other, and no printer's encoder can
mistake a character of the text for an instruction.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import segno
from reportlab.graphics.barcode.code128 import Code128

if TYPE_CHECKING:
    from collections.abc import Iterable

CODE_128_QUIET: Final = 10
"""Modules left and right of a Code 128 (ISO/IEC 15417, 4.3.2)."""
QR_QUIET: Final = 4
"""Modules on each side of a QR Code (ISO/IEC 18004, 6.3.8)."""


@dataclass(frozen=True, slots=True)
class Run:
    """Adjacent dark modules in a row."""

    row: int
    column: int
    length: int


@dataclass(frozen=True, slots=True)
class Symbol:
    """A bar code without its quiet zone."""

    identifier: str
    """The symbology identifier that a scanner sends in front of its text."""
    columns: int
    rows: int
    """1: bars, which can be drawn with any height."""
    quiet: int
    """Modules of quiet zone: at each end of bars, on each side of a square."""
    runs: tuple[Run, ...]

    @property
    def width(self) -> int:
        """Modules from quiet zone to quiet zone, both included."""
        return self.columns + 2 * self.quiet


def code_128(text: str) -> Symbol | None:
    """Encode a Code 128; None: the text is empty or not ASCII."""
    if not text.isascii() or not text:
        return None
    drawn: Any = Code128(text, quiet=0)
    drawn.validate()
    drawn.encode()
    # A letter for each bar and space: A to D is a bar of 1 to 4 modules, a to d a space.
    widths = [(letter.isupper(), "abcd".index(letter.lower()) + 1) for letter in drawn.decompose()]
    bits = [is_bar for is_bar, width in widths for _ in range(width)]
    return Symbol("]C0", len(bits), 1, CODE_128_QUIET, tuple(_runs(0, bits)))


def qr_code(text: str) -> Symbol | None:
    """Encode a QR Code, in UTF-8 if needed, with the best error correction of its size; None: too long."""
    try:
        drawn = segno.make_qr(text, error="m", encoding=None if text.isascii() else "utf-8")
    except segno.DataOverflowError:
        return None
    rows = [[bool(module) for module in row] for row in drawn.matrix]
    runs = tuple(run for number, row in enumerate(rows) for run in _runs(number, row))
    return Symbol("]Q1", len(rows), len(rows), QR_QUIET, runs)


def _runs(row: int, modules: Iterable[bool]) -> list[Run]:
    runs, column = [], 0
    for is_dark, same in groupby(modules):
        length = len(list(same))
        if is_dark:
            runs.append(Run(row, column, length))
        column += length
    return runs
