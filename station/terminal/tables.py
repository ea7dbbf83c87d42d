"""Tables that draw only their visible rows, so that hundreds of rows cost nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from station.i18n.messages import escape_unprintable
from station.outcomes import SHOWN_ACTIONS, Sign, Tone, outcome_type
from station.terminal.banner import clock_time, subject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.events import Resize

    from station.i18n.catalogues import Language
    from station.outputs.display.state import (
        DisplayState,
        DocumentShown,
        EntryShown,
        LabelShown,
        LineShown,
    )

MISSING_NAMED = 5
"""Missing serial numbers named below a line."""
CELL_CHARACTERS = 200
"""More of a cell is never visible; a label may have thousands."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: at least `least` columns of the terminal, and its share of the remaining ones."""

    title: str
    least: int
    share: int = 0
    is_number: bool = False
    from_width: int = 0
    """The column is left out if the table is narrower than this."""


@dataclass(frozen=True, slots=True)
class Row:
    """Raw cells, from labels and the database; `below` is shown on a line of its own."""

    cells: tuple[str, ...]
    style: str = ""
    below: str = ""


class ListTable(ScrollView, can_focus=False):
    """A title line and rows, which scroll below it."""

    DEFAULT_CSS = """
    ListTable { scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; overflow-x: hidden; }
    """

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
        """Scroll so that a row is visible; rows are counted from 0."""
        line = next((at for at, (row, _) in enumerate(self._lines) if row is self.rows[number]), 0)
        room = max(1, self.size.height - 1)
        if not self.scroll_offset.y <= line < self.scroll_offset.y + room:
            self.scroll_to(y=max(0, line - room + 1), animate=False)

    def on_resize(self, _event: Resize) -> None:
        """Measure the columns again."""
        self._measure()

    def _measure(self) -> None:
        self.virtual_size = Size(self.size.width, len(self._lines) + 1)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one line of the terminal."""
        width = self.size.width
        if y == 0:
            text = self._aligned(tuple(column.title for column in self._columns), width)
            text.stylize("bold")
            return self._strip(text, width, "title")
        at = y - 1 + self.scroll_offset.y
        if at >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        row, is_below = self._lines[at]
        text = Text("   └ " + escape_unprintable(row.below)) if is_below else self._aligned(row.cells, width)
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
                text = Text(escape_unprintable(cell[:CELL_CHARACTERS]))
                text.truncate(room, overflow="ellipsis")
                text.align("right" if column.is_number else "left", room)
                line.append_text(text).append("  ")
        return line

    def _widths(self, width: int) -> list[int]:
        """The width of each column; 0: left out."""
        shown = [column for column in self._columns if width >= column.from_width]
        spare = max(0, width - 1 - sum(column.least + 2 for column in shown))
        shares = sum(column.share for column in shown) or 1
        return [
            column.least + spare * column.share // shares if column in shown else 0
            for column in self._columns
        ]


_STYLES = {Tone.GOOD: "#5fd787", Tone.ATTENTION: "#ffb000", Tone.REFUSED: "bold #ff8080"}
_TIME_FROM = 96


class LineTable(ListTable):
    """The document's line items, up to a third of the display's height."""

    DEFAULT_CSS = "LineTable { height: auto; max-height: 33%; background: $surface; }"

    def __init__(self, language: Language) -> None:
        _ = language.text
        requested, credited = _("Requested"), _("Credited")
        super().__init__(
            (
                Column(_("Item"), 12, share=1),
                Column(_("Description"), 20, share=3),
                Column(requested, max(9, cell_len(requested)), is_number=True),
                Column(credited, max(8, cell_len(credited)), is_number=True),
                Column("", 14, share=1),
            ),
            id="lines",
        )
        self._language = language

    def show_document(self, state: DisplayState) -> None:
        """Show the open document's lines; the one that changed last is visible and bold."""
        lines = state.document.lines if state.document else ()
        touched = state.history[0].item if state.history else None
        self.styles.height = len(lines) + sum(bool(line.missing_count) for line in lines) + 1
        self.show([_line_row(line, self._language, is_touched=line.item == touched) for line in lines])
        at = next((place for place, line in enumerate(lines) if line.item == touched), None)
        if at is not None:
            self.call_after_refresh(self.reveal, at)


def _line_row(line: LineShown, language: Language, *, is_touched: bool) -> Row:
    note, style = line_note(line, language)
    requested, credited = language.number(line.requested), language.number(line.credited)
    cells = (line.item, line.description, requested, credited, note)
    return Row(cells, f"bold {style}" if is_touched else style, missing(line, language))


