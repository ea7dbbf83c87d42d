"""The two lines at the top, and the line with the health of scanners and database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text
from textual.widget import Widget

from station.events import ScannerState
from station.i18n.messages import escape_unprintable
from station.outcomes import SHOWN_ACTIONS, outcome_type
from station.terminal.banner import clock_time, word_of_kind, word_of_status
from station.terminal.tables import progress

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import RenderResult

    from station.i18n.catalogues import Language
    from station.outputs.display.state import DisplayState, DocumentShown, ScannerShown, UpcomingShown

_BETWEEN = 2
"""The fewest columns between left and right."""
_BAD = "bold #ffffff on #b00020"


class _StateLine(Widget, can_focus=False):
    """A widget that is redrawn with each state."""

    def __init__(self, language: Language, *, id: str) -> None:  # noqa: A002 - as all widgets name it
        super().__init__(id=id)
        self._language = language
        self._state: DisplayState | None = None

    def show(self, state: DisplayState) -> None:
        """Show this state from now on."""
        self._state = state
        self.refresh()


class Heading(_StateLine):
    """Document, customer and progress; operator, station and counts."""

    DEFAULT_CSS = "Heading { height: 2; padding: 0 1; background: $panel; }"

    def render(self) -> RenderResult:
        """Two lines, each with a left and a right part."""
        state = self._state
        if state is None:
            return Text("scanstation")
        language = self._language
        width = self.content_size.width
        first = _apart(
            _document(state.document, language), Text(escape_unprintable(_who(state, language))), width
        )
        done = _progress(state, language)
        room = width - cell_len(done) - _BETWEEN
        return Text("\n").join(
            [first, _apart(Text(done), Text(_counts(state.counts, language, room)), width)]
        )


def _progress(state: DisplayState, language: Language) -> str:
    """The document's progress, and what was scanned for the next unit."""
    done = [progress(state.document, language)] if state.document else []
    return "   ".join([*done, *upcoming(state.upcoming, language)])


def upcoming(shown: UpcomingShown, language: Language) -> list[str]:
    """What was scanned for the next unit; nothing, mostly."""
    _ = language.text
    given = [
        f"{shown.quantity} ×" if shown.quantity else "",  # noqa: RUF001 - a sign
        shown.reason_code or "",
        shown.condition or "",
    ]
    named = escape_unprintable("  ".join(filter(None, given)))
    return [_("next unit: {given}", given=named)] if named else []


def _counts(counts: Mapping[str, int], language: Language, room: int) -> str:
    """How often each action has happened: with words, or with signs if the words don't fit."""
    shown = [outcome_type(action) for action in SHOWN_ACTIONS if action in counts]
    by_word = [f"{language.text(each.word)} {language.number(counts[each.action])}" for each in shown]
    by_sign = [f"{each.sign.glyph} {language.number(counts[each.action])}" for each in shown]
    words = "  ".join(by_word)
    return words if cell_len(words) <= room else "  ".join(by_sign)


def _who(state: DisplayState, language: Language) -> str:
    _ = language.text
    station, location = state.station, state.location
    where = _("{station} at {location}", station=station, location=location) if location else station
    who = _("operator {name}", name=state.operator.name) if state.operator else _("no operator")
    return f"{who}, {where}"


def _document(document: DocumentShown | None, language: Language) -> Text:
    _ = language.text
    if document is None:
        return Text(_("No document is open"), "bold")
    kind = word_of_kind(language, document.kind)
    status = "" if document.status == "open" else f" ({word_of_status(language, document.status)})"
    known = (f" {kind}{status}", document.customer, document.reference)
    return Text.assemble(
        (escape_unprintable(document.number), "bold reverse"),
        escape_unprintable(", ".join(each for each in known if each)),
    )


def _apart(left: Text, right: Text, width: int) -> Text:
    """Left and right in one line; the left one takes precedence."""
    left.truncate(width, overflow="ellipsis")
    room = width - cell_len(left.plain) - _BETWEEN
    if room < 1:
        return left
    right.truncate(room, overflow="ellipsis")
    return left + Text(" " * (width - cell_len(left.plain) - cell_len(right.plain))) + right


class HealthLine(_StateLine):
    """Scanners and database, with problems first."""

    DEFAULT_CSS = "HealthLine { height: 1; padding: 0 1; background: $panel; }"

    def render(self) -> RenderResult:
        """One line."""
        if self._state is None:
            return Text("")
        _ = self._language.text
        database = self._state.database
        problem = _("database: {detail}", detail=escape_unprintable(database.detail))
        bad = [] if database.ok else [Text(f"✖ {problem}", _BAD)]
        good = [Text("● " + _("database"))] if database.ok else []
        for scanner in sorted(self._state.scanners, key=lambda each: each.name):
            is_well = scanner.state in (ScannerState.CONNECTED, ScannerState.FINISHED)
            (good if is_well else bad).append(_scanner(scanner, self._language, is_well=is_well))
        if not self._state.scanners:
            good.append(Text("○ " + _("no scanner is configured")))
        line = Text("  ").join([*bad, *good])
        line.truncate(self.content_size.width, overflow="ellipsis")
        return line


def _scanner(scanner: ScannerShown, language: Language, *, is_well: bool) -> Text:
    _, name, time = language.text, scanner.name, clock_time(scanner.since)
    text = {
        ScannerState.CONNECTED: _("{name} connected", name=name),
        ScannerState.FINISHED: _("{name} finished", name=name),
        ScannerState.DISCONNECTED: _("{name} disconnected since {time}", name=name, time=time),
        ScannerState.FAILED: _("{name} failed since {time}", name=name, time=time),
    }[scanner.state]
    if is_well:
        return Text(escape_unprintable(f"● {text}"))
    detail = f": {scanner.detail}" if scanner.detail else ""
    return Text(escape_unprintable(f"✖ {text}{detail}"), _BAD)
