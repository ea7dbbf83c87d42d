"""A table whose rows are drawn only when they are seen, so that hundreds of them cost nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.style import Style
from rich.text import Text
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from station.inert import inert

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.events import Resize

CELL_CHARACTERS = 200
"""More of a cell is never seen; a label may hold thousands."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: at least `least` columns of the terminal, and its share of what is left."""

    title: str
    least: int
    share: int = 0
    is_number: bool = False
    from_width: int = 0
    """Left out when the table is narrower than this."""


@dataclass(frozen=True, slots=True)
class Row:
    """Cells as they came, from labels and the database; `below` goes on a line of its own."""

    cells: tuple[str, ...]
    style: str = ""
    below: str = ""


class Listing(ScrollView, can_focus=False):
    """Title line, then rows; scrolls under the title line."""

    DEFAULT_CSS = "Listing { scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; overflow-x: hidden; }"

    def __init__(self, columns: Sequence[Column], *, id: str) -> None:  # noqa: A002 - as all widgets name it
        super().__init__(id=id)
        self._columns = tuple(columns)
        self.rows: tuple[Row, ...] = ()
        self._lines: list[tuple[Row, bool]] = []

    def show(self, rows: Sequence[Row]) -> None:
        """Show these rows from now on."""
        if tuple(rows) == self.rows:
            return
        self.rows = tuple(rows)
        self._lines = [
            line for row in rows for line in ((row, False), (row, True)) if row.below or not line[1]
        ]
        self._measure()

    def reveal(self, number: int) -> None:
        """Scroll so that a row can be seen; rows are counted from 0."""
        line = next((at for at, (row, _) in enumerate(self._lines) if row is self.rows[number]), 0)
        room = max(1, self.size.height - 1)
        if not self.scroll_offset.y <= line < self.scroll_offset.y + room:
            self.scroll_to(y=max(0, line - room + 1), animate=False)

    def on_resize(self, _event: Resize) -> None:
        """Columns are measured anew."""
        self._measure()

    def _measure(self) -> None:
        self.virtual_size = Size(self.size.width, len(self._lines) + 1)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line of the terminal."""
        width = self.size.width
        if y == 0:
            text = self._aligned(tuple(column.title for column in self._columns), width)
            text.stylize("bold")
            return self._strip(text, width, "title")
        at = y - 1 + self.scroll_offset.y
        if at >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        row, is_below = self._lines[at]
        text = Text("   └ " + inert(row.below)) if is_below else self._aligned(row.cells, width)
        text.stylize(row.style)
        return self._strip(text, width, "")

    def _strip(self, text: Text, width: int, part: str) -> Strip:
        text.truncate(width, overflow="ellipsis", pad=True)
        base = self.rich_style + Style(reverse=True) if part else self.rich_style
        text.end = ""
        return Strip(text.render(self.app.console), width).apply_style(base).crop(0, width)

    def _aligned(self, cells: tuple[str, ...], width: int) -> Text:
        line = Text(" ", end="")
        widths = self._widths(width)
        for column, cell, room in zip(self._columns, cells, widths, strict=True):
            if room:
                text = Text(inert(cell[:CELL_CHARACTERS]))
                text.truncate(room, overflow="ellipsis")
                text.align("right" if column.is_number else "left", room)
                line.append_text(text).append("  ")
        return line

    def _widths(self, width: int) -> list[int]:
        """How wide each column is; 0: left out."""
        shown = [column for column in self._columns if width >= column.from_width]
        spare = max(0, width - 1 - sum(column.least + 2 for column in shown))
        shares = sum(column.share for column in shown) or 1
        return [
            column.least + spare * column.share // shares if column in shown else 0
            for column in self._columns
        ]
