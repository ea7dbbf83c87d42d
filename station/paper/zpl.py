"""A label in ZPL II, the language of Zebra's and many other label printers (ZPL II Programming Guide).

Symbols are drawn from boxes (``^GB``), so that no printer's own encoder reads a character of a serial number
as an instruction (in ``^BC`` a ``>`` is one). Of text, all that isn't a letter, a digit or a blank is written
in hexadecimal (``^FH``): no ``^``, ``~`` or ``_`` of a description is left for the printer to obey.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.paper.label_layout import Layout, Line, Placed

_PLAIN: Final = frozenset(b" 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


def as_zpl(layout: Layout) -> bytes:
    """One label: begin, UTF-8 (``^CI28``), the size, everything on it, one copy, end."""
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


def _text(line: Line) -> str:
    """A field of the scalable font, at its baseline (``^FT``)."""
    return f"^FT{line.x},{line.baseline}^A0N,{line.size},{line.size}^FH^FD{escaped(line.text)}^FS"


def escaped(text: str) -> str:
    """A field's data with every byte that may mean something as ``_XX``, two hexadecimal digits."""
    return "".join(chr(byte) if byte in _PLAIN else f"_{byte:02X}" for byte in text.encode())


def _boxes(placed: Placed) -> Iterator[str]:
    row_height = placed.height if placed.symbol.rows == 1 else placed.module
    for run in placed.symbol.runs:
        x, y = placed.x + run.column * placed.module, placed.y + run.row * row_height
        wide = run.length * placed.module
        # As thick as its shorter side: filled.
        yield f"^FO{x},{y}^GB{wide},{row_height},{min(wide, row_height)}^FS"
