"""Pages of a PDF, drawn in millimetres from the upper left corner.

The same pages give the same bytes: the file depends on no time, machine or random number.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final, Literal

from reportlab.lib.pagesizes import A4, LETTER
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from station.outputs.paper.fonts import BOLD, REGULAR, register

if TYPE_CHECKING:
    from station.outputs.paper.symbols import Symbol

Paper = Literal["a4", "letter"]
SIZES: Final[dict[Paper, tuple[float, float]]] = {
    "a4": (A4[0] / mm, A4[1] / mm),
    "letter": (LETTER[0] / mm, LETTER[1] / mm),
}
"""Width and height in millimetres."""
GREY: Final = "#555555"
BLACK: Final = "#000000"


class Pages:
    """A PDF during drawing."""

    def __init__(self, size: tuple[float, float], title: str) -> None:
        """`size`: width and height of every page, in millimetres."""
        register()
        self.width, self.height = size
        self._file = BytesIO()
        self._canvas = Canvas(self._file, pagesize=(size[0] * mm, size[1] * mm), invariant=1)
        self._canvas.setTitle(title)
        self._canvas.setCreator("scanstation")
        self._canvas.setAuthor("scanstation")

    def end_page(self) -> None:
        """End the page and start the next one."""
        self._canvas.showPage()

    def done(self) -> bytes:
        """Return the whole file."""
        self._canvas.save()
        return self._file.getvalue()

    def text(  # noqa: PLR0913 - where, what and how
        self,
        x: float,
        baseline: float,
        text: str,
        size: float,
        *,
        bold: bool = False,
        colour: str = BLACK,
        align: Literal["left", "centre", "right"] = "left",
    ) -> None:
        """Draw one line; `size`: the font's height in millimetres. The text must come from `fonts.shown`."""
        canvas = self._canvas
        canvas.setFillColor(colour)
        canvas.setFont(BOLD if bold else REGULAR, size * mm)
        draw = {
            "left": canvas.drawString,
            "centre": canvas.drawCentredString,
            "right": canvas.drawRightString,
        }
        draw[align](x * mm, self._up(baseline), text)

    def symbol(self, symbol: Symbol, x: float, y: float, module: float, height: float = 0.0) -> None:
        """Draw a symbol whose dark part begins at `x`, `y`; modules are `module` wide, bars `height` tall."""
        row_height = height if symbol.rows == 1 else module
        path = self._canvas.beginPath()
        for run in symbol.runs:
            bottom = self._up(y + (run.row + 1) * row_height)
            left = (x + run.column * module) * mm
            path.rect(left, bottom, run.length * module * mm, row_height * mm)
        # One path, filled at once: adjacent rectangles would show a hairline between them.
        self._canvas.setFillColor(BLACK)
        self._canvas.drawPath(path, stroke=0, fill=1)

    def line(self, start: tuple[float, float], end: tuple[float, float], *, dashed: bool = False) -> None:
        """Draw a thin grey line."""
        canvas = self._canvas
        canvas.setStrokeColor("#999999")
        canvas.setLineWidth(0.25 * mm)
        canvas.setDash([1.2 * mm, 1.2 * mm] if dashed else [])
        canvas.line(start[0] * mm, self._up(start[1]), end[0] * mm, self._up(end[1]))

    def box(self, corner: tuple[float, float], size: tuple[float, float], colour: str) -> None:
        """Draw a filled rectangle; `corner` is the upper left one."""
        self._canvas.setFillColor(colour)
        self._canvas.rect(
            corner[0] * mm, self._up(corner[1] + size[1]), size[0] * mm, size[1] * mm, stroke=0, fill=1
        )

    def _up(self, y: float) -> float:
        """Convert to PDF's points from the lower edge."""
        return (self.height - y) * mm
