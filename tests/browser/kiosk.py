"""The page in a real browser, and its station: an installed daemon with a pseudo-terminal as its scanner."""

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

from tests.running import PATIENCE_S, Daemon, start, wait_until

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
"""Records the frequency of each note that the page really plays."""

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
    """A headless browser, without a sandbox, which root can't have."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", *flags])


@dataclass
class SeenPage:
    """A page as a worker sees, hears and uses it."""

    page: Page
    errors: list[str] = field(default_factory=list)
    """Errors of the page's own scripts, and what its policy has blocked."""

    def find(self, selector: str) -> Locator:
        return self.page.locator(selector)

    def shows(self, word: str, *texts: str) -> None:
        """Wait until the banner has the word, and these texts."""
        expect(self.find("#banner .word")).to_have_text(word)
        for text in texts:
            expect(self.find("#banner")).to_contain_text(text)

    def asks(self, text: str) -> None:
        """Wait until this question is shown."""
        expect(self.find("#asking h2")).to_have_text(text)
        expect(self.find("#asking")).to_be_visible()

    def asks_nothing(self) -> None:
        expect(self.find("#asking")).to_be_hidden()

    def press(self, selector: str) -> None:
        """Touch it."""
        self.find(selector).tap()

    def type(self, text: str) -> None:
        """Type it wherever the focus is, as fast as a keyboard scanner."""
        self.page.keyboard.type(text)

    @property
    def history(self) -> list[dict[str, str]]:
        """The rows of the history, newest first: the cells' texts by column."""
        found: list[dict[str, str]] = self.page.evaluate(
            """() => [...document.querySelectorAll("#history .body .row")].map((row) => Object.fromEntries(
                [...row.children].map((cell) => [cell.classList[0], cell.textContent])))"""
        )
        return found

    @property
    def heard(self) -> list[str]:
        """The sounds since the page was opened, by meaning."""
        notes, found = self.page.evaluate("window.notes"), []
        while notes:
            tone = next(tone for tone, each in SOUNDS.items() if notes[: len(each)] == each)
            notes = notes[len(SOUNDS[tone]) :]
            found.append(tone)
        return found

    def hears(self, *tones: str) -> None:
        """Wait until this many sounds were played; they must be these."""
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

    `untouched_ms`: how long it is left alone first; the browser counts any inspection as a touch.
    """
    context = browser.new_context(viewport={"width": width, "height": height}, has_touch=True, **options)
    context.add_init_script(EARS)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    seen = SeenPage(page)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on(
        "console", lambda line: seen.errors.append(line.text) if "Content Security" in line.text else None
    )
    page.goto(url)
    page.wait_for_timeout(untouched_ms)
    seen.shows("Ready")
    return seen


class Floor(AbstractContextManager["Floor"]):
    """A station that can be started, killed, stopped and scanned at."""

    def __init__(self, place: Workplace, reply: str = "{}") -> None:
        """`reply`: what is sent to the scanner after the commit, as in the configuration."""
        self.place = place
        self._reply = reply
        self._parts = ExitStack()
        self._process: subprocess.Popen[bytes] | None = None
        self._port = _free_port()
        self._scanner, self._plug = os.openpty()

    def __enter__(self) -> Self:
        # The daemon closes its end when it stops: kept open here, so that later scans are not lost.
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

    def configure(self, more: str = "", preferences: str = "signed_commands = false") -> None:
        """Write the configuration; `more` has further tables, `preferences` the keys of that table."""
        match = f'match = {{ path = "{os.ttyname(self._plug)}" }}'
        scanner = f'[[scanner]]\nname = "left"\ndriver = "serial"\n{match}\nreply = {self._reply}\n'
        preferences = f"[preferences]\n{preferences}\n"
        self.place.configure(scanner + preferences + more, listen=f"127.0.0.1:{self._port}")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> Daemon:
        """Start the daemon, on the same address as before."""
        path = self.place.directory / "daemon.log"
        with path.open("w") as log:
            self._process = start(
                "run",
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
        """End it as a power cut would."""
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
        """Wait for the reply to the scanner."""
        return os.read(self._scanner, 1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
