"""The commands on the two pages for the desk: which, in which order, and their words.

Each page has one kind of code only. A scanner that reads both would, side by side, take one pull of the
trigger for two commands: one Undo too many.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from station.paper.drawing import Box, Words, draw_words
from station.scans.commands import Command

if TYPE_CHECKING:
    from station.paper.codes import Code
    from station.paper.page import Pages
    from station.paper.texts import Texts

BETWEEN: Final = (
    Command.UNDO,
    Command.DETACH,
    Command.RANGE,
    Command.MFG,
    Command.GENERATE,
    Command.CANCEL,
    Command.HISTORY,
    Command.CLOSE,
    Command.SAVE,
)
"""Between Yes and No: what is scanned often is far from what ends the work."""
ON_SHEET: Final = (Command.YES, *BETWEEN, Command.NO)

_COLOURS: Final = {Command.YES: "#1b7f3b", Command.NO: "#b3261e"}
_STRIPE_MM: Final = 3.0


def draw_command(  # noqa: PLR0913 - what, where and how large
    pages: Pages, texts: Texts, command: Command, code: Code, box: Box, *, title_mm: float, text_mm: float
) -> None:
    """A command's words; Yes and No have a stripe of their colour in front."""
    words = Words(texts.command_title(command), texts.command_explanation(command), code.text)
    if colour := _COLOURS.get(command):
        pages.box((box.x, box.y), (_STRIPE_MM, box.height), colour)
        taken = _STRIPE_MM + 3.0
        box = Box(box.x + taken, box.y, box.width - taken, box.height)
    draw_words(pages, words, box, title_mm=title_mm, text_mm=text_mm)
