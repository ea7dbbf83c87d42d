"""``scanstation watch``: the display in a terminal, to be read from three metres away."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual.app import App
from textual.binding import Binding
from textual.containers import Vertical
from textual.message import Message

from station.errors import UsageError
from station.outputs.display.messages import state_in
from station.questions import Mode
from station.terminal.banner import Trouble, banner_content
from station.terminal.banner_widget import Banner
from station.terminal.heading import Heading, HealthLine
from station.terminal.input_line import InputLine, KeyLine, Prompt, Typed
from station.terminal.live import EntrySender, Feed
from station.terminal.question import Asking, answer_for, is_key
from station.terminal.tables import HistoryTable, LineTable, ReadingTable

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.events import Resize
    from textual.widgets import Button, Input

    from station.i18n.catalogues import Language
    from station.outputs.display.client import StationLink
    from station.outputs.display.state import DisplayState
    from station.terminal.live import Way

THREAD_END_S = 2.0
"""The longest that quitting waits for a thread."""
KEY_WAIT_S = 0.3
"""How long a single Y, N or digit must stay alone to be an answer: a scanner types the next key sooner."""
ROOMY_FROM = 34
"""Lines of the terminal from which the banner is tall."""
LOW_BELOW = 18
"""Lines of the terminal below which the document's lines are hidden."""


def run_watch(link: StationLink, language: Language, hint: str = "") -> None:
    """Show the station until Ctrl+Q; `hint` is shown in the empty input line.

    Raises:
        UsageError: this is not a terminal.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("watch needs a terminal; scanstation replay and history print to files")
    try:
        Watch(link, language, hint).run()
    finally:
        link.close()


class NewState(Message):
    """The station has sent its state."""

    def __init__(self, state: DisplayState) -> None:
        super().__init__()
        self.state = state


class Lost(Message):
    """The station can't be reached."""

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason


class NotSent(Message):
    """What was typed did not reach the station, or was not answered."""

    def __init__(self, text: str, reason: str) -> None:
        super().__init__()
        self.text = text
        self.reason = reason


