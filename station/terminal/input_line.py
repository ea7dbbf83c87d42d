"""The input line for text typed or scanned into the terminal, one entry at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from station.i18n.messages import escape_unprintable
from station.questions import Mode
from station.worker.entries import TEXT_CHARACTERS

if TYPE_CHECKING:
    from textual.app import ComposeResult, RenderResult
    from textual.geometry import Size

    from station.i18n.catalogues import Language
    from station.outputs.display.state import DisplayState


def line_label(language: Language, mode: Mode, range_first: str = "") -> str:
    """The meaning of the next entry."""
    _ = language.text
    return {
        Mode.ATTACH: _("Serial # / command"),
        Mode.DETACH: _("Detach: serial #"),
        Mode.MFR_SERIAL: _("Mfr serial #"),
        Mode.RANGE_FIRST: _("Range: first serial #"),
        Mode.RANGE_LAST: _("Range: last serial # (from {first})", first=escape_unprintable(range_first)),
        Mode.GENERATE: _("Generate: item or GTIN"),
        Mode.NEW: _("New document: a unit"),
    }[mode]


class Typed(Message):
    """A line was entered."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class InputLine(Input):
    """Clears itself at Enter, before the entry is sent: a scanner may type the next label immediately."""

    def __init__(self, hint: str) -> None:
        super().__init__(
            id="entry",
            placeholder=hint,
            compact=True,
            select_on_focus=False,
            # One more than the station accepts: text that is too long is refused there, never truncated here.
            max_length=TEXT_CHARACTERS + 1,
        )

    async def action_submit(self) -> None:
        """Submit the line unless it is empty."""
        text, self.value = self.value, ""
        if text:
            self.post_message(Typed(text))


class Prompt(Horizontal):
    """Input with a label, which shows what the next serial number is for."""

    DEFAULT_CSS = """
    Prompt { height: 1; background: $boost; }
    Prompt Static { width: auto; padding: 0 1; text-style: bold reverse; }
    Prompt.special Static { background: #ffb000; color: #000000; text-style: bold; }
    Prompt InputLine { width: 1fr; padding: 0 1; }
    """

    def __init__(self, language: Language, hint: str = "") -> None:
        """`hint` is shown in the empty input line."""
        super().__init__()
        self._language = language
        self._hint = hint

    def compose(self) -> ComposeResult:
        """Label and input."""
        yield Static(line_label(self._language, Mode.ATTACH), id="label", markup=False)
        yield InputLine(self._hint)

    def show(self, state: DisplayState) -> None:
        """Show what the next serial number is for."""
        self.set_class(state.mode is not Mode.ATTACH, "special")
        label = line_label(self._language, state.mode, state.range_first)
        self.query_one("#label", Static).update(label)


_BETWEEN = Content("  ")
_LESS_BETWEEN = Content(" ")


class KeyLine(Widget, can_focus=False):
    """Each key with its word, in two lines if one is too short."""

    DEFAULT_CSS = "KeyLine { height: auto; max-height: 2; padding: 0 1; background: $panel; }"

    def __init__(self, language: Language) -> None:
        super().__init__(id="keys")
        _ = language.text
        keys = (
            ("F2", "toggle_history", _("History")),
            ("F3", "command('detach')", _("Detach")),
            ("F4", "command('undo')", _("Undo")),
            ("F5", "command('range')", _("Range")),
            ("F6", "command('mfg')", _("Mfr")),
            ("F7", "toggle_reading", _("Label")),
            ("F8", "command('save')", _("Save")),
            ("F9", "command('close')", _("Close")),
            ("^Q", "quit", _("Quit")),
        )
        self._faces = [_face(*each) for each in keys]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - of the base
        """One line or two."""
        return len(self._lines(width))

    def render(self) -> RenderResult:
        """The lines."""
        return Content("\n").join(self._lines(self.content_size.width))

    def _lines(self, width: int) -> list[Content]:
        """Wrap the keys, but never between a key and its word."""
        close = _LESS_BETWEEN.join(self._faces)
        if close.cell_length <= width < _BETWEEN.join(self._faces).cell_length:
            return [close]
        lines = [self._faces[0]]
        for face in self._faces[1:]:
            longer = _BETWEEN.join([lines[-1], face])
            if longer.cell_length <= width:
                lines[-1] = longer
            else:
                lines.append(face)
        return lines


def _face(key: str, action: str, word: str) -> Content:
    return Content.from_markup(f"[@click=app.{action}][bold $accent]$key[/] $word[/]", key=key, word=word)
