"""The page in a real browser, and the station behind it: an installed daemon, fed by a pseudo-terminal."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import termios
import tty
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from playwright.sync_api import expect

from tests.running import COMMAND, PATIENCE_S, Daemon, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Playwright

    from tests.running import Workplace

CHROMIUM = "/usr/bin/chromium"
PATIENCE_MS = PATIENCE_S * 1000

EARS = """
window.notes = [];
const start = AudioScheduledSourceNode.prototype.start;
AudioScheduledSourceNode.prototype.start = function (at) {
  window.notes.push(Math.round(this.frequency.value));
  return start.call(this, at);
};
"""
"""Notes down what is really started, by its frequency."""

SOUNDS = {
    "good": [1568],
    "attention": [988, 988],
    "refused": [196],
    "question": [784, 988, 1175],
    "unanswered": [220, 220, 784, 988, 1175],
    "held": [587, 392],
}

expect.set_options(timeout=PATIENCE_MS)


def launched(playwright: Playwright, *flags: str) -> Browser:
    """A browser without a window; as root it can't have a sandbox."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", *flags])


@dataclass
class SeenPage:
    """What a worker sees and hears of the page, and what the worker does."""

    page: Page
    errors: list[str] = field(default_factory=list)
    """What went wrong in the page's own scripts, or was blocked."""

    def find(self, selector: str) -> Locator:
        return self.page.locator(selector)

    def shows(self, word: str, *texts: str) -> None:
        """Wait until the banner has the word, and these texts."""
        expect(self.find("#banner .word")).to_have_text(word)
        for text in texts:
            expect(self.find("#banner")).to_contain_text(text)

    def asks(self, text: str) -> None:
        """Wait until a question stands."""
        expect(self.find("#asking h2")).to_have_text(text)
        expect(self.find("#asking")).to_be_visible()

    def asks_nothing(self) -> None:
        expect(self.find("#asking")).to_be_hidden()

    def press(self, selector: str) -> None:
        """Touch it."""
        self.find(selector).tap()

    def type(self, text: str) -> None:
        """Type it wherever the focus is, as fast as a scanner that types."""
        self.page.keyboard.type(text)

    @property
    def history(self) -> list[dict[str, str]]:
        """The rows of the history, newest first: the cells' texts by their column."""
        found: list[dict[str, str]] = self.page.evaluate(
            """() => [...document.querySelectorAll("#history .body .row")].map((row) => Object.fromEntries(
                [...row.children].map((cell) => [cell.classList[0], cell.textContent])))"""
        )
        return found

    @property
    def heard(self) -> list[str]:
        """The sounds since the page was opened, by what they mean."""
        notes, found = self.page.evaluate("window.notes"), []
        while notes:
            tone = next(tone for tone, each in SOUNDS.items() if notes[: len(each)] == each)
            notes = notes[len(SOUNDS[tone]) :]
            found.append(tone)
        return found

    def hears(self, *tones: str) -> None:
        """Wait until as many sounds were heard; they must be these."""
        notes = sum(len(SOUNDS[tone]) for tone in tones)
        self.page.wait_for_function("count => window.notes.length >= count", arg=notes, timeout=PATIENCE_MS)
        assert self.heard == list(tones)

    def hears_at_last(self, tone: str) -> None:
        """Wait until this is the newest sound."""
        wait_until(lambda: self.heard[-1:] == [tone], self.heard)


def open_page(
    browser: Browser, url: str, width: int, height: int, untouched_ms: int = 0, **options: Any
) -> SeenPage:
    """The page in a browser profile of its own, on a touch screen of this size.

    `untouched_ms`: how long it is left alone first; to look into it counts as a touch for the browser.
    """
    context = browser.new_context(viewport={"width": width, "height": height}, has_touch=True, **options)
    context.add_init_script(EARS)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    seen = SeenPage(page)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on(
        "console", lambda said: seen.errors.append(said.text) if "Content Security" in said.text else None
    )
    page.goto(url)
    page.wait_for_timeout(untouched_ms)
    seen.shows("Ready")
    return seen


class Floor(AbstractContextManager["Floor"]):
    """A station that can be started, killed, halted and scanned at."""

    def __init__(self, place: Workplace, reply: str = "{}") -> None:
        """`reply`: what the scanner is sent after the commit, as in the configuration."""
        self.place = place
        self._reply = reply
        self._parts = ExitStack()
        self._process: subprocess.Popen[bytes] | None = None
        self._port = _free_port()
        self._scanner, self._plug = os.openpty()

    def __enter__(self) -> Self:
        # The daemon closes its end when it ends: held open here, what is scanned meanwhile is not lost.
        for end in (self._scanner, self._plug):
            self._parts.callback(os.close, end)
        tty.setraw(self._plug, termios.TCSANOW)
        self.configure()
        return self

    def __exit__(self, *_error: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
            self._process.wait(PATIENCE_S)
        self._parts.close()

    def configure(self, more: str = "") -> None:
        """Write the configuration; `more`: further tables."""
        match = f'match = {{ path = "{os.ttyname(self._plug)}" }}'
        scanner = f'[[scanner]]\nname = "left"\ndriver = "serial"\n{match}\nreply = {self._reply}\n'
        self.place.configure(scanner + more, listen=f"127.0.0.1:{self._port}")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> Daemon:
        """Start the daemon, on the same address as before."""
        path = self.place.directory / "daemon.log"
        with path.open("w") as log:
            self._process = subprocess.Popen(
                [COMMAND, "run"],
                env=self.place.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        daemon = Daemon(self._process, path)
        daemon.wait_for("station_started")
        daemon.wait_for("scanner_changed")
        return daemon

    def kill(self) -> None:
        """As a power cut would end it."""
        self.signal(signal.SIGKILL)
        assert self._process is not None
        self._process.wait()

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def scan(self, *texts: str) -> None:
        """Pull the scanner's trigger, once for each text."""
        for text in texts:
            os.write(self._scanner, text.encode() + b"\r")

    def hear_reply(self) -> bytes:
        """Wait for what the scanner is sent."""
        return os.read(self._scanner, 1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