def missing(line: LineShown, language: Language) -> str:
    """The first of the expected serial numbers that are not here yet (R14); empty: none."""
    if not line.missing_count:
        return ""
    _, named = language.text, ", ".join(line.missing[:MISSING_NAMED])
    more = line.missing_count - min(len(line.missing), MISSING_NAMED)
    if more:
        return _("still missing: {serial_numbers} and {count} more", serial_numbers=named, count=more)
    return _("still missing: {serial_numbers}", serial_numbers=named)


def line_note(line: LineShown, language: Language) -> tuple[str, str]:
    """The status of a line in words, and its style."""
    _ = language.text
    if line.over:
        many = _("{count} too many", count=line.credited - line.requested)
        return f"▲ {many}", _STYLES[Tone.ATTENTION]
    if line.negative:
        return f"{Sign.MINUS.glyph} " + _("negative"), _STYLES[Tone.ATTENTION]
    if line.added:
        return f"{Sign.PLUS.glyph} " + _("added"), _STYLES[Tone.GOOD]
    if line.credited == line.requested:
        return f"{Sign.CHECK.glyph} " + _("complete"), _STYLES[Tone.GOOD]
    return "  " + _("{count} to come", count=line.requested - line.credited), ""


class HistoryTable(ListTable):
    """The session's history, newest first."""

    DEFAULT_CSS = "HistoryTable { height: 1fr; min-height: 2; }"

    def __init__(self, language: Language) -> None:
        _ = language.text
        mfr = _("Mfr serial #")
        super().__init__(
            (
                Column(_("Time"), 8, from_width=_TIME_FROM),
                Column(_("Action"), _widest_action(language)),
                Column(_("Serial number"), 14, share=2),
                Column(mfr, max(9, cell_len(mfr)), share=3),
                Column(_("Item"), 8, share=1),
                Column(_("Description"), 11, share=3),
                Column(_("Stock area"), 10, share=1),
            ),
            id="history",
        )
        self._language = language

    def show_history(self, state: DisplayState) -> None:
        """Show the session's entries."""
        self.show([_entry_row(entry, self._language) for entry in state.history])


def _widest_action(language: Language) -> int:
    """The width of the widest action with its sign."""
    return max(cell_len(language.text(outcome_type(action).word)) for action in SHOWN_ACTIONS) + 2


def _entry_row(entry: EntryShown, language: Language) -> Row:
    row = outcome_type(entry.action)
    cells = (
        clock_time(entry.at),
        f"{row.sign.glyph} {language.text(row.word)}",
        subject(entry),
        entry.mfr_serial_number or "",
        entry.item or "",
        entry.description or "",
        entry.stock_area or "",
    )
    codes = (entry.reason or entry.note, entry.reason_code, entry.condition)
    return Row(cells, _STYLES.get(row.tone, ""), "  ".join(filter(None, codes)))


def progress(document: DocumentShown, language: Language) -> str:
    """The document's progress: how many of the requested units are here, and how many are too many."""
    _, shown = language.text, document.progress
    text = _("{here} of {requested} are here", here=shown.here, requested=shown.requested)
    over = sum(shown.too_many.values())
    return f"{text}, {_('{count} too many', count=over)}" if over else text


class ReadingTable(ListTable):
    """How the last label was read; toggled in place of the document's lines and the history."""

    DEFAULT_CSS = "ReadingTable { height: 1fr; display: none; }"

    def __init__(self, language: Language) -> None:
        _ = language.text
        super().__init__(
            (Column(_("Last label"), 22, share=1), Column(_("Found"), 40, share=4)), id="reading"
        )
        self._language = language

    def show_label(self, state: DisplayState) -> None:
        """Show the newest label's steps."""
        _ = self._language.text
        nothing = Row(("", _("Nothing was scanned yet")))
        self.show(_rows(state.label, self._language) if state.label else [nothing])


def _rows(label: LabelShown, language: Language) -> list[Row]:
    _ = language.text
    scanned = _("Scanned {time} by {scanner}", time=clock_time(label.at), scanner=label.scanner)
    steps = [Row((step.step, step.found)) for step in label.steps[:-1]]
    last = [Row((step.step, step.found), "bold") for step in label.steps[-1:]]
    return [Row((scanned, label.text or ""), "bold"), *steps, *last]
