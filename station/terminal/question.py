"""The open question: a panel that nobody overlooks, with the ways to answer it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Static

from station.i18n.messages import escape_unprintable
from station.questions import QuestionKind
from station.terminal.tables import CELL_CHARACTERS

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from station.i18n.catalogues import Language
    from station.outputs.display.state import CandidateShown, QuestionShown

KEYS = 9
"""Up to this many candidates, one key picks one; with more, the number needs Enter."""


class Asking(Vertical, can_focus=False):
    """Shows a question; its buttons answer with the commands ``yes``, ``later`` and ``no``."""

    DEFAULT_CSS = """
    Asking {
        height: auto; max-height: 60%; padding: 0 2; display: none;
        background: #0b4f9e; color: #ffffff; border: heavy #ffffff; overflow-y: auto;
        border-title-style: bold; border-title-align: center;
    }
    Asking.open { display: block; }
    Asking Static { height: auto; }
    Asking Horizontal { height: 1; margin: 1 0 0 0; }
    Asking Button { min-width: 12; margin: 0 3 0 0; }
    Asking Button { color: #000000; text-style: bold; }
    Asking #yes { background: #7fe0a0; }
    Asking #later { background: #ffd98a; }
    Asking #no { background: #ffb3b3; }
    Asking Button.unasked { display: none; }
    """

    def __init__(self, language: Language) -> None:
        super().__init__(id="asking")
        _ = language.text
        self.border_title = _("Answer first").upper()
        self._language = language
        self.question: QuestionShown | None = None

    def compose(self) -> ComposeResult:
        """Text, candidates and buttons."""
        yield Static(id="question", markup=False)
        with Horizontal():
            for name in _answers(self._language):
                button = Button("", id=name, compact=True)
                # The keys belong to the input line: a scanner may be typing.
                button.can_focus = False
                yield button

    def show(self, question: QuestionShown | None) -> None:
        """Show this question; None hides the panel."""
        if question == self.question:
            return
        self.question = question
        self.set_class(question is not None, "open")
        if question is not None:
            self.query_one("#question", Static).update(_text(question, self._language))
            words = _words(question, self._language)
            for button in self.query(Button):
                name = button.id or ""
                button.set_class(name not in question.answers, "unasked")
                button.label = Content(f"[{_answers(self._language)[name][0]}] {words[name]}")


def _answers(language: Language) -> dict[str, tuple[str, str]]:
    """The answers' commands, each with its key and its word."""
    _ = language.text
    return {"yes": (_("Y"), _("Yes")), "later": (_("L"), _("Later")), "no": (_("N"), _("No"))}


def _words(question: QuestionShown, language: Language) -> dict[str, str]:
    """The words on the buttons: what each answer does, if Yes and No don't say it."""
    _ = language.text
    if question.kind is QuestionKind.INCOMPLETE:
        return {
            "yes": _("Save, the rest does not come"),
            "later": _("Save, the rest comes later"),
            "no": _("Go on scanning"),
        }
    return {name: word for name, (_, word) in _answers(language).items()}


def answer_for(question: QuestionShown, typed: str, language: Language) -> str | None:
    """The command that a typed word means while a question is open; None: it is not an answer.

    English words always work, too: command barcodes have them, and people are used to them.
    """
    word = typed.lower()
    for name, known in _answers(language).items():
        if name in question.answers and word in (name[0], name, *map(str.lower, known)):
            return name
    if "yes" in question.answers or any(typed == each.serial_number for each in question.candidates):
        return None
    places = [str(place) for place in range(1, len(_choices(question)) + 1)]
    return f"choose {typed}" if typed in places else None


def _choices(question: QuestionShown) -> tuple[CandidateShown, ...] | tuple[str, ...]:
    """What the worker picks from by number: documents or units."""
    return question.documents or question.candidates


def is_key(question: QuestionShown, typed: str, language: Language) -> bool:
    """Whether the typed text answers without Enter if nothing follows it."""
    if len(typed) != 1 or (typed.isdigit() and len(_choices(question)) > KEYS):
        return False
    return answer_for(question, typed, language) is not None


def _text(question: QuestionShown, language: Language) -> Text:
    _ = language.text
    text = Text(escape_unprintable(question.text), "bold")
    if question.kind is QuestionKind.CHOICE:
        for place, each in enumerate(question.candidates, start=1):
            text.append("\n").append_text(_choice(place, each, language))
        text.append("\n" + _("Pick by its number, or scan the serial number."), "italic")
        return text
    if question.kind is QuestionKind.DOCUMENT:
        for place, number in enumerate(question.documents, start=1):
            text.append("\n").append(f" {place} ", "bold reverse").append(f" {escape_unprintable(number)}")
        text.append("\n" + _("Pick by its number, or scan the document's number."), "italic")
    for each in question.candidates[:1]:
        known = (each.serial_number, each.item, each.description, each.stock_area)
        about = "  ".join(escape_unprintable(part[:CELL_CHARACTERS]) for part in known if part)
        text.append(f"\n{about}", "not bold")
    return text


def _choice(place: int, each: CandidateShown, language: Language) -> Text:
    _ = language.text
    cells = (each.serial_number, each.item, each.description, each.stock_area)
    known = "  ".join(escape_unprintable(cell[:CELL_CHARACTERS]) for cell in cells if cell)
    if each.blocked_reason is not None:
        why = _("can't be picked: {reason}", reason=escape_unprintable(each.blocked_reason))
        return Text(f" ✖  {known}  {why}", "not bold dim")
    return Text.assemble((f" {place} ", "bold reverse"), (f" {known}", "not bold"))
