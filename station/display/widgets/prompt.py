"""The input line: what is typed or scanned into the terminal, one entry at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from station.desk.entries import TEXT_CHARACTERS
from station.events import Mode
from station.inert import inert

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from station.display.state import DisplayState
    from station.languages.language import Language


def line_label(language: Language, mode: Mode, range_first: str = "") -> str:
    """What the next thing typed or scanned is for."""
    _ = language.text
    return {
        Mode.ATTACH: _("Serial # / command"),
        Mode.DETACH: _("Detach: serial #"),
        Mode.MFR_SERIAL: _("Mfr serial #"),
        Mode.RANGE_FIRST: _("Range: first serial #"),
        Mode.RANGE_LAST: _("Range: last serial # (from {first})", first=inert(range_first)),
        Mode.GENERATE: _("Generate: item or GTIN"),
    }[mode]


class Typed(Message):
    """A line was entered."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Entry(Input):
    """Empties itself in the moment of Enter: a scanner types the next label right behind."""

    def __init__(self, hint: str) -> None:
        super().__init__(
            id="entry",
            placeholder=hint,
            compact=True,
            select_on_focus=False,
            # One more than the station takes: what is too long is refused there, never cut here.
            max_length=TEXT_CHARACTERS + 1,
        )

    async def action_submit(self) -> None:
        """Hand the line over; an empty one is none."""
        text, self.value = self.value, ""
        if text:
            self.post_message(Typed(text))


class Prompt(Horizontal):
    """Label and input; the label says what the next serial number is for."""

    DEFAULT_CSS = """
    Prompt { height: 1; background: $boost; }
    Prompt Static { width: auto; padding: 0 1; text-style: bold reverse; }
    Prompt.special Static { background: #ffb000; color: #000000; text-style: bold; }
    Prompt Entry { width: 1fr; padding: 0 1; }
    """

    def __init__(self, language: Language, hint: str = "") -> None:
        """`hint` stands in the empty input line."""
        super().__init__()
        self._language = language
        self._hint = hint

    def compose(self) -> ComposeResult:
        """Label, input."""
        yield Static(line_label(self._language, Mode.ATTACH), id="label", markup=False)
        yield Entry(self._hint)

    def show(self, state: DisplayState) -> None:
        """Say what the next serial number is for."""
        self.set_class(state.mode is not Mode.ATTACH, "special")
        label = line_label(self._language, state.mode, state.range_first)
        self.query_one("#label", Static).update(label)
