"""What the function keys do, at the bottom; a click does it, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

if TYPE_CHECKING:
    from textual.app import RenderResult
    from textual.geometry import Size

    from station.languages.language import Language

_BETWEEN = Content("  ")
_LESS_BETWEEN = Content(" ")


class KeyLine(Widget, can_focus=False):
    """Each key with its word, in two lines where one is too short."""

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
        """One line, or two."""
        return len(self._lines(width))

    def render(self) -> RenderResult:
        """The lines."""
        return Content("\n").join(self._lines(self.content_size.width))

    def _lines(self, width: int) -> list[Content]:
        """Never ended between a key and its word."""
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
