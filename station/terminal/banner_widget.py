"""The banner: the last outcome over the full width, to be read from three metres away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.widget import Widget

from station.outcomes import Tone
from station.terminal import banner
from station.terminal.banner import BannerContent, banner_content

if TYPE_CHECKING:
    from textual.app import RenderResult
    from textual.events import Resize

    from station.i18n.catalogues import Language

LARGE_FROM = 9
"""Lines of the banner from which the word is drawn large, if it is not too long."""
WORDS_BESIDE = 26
"""Columns that the text beside the word needs; with fewer, it is below."""
LINES_BELOW = 2
"""Lines that the text below the word needs; with fewer, the word is plain text."""


class Banner(Widget, can_focus=False):
    """Shows a `BannerContent`."""

    DEFAULT_CSS = """
    Banner { height: 5; width: 1fr; padding: 0 2; }
    Banner.roomy { height: 9; }
    Banner.good { background: #0b6e2d; color: #ffffff; }
    Banner.attention { background: #ffb000; color: #000000; }
    Banner.refused { background: #b00020; color: #ffffff; }
    Banner.question { background: #0b4f9e; color: #ffffff; }
    Banner.none { background: #3a3f44; color: #ffffff; }
    """

    def __init__(self, language: Language) -> None:
        super().__init__(id="banner")
        self.content = banner_content(None, None, language)

    def show(self, content: BannerContent) -> None:
        """Show this content from now on."""
        self.content = content
        for tone in Tone:
            self.set_class(tone is content.tone, tone.value)
        self.refresh()

    def on_resize(self, _event: Resize) -> None:
        """Draw it for the new size."""
        self.refresh()

    def render(self) -> RenderResult:
        """The word, drawn as large as fits, with the text below or beside it."""
        width, height = self.content_size
        drawn = banner.large(f"{self.content.sign.glyph} {self.content.word}")
        if height >= LARGE_FROM and len(drawn[0]) <= width:
            rows = [*_bold(drawn), Text(), *self._below(width)]
        else:
            rows = self._small(width, height)
        above = max(0, (height - len(rows)) // 2)
        return Text("\n").join([*[Text()] * above, *rows[:height]])

    def _small(self, width: int, height: int) -> list[Text]:
        """The word in three lines if the text fits beside or below it, otherwise as plain text."""
        face = f"{self.content.sign.glyph} {self.content.word}"
        drawn = banner.small(face)
        if width - len(drawn[0]) >= WORDS_BESIDE:
            return self._beside(drawn, width, height)
        if height >= len(drawn) + LINES_BELOW and len(drawn[0]) <= width:
            return [*_bold(drawn), *self._below(width)]
        return self._beside([face], width, height)

    def _below(self, width: int) -> list[Text]:
        first, *rest = self.content.lines
        text = Text.assemble((first, "bold"), *(f"   {line}" for line in rest))
        return list(text.wrap(self.app.console, width))

    def _beside(self, drawn: list[str], width: int, height: int) -> list[Text]:
        word = _bold(drawn)
        left = max(text.cell_len for text in word) + 3
        room = max(1, width - left)
        right: list[Text] = []
        for number, line in enumerate(self.content.lines):
            right += Text(line, "" if number else "bold").wrap(self.app.console, room)
        right = right[:height]
        lines = max(len(word), len(right))
        return [
            Text.assemble(ink, " " * (left - ink.cell_len), text)
            for ink, text in zip(_centred(word, lines), _centred(right, lines), strict=True)
        ]


def _bold(lines: list[str]) -> list[Text]:
    return [Text(line, "bold") for line in lines]


def _centred(lines: list[Text], height: int) -> list[Text]:
    """The lines, centred vertically."""
    above = (height - len(lines)) // 2
    return [*[Text()] * above, *lines, *[Text()] * (height - len(lines) - above)]
