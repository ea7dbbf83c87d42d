"""The line at the bottom that says what the function keys do; a click does it, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

if TYPE_CHECKING:
    from textual.app import RenderResult

    from station.languages.language import Language


class KeyLine(Widget, can_focus=False):
    """Each key with its word; how to leave is always among them."""

    DEFAULT_CSS = "KeyLine { height: 1; padding: 0 1; background: $panel; }"

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

    def render(self) -> RenderResult:
        """As many as there is room for, apart from each other where there is."""
        faces, width = list(self._faces), self.content_size.width
        for between in (Content("  "), Content(" ")):
            line = between.join(faces)
            if line.cell_length <= width:
                return line
        while len(faces) > 1 and line.cell_length > width:
            # The last one says how to leave.
            del faces[-2]
            line = Content(" ").join(faces)
        return line


def _face(key: str, action: str, word: str) -> Content:
    return Content.from_markup(f"[@click=app.{action}][bold $accent]$key[/] $word[/]", key=key, word=word)
