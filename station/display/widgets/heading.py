"""The two lines on top, and the line that says how scanners and database are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text
from textual.widget import Widget

from station.display.outlook import clock_time
from station.display.state import REJECTED
from station.display.widgets.lists import progress
from station.events import Action, ScannerState
from station.inert import inert

if TYPE_CHECKING:
    from textual.app import RenderResult

    from station.display.state import DisplayState, DocumentShown, ScannerShown

_KINDS = {"credit_memo": "credit memo", "credit_order": "credit order"}
_ACTIONS = (*(action.value for action in Action), REJECTED)
_BAD = "bold #ffffff on #b00020"


class _StateLine(Widget, can_focus=False):
    """Redraws itself with each state."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - as all widgets name it
        super().__init__(id=id)
        self._state: DisplayState | None = None

    def show(self, state: DisplayState) -> None:
        """Show it from now on."""
        self._state = state
        self.refresh()


class Heading(_StateLine):
    """Document, customer, how far; operator, station, counts."""

    DEFAULT_CSS = "Heading { height: 2; padding: 0 1; background: $panel; }"

    def render(self) -> RenderResult:
        """Two lines, each with a left and a right part."""
        state = self._state
        if state is None:
            return Text("scanstation")
        where = f"{state.station} at {state.location}" if state.location else state.station
        who = f"operator {state.operator.name}" if state.operator else "no operator"
        counts = "  ".join(
            f"{action} {state.counts[action]}" for action in _ACTIONS if action in state.counts
        )
        width = self.content_size.width
        first = _apart(_document(state.document), Text(inert(f"{who}, {where}")), width)
        done = progress(state.document) if state.document else ""
        return Text("\n").join([first, _apart(Text(done), Text(inert(counts)), width)])


def _document(document: DocumentShown | None) -> Text:
    if document is None:
        return Text("No document is open", "bold")
    kind = _KINDS.get(document.kind, document.kind)
    status = "" if document.status == "open" else f" ({document.status})"
    return Text.assemble(
        (inert(document.number), "bold reverse"),
        inert(f" {kind}{status}, {document.customer}".rstrip(", ")),
    )


def _apart(left: Text, right: Text, width: int) -> Text:
    """Left and right in one line; the left one has precedence."""
    left.truncate(width, overflow="ellipsis")
    room = width - cell_len(left.plain) - 2
    if room < 1:
        return left
    right.truncate(room, overflow="ellipsis")
    return left + Text(" " * (width - cell_len(left.plain) - cell_len(right.plain))) + right


class Health(_StateLine):
    """Scanners and database; what is wrong comes first."""

    DEFAULT_CSS = "Health { height: 1; padding: 0 1; background: $panel; }"

    def render(self) -> RenderResult:
        """One line."""
        if self._state is None:
            return Text("")
        database = self._state.database
        wrong = [] if database.ok else [Text(inert(f"✖ database: {database.detail}"), _BAD)]
        right = [Text("● database")] if database.ok else []
        for scanner in sorted(self._state.scanners, key=lambda each: each.name):
            is_well = scanner.state in (ScannerState.CONNECTED, ScannerState.FINISHED)
            (right if is_well else wrong).append(_scanner(scanner, is_well=is_well))
        if not self._state.scanners:
            right.append(Text("○ no scanner is configured"))
        line = Text("  ").join([*wrong, *right])
        line.truncate(self.content_size.width, overflow="ellipsis")
        return line


def _scanner(scanner: ScannerShown, *, is_well: bool) -> Text:
    if is_well:
        return Text(inert(f"● {scanner.name} {scanner.state.value}"))
    detail = f": {scanner.detail}" if scanner.detail else ""
    since = clock_time(scanner.since)
    return Text(inert(f"✖ {scanner.name} {scanner.state.value} since {since}{detail}"), _BAD)