class Watch(App[None]):
    """Shows the newest state; sends what is typed and pressed."""

    ENABLE_COMMAND_PALETTE = False
    CSS = """
    #middle { height: 1fr; overflow: hidden; }
    .stale LineTable, .stale HistoryTable, .stale Heading, .stale HealthLine { opacity: 50%; }
    .low LineTable { display: none; }
    .low Banner { height: 3; }
    .asking LineTable, .history LineTable { display: none; }
    .roomy.asking LineTable { display: block; }
    .reading ReadingTable { display: block; }
    .reading LineTable, .reading HistoryTable { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "toggle_history", show=False),
        Binding("f3", "command('detach')", show=False),
        Binding("f4", "command('undo')", show=False),
        Binding("f5", "command('range')", show=False),
        Binding("f6", "command('mfg')", show=False),
        Binding("f7", "toggle_reading", show=False),
        Binding("f8", "command('save')", show=False),
        Binding("f9", "command('close')", show=False),
        Binding("ctrl+q", "quit", show=False, priority=True),
        Binding("escape", "withdraw", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
    ]

    def __init__(self, link: StationLink, language: Language, hint: str = "") -> None:
        super().__init__()
        self._link = link
        self._language = language
        self._hint = hint
        self._feed = Feed(
            link,
            lambda state: self.post_message(NewState(state)),
            lambda reason: self.post_message(Lost(reason)),
        )
        self._sender = EntrySender(link, lambda text, reason: self.post_message(NotSent(text, reason)))
        self._state: DisplayState | None = None
        self._live_at = datetime.now().astimezone()
        self._lost: Trouble | None = None
        self._not_sent: Trouble | None = None

    def compose(self) -> ComposeResult:
        """The widgets from top to bottom."""
        language = self._language
        yield Heading(language, id="heading")
        # If the terminal is too small, the middle is cut off, never the input line.
        with Vertical(id="middle"):
            yield Banner(language)
            yield Asking(language)
            yield LineTable(language)
            yield HistoryTable(language)
            yield ReadingTable(language)
        yield Prompt(language, self._hint)
        yield HealthLine(language, id="health")
        yield KeyLine(language)

    def on_mount(self) -> None:
        """Start the threads."""
        self.query_one(InputLine).focus()
        self._show_banner()
        self._feed.start()
        self._sender.start()

    def on_unmount(self) -> None:
        """Stop at once, even if the station holds a request."""
        self._feed.stop()
        self._sender.stop()
        self._link.close()
        # The closed link wakes them; their messages would reach nobody once the application has ended.
        for thread in (self._feed, self._sender):
            thread.join(THREAD_END_S)

    def on_resize(self, event: Resize) -> None:
        """Fit the height of the banner to the terminal's."""
        is_roomy = event.size.height >= ROOMY_FROM
        self.query_one(Banner).set_class(is_roomy, "roomy")
        self.screen.set_class(is_roomy, "roomy")
        self.screen.set_class(event.size.height < LOW_BELOW, "low")

    # From the station

    def on_new_state(self, message: NewState) -> None:
        """Show the new state."""
        if not self.is_running:
            # The widgets are being removed.
            return
        before, state = self._state, state_in(self._language, message.state)
        self._state, self._lost = state, None
        self._live_at = datetime.now().astimezone()
        if before is not None and (state.history[:1], state.notice) != (before.history[:1], before.notice):
            self._not_sent = None
        if before is not None and state.history_asked > before.history_asked:
            self.action_toggle_history()
        if before is not None and state.session != before.session:
            self.screen.remove_class("history")
        self.query_one(Heading).show(state)
        self.query_one(HealthLine).show(state)
        self.query_one(Asking).show(state.question)
        self.query_one(LineTable).show_document(state)
        self.query_one(HistoryTable).show_history(state)
        self.query_one(ReadingTable).show_label(state)
        self.query_one(Prompt).show(state)
        self.screen.set_class(state.question is not None, "asking")
        self._show_banner()

    def on_lost(self, message: Lost) -> None:
        """Warn that what is shown is out of date."""
        _, since = self._language.text, self._live_at.strftime("%H:%M:%S")
        reason = self._language.sentence(message.reason)
        self._lost = Trouble(
            _("Not live"), (_("No connection to the station since {time}", time=since), reason)
        )
        if self.is_running:
            self._show_banner()

    def on_not_sent(self, message: NotSent) -> None:
        """Warn that something was not sent."""
        _ = self._language.text
        self._not_sent = Trouble(_("Not sent"), (message.text, self._language.sentence(message.reason)))
        if self.is_running:
            self._show_banner()

    def _show_banner(self) -> None:
        trouble = self._not_sent or self._lost
        is_unwell = self._state is not None and not self._state.database.ok
        self.screen.set_class(bool(trouble) or is_unwell, "stale")
        self.query_one(Banner).show(banner_content(self._state, trouble, self._language))

    # From the worker

    def on_typed(self, message: Typed) -> None:
        """Send a line as a scan, unless it answers the question."""
        question = self._state.question if self._state else None
        answer = answer_for(question, message.text, self._language) if question else None
        if answer:
            self._send("command", answer)
        else:
            self._send("scan", message.text)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Answer the question if a single key stays alone."""
        question, typed = self._state.question if self._state else None, event.value
        if question is None or not is_key(question, typed, self._language):
            return

        def settle() -> None:
            entry = self.query_one(InputLine)
            if entry.value == typed and self._state and self._state.question == question:
                entry.value = ""
                self._send("command", answer_for(question, typed, self._language) or "")

        self.set_timer(KEY_WAIT_S, settle)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Send Yes or No."""
        self._send("command", event.button.id or "")

    def action_command(self, text: str) -> None:
        """Send the command of a function key."""
        self._send("command", text)

    def action_withdraw(self) -> None:
        """Escape: clears the line; if it is empty, answers No or returns to single serial numbers."""
        entry, state = self.query_one(InputLine), self._state
        if entry.value:
            entry.value = ""
        elif state and (state.question or state.mode is not Mode.ATTACH):
            self._send("command", "cancel")

    def action_toggle_history(self) -> None:
        """Show the history in place of the document's lines, or hide it; the outcome stays visible."""
        self.screen.toggle_class("history")

    def action_toggle_reading(self) -> None:
        """Show how the last label was read, or hide it."""
        self.screen.toggle_class("reading")

    def action_page(self, pages: int) -> None:
        """Scroll the history, or the table shown in its place."""
        table = self.query_one(ReadingTable if self.screen.has_class("reading") else HistoryTable)
        table.scroll_relative(y=pages * max(1, table.size.height - 2), animate=False)

    def _send(self, way: Way, text: str) -> None:
        self._sender.send(way, text)
