"""The two threads between the display and the station: one fetches the state, one sends what was typed."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, Literal

from station.errors import StationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.outputs.display.client import StationLink
    from station.outputs.display.state import DisplayState

HOLD_S = 10
"""How long the station may hold a request; a hanging station is noticed a little later."""
RETRY_S = 1.0
GAP_S = 0.05
"""The shortest time between two fetches: nobody sees more, and the station has scans to book."""


class Feed(threading.Thread):
    """Passes on each new state, and reports when the station can't be reached."""

    def __init__(
        self,
        link: StationLink,
        on_state: Callable[[DisplayState], object],
        on_lost: Callable[[str], object],
    ) -> None:
        super().__init__(name="feed", daemon=True)
        self._link = link
        self._on_state = on_state
        self._on_lost = on_lost
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Report nothing more."""
        self._stopping.set()

    def run(self) -> None:
        """Fetch states until stopped."""
        seen: int | None = None
        pause_s = 0.0
        while not self._stopping.wait(pause_s):
            try:
                state = self._link.state(seen, HOLD_S)
            except StationError as error:
                seen, pause_s = None, RETRY_S
                if not self._stopping.is_set():
                    self._on_lost(str(error))
            else:
                seen, pause_s = state.version, GAP_S
                self._on_state(state)


Way = Literal["scan", "command"]


class EntrySender(threading.Thread):
    """Sends what was typed, one after the other in order, and reports what could not be sent."""

    def __init__(self, link: StationLink, on_failure: Callable[[str, str], object]) -> None:
        super().__init__(name="sender", daemon=True)
        self._link = link
        self._on_failure = on_failure
        self._waiting: queue.SimpleQueue[tuple[Way, str] | None] = queue.SimpleQueue()
        self._stopping = threading.Event()

    def send(self, way: Way, text: str) -> None:
        """Queue it for sending."""
        self._waiting.put((way, text))

    def stop(self) -> None:
        """Stop when the queue is empty; failures are no longer reported."""
        self._stopping.set()
        self._waiting.put(None)

    def run(self) -> None:
        """Send until stopped."""
        while (entry := self._waiting.get()) is not None:
            way, text = entry
            try:
                if way == "scan":
                    self._link.scan(text)
                else:
                    self._link.command(text)
            except StationError as error:
                if not self._stopping.is_set():
                    self._on_failure(text, str(error))
