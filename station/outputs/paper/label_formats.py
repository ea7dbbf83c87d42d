"""A label as a PDF of one page, or in ZPL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from station.outputs.paper.page import Pages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.outputs.paper.label_layout import LabelLayout, Placed, TextLine


def as_pdf(layout: LabelLayout, dots_per_mm: int, title: str) -> bytes:
    """Return the PDF; the same label gives the same bytes."""
    pages = Pages((layout.width / dots_per_mm, layout.height / dots_per_mm), title)
    for line in layout.lines:
        pages.text(
            line.x / dots_per_mm,
            line.baseline / dots_per_mm,
            line.text,
            line.size / dots_per_mm,
            bold=line.is_bold,
        )
    for each in layout.symbols:
        pages.symbol(
            each.symbol,
            each.x / dots_per_mm,
            each.y / dots_per_mm,
            each.module / dots_per_mm,
            each.height / dots_per_mm,
        )
    pages.end_page()
    return pages.done()


_PLAIN: Final = frozenset(b" 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


def as_zpl(layout: LabelLayout) -> bytes:
    """Return the ZPL: start, UTF-8 (``^CI28``), the size, everything on the label, one copy, end."""
    commands = [
        "^XA",
        "^CI28",
        "^LH0,0",
        f"^PW{layout.width}",
        f"^LL{layout.height}",
        *(_text(line) for line in layout.lines),
        *(box for placed in layout.symbols for box in _boxes(placed)),
        "^PQ1",
        "^XZ",
    ]
    return ("\n".join(commands) + "\n").encode("ascii")


def _text(line: TextLine) -> str:
    """Return a field in the scalable font, at its baseline (``^FT``)."""
    return f"^FT{line.x},{line.baseline}^A0N,{line.size},{line.size}^FH^FD{escaped(line.text)}^FS"


def escaped(text: str) -> str:
    """Escape a field's data: every byte that may have a meaning becomes ``_XX``, two hexadecimal digits."""
    return "".join(chr(byte) if byte in _PLAIN else f"_{byte:02X}" for byte in text.encode())


def _boxes(placed: Placed) -> Iterator[str]:
    row_height = placed.height if placed.symbol.rows == 1 else placed.module
    for run in placed.symbol.runs:
        x, y = placed.x + run.column * placed.module, placed.y + run.row * row_height
        wide = run.length * placed.module
        # A border as thick as the shorter side fills the box.
        yield f"^FO{x},{y}^GB{wide},{row_height},{min(wide, row_height)}^FS"
