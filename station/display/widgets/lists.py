"""The two tables: the document's lines, and what the session did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from station.display.outlook import clock_time, icon_of_action, tone_of_action
from station.display.state import REJECTED
from station.display.widgets.glyphs import CHECK, MINUS, PLUS
from station.display.widgets.listing import Column, Listing, Row
from station.display.words import word_of_action
from station.events import Action, Tone

if TYPE_CHECKING:
    from station.display.state import DisplayState, DocumentShown, EntryShown, LineShown
    from station.languages.language import Language

_STYLES = {Tone.GOOD: "#5fd787", Tone.ATTENTION: "#ffb000", Tone.REFUSED: "bold #ff8080"}
_TIME_FROM = 96


class LineTable(Listing):
    """The document's line items, as high as they need, up to a third of the display."""

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
        """Show the open document's lines; the one that was touched last is in sight and in bold."""
        lines = state.document.lines if state.document else ()
        touched = state.history[0].item if state.history else None
        self.styles.height = len(lines) + 1
        self.show([_line_row(line, self._language, is_touched=line.item == touched) for line in lines])
        at = next((place for place, line in enumerate(lines) if line.item == touched), None)
        if at is not None:
            self.call_after_refresh(self.reveal, at)


def _line_row(line: LineShown, language: Language, *, is_touched: bool) -> Row:
    note, style = line_note(line, language)
    requested, credited = language.number(line.requested), language.number(line.credited)
    cells = (line.item, line.description, requested, credited, note)
    return Row(cells, f"bold {style}" if is_touched else style)


def line_note(line: LineShown, language: Language) -> tuple[str, str]:
    """How a line stands, in words, and its style."""
    _ = language.text
    if line.over:
        many = _("{count} too many", count=line.credited - line.requested)
        return f"▲ {many}", _STYLES[Tone.ATTENTION]
    if line.negative:
        return f"{MINUS} " + _("negative"), _STYLES[Tone.ATTENTION]
    if line.added:
        return f"{PLUS} " + _("added"), _STYLES[Tone.GOOD]
    if line.credited == line.requested:
        return f"{CHECK} " + _("complete"), _STYLES[Tone.GOOD]
    return "  " + _("{count} to come", count=line.requested - line.credited), ""


class HistoryTable(Listing):
    """What the session did, newest first."""

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
    """Columns that the actions take, with their signs."""
    return max(cell_len(word_of_action(language, action)) for action in (*Action, REJECTED)) + 2


def _entry_row(entry: EntryShown, language: Language) -> Row:
    cells = (
        clock_time(entry.at),
        f"{icon_of_action(entry.action)} {word_of_action(language, entry.action)}",
        entry.serial_number or entry.text or "",
        entry.mfr_serial_number or "",
        entry.item or "",
        entry.description or "",
        entry.stock_area or "",
    )
    return Row(cells, _STYLES.get(tone_of_action(entry.action), ""), entry.reason or "")


def progress(document: DocumentShown, language: Language) -> str:
    """How far the document is, in numbers: what the office expects, and how much of it has come."""
    expected = [line for line in document.lines if not (line.negative or line.added)]
    requested = sum(line.requested for line in expected)
    credited = sum(line.credited for line in expected)
    _ = language.text
    return _("{credited} of {requested} requested units credited", credited=credited, requested=requested)
