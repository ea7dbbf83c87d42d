"""The two tables: the document's lines, and what the session did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.display.outlook import clock_time, icon_of_action, tone_of_action
from station.display.widgets.glyphs import CHECK, MINUS, PLUS
from station.display.widgets.listing import Column, Listing, Row
from station.events import Tone

if TYPE_CHECKING:
    from station.display.state import DisplayState, DocumentShown, EntryShown, LineShown

_STYLES = {Tone.GOOD: "#5fd787", Tone.ATTENTION: "#ffb000", Tone.REFUSED: "bold #ff8080"}
_TIME_FROM = 96


class LineTable(Listing):
    """The document's line items, as high as they need, up to a third of the display."""

    DEFAULT_CSS = "LineTable { height: auto; max-height: 33%; background: $surface; }"

    def __init__(self) -> None:
        super().__init__(
            (
                Column("Item", 12, share=1),
                Column("Description", 20, share=3),
                Column("Requested", 9, is_number=True),
                Column("Credited", 8, is_number=True),
                Column("", 14, share=1),
            ),
            id="lines",
        )

    def show_document(self, state: DisplayState) -> None:
        """Show the open document's lines; the one that was touched last is in sight and in bold."""
        lines = state.document.lines if state.document else ()
        touched = state.history[0].item if state.history else None
        self.styles.height = len(lines) + 1
        self.show([_line_row(line, is_touched=line.item == touched) for line in lines])
        at = next((place for place, line in enumerate(lines) if line.item == touched), None)
        if at is not None:
            self.call_after_refresh(self.reveal, at)


def _line_row(line: LineShown, *, is_touched: bool) -> Row:
    note, style = line_note(line)
    cells = (line.item, line.description, str(line.requested), str(line.credited), note)
    return Row(cells, f"bold {style}" if is_touched else style)


def line_note(line: LineShown) -> tuple[str, str]:
    """How a line stands, in words, and its style."""
    if line.over:
        return f"▲ {line.credited - line.requested} too many", _STYLES[Tone.ATTENTION]
    if line.negative:
        return f"{MINUS} negative", _STYLES[Tone.ATTENTION]
    if line.added:
        return f"{PLUS} added", _STYLES[Tone.GOOD]
    if line.credited == line.requested:
        return f"{CHECK} complete", _STYLES[Tone.GOOD]
    return f"  {line.requested - line.credited} to come", ""


class HistoryTable(Listing):
    """What the session did, newest first."""

    DEFAULT_CSS = "HistoryTable { height: 1fr; min-height: 2; }"

    def __init__(self) -> None:
        super().__init__(
            (
                Column("Time", 8, from_width=_TIME_FROM),
                Column("Action", 10),
                Column("Serial number", 14, share=2),
                Column("Mfr serial number", 9, share=3),
                Column("Item", 8, share=1),
                Column("Description", 11, share=3),
                Column("Stock area", 10, share=1),
            ),
            id="history",
        )

    def show_history(self, state: DisplayState) -> None:
        """Show the session's entries."""
        self.show([_entry_row(entry) for entry in state.history])


def _entry_row(entry: EntryShown) -> Row:
    cells = (
        clock_time(entry.at),
        f"{icon_of_action(entry.action)} {entry.action}",
        entry.serial_number or entry.text or "",
        entry.mfr_serial_number or "",
        entry.item or "",
        entry.description or "",
        entry.stock_area or "",
    )
    return Row(cells, _STYLES.get(tone_of_action(entry.action), ""), entry.reason or "")


def progress(document: DocumentShown) -> str:
    """How far the document is, in numbers: what the office expects, and how much of it has come."""
    expected = [line for line in document.lines if not (line.negative or line.added)]
    requested = sum(line.requested for line in expected)
    return f"{sum(line.credited for line in expected)} of {requested} requested units credited"
