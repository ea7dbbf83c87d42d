"""One publisher: a thread that sends history and moves to one receiver, in order, at least once."""

from __future__ import annotations

import random
import threading
import time
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import structlog

from station.errors import PublishError, PublishRefusedError, StationError
from station.events import PublisherChanged
from station.history import EndedSession, HistoryRow, Move
from station.outputs.publishers.sending import Bell

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from station.history import OutboxEntry, Position
    from station.outputs.publishers.sending import Outbox, Sender

FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 60.0
"""The pause doubles each time up to this, so that a receiver that is down overnight costs next to nothing."""
REFUSED_PAUSE_S: Final = 300.0
"""The pause after a refusal, which only a person can resolve."""
LONGEST_WISH_S: Final = 3600.0
"""The longest pause that a receiver can ask for: a longer one may be a mistake."""


class BackOff:
    """The pauses of one publisher; they grow until a send succeeds."""

    def __init__(
        self, chance: Callable[[], float] = random.random, first_pause_s: float = FIRST_PAUSE_S
    ) -> None:
        """`chance`: a random number from 0 to 1, so that stations don't all return at the same time."""
        self._chance = chance
        self._first_pause_s = first_pause_s
        self._tries = 0

    def reset(self) -> None:
        """Go back to the first pause, after a success."""
        self._tries = 0

    def pause_s(self, error: Exception) -> float:
        """Return how long to wait after an error: from half to all of what the pause has grown to."""
        grown = min(self._first_pause_s * 2.0 ** min(self._tries, 20), LONGEST_PAUSE_S)
        self._tries += 1
        if isinstance(error, PublishRefusedError):
            grown = REFUSED_PAUSE_S
        wish = error.retry_after_s if isinstance(error, PublishError) else 0.0
        # A receiver's wish can only lengthen the pause.
        return max(grown * (1 + self._chance()) / 2, min(wish, LONGEST_WISH_S))


def _kind_of(entry: OutboxEntry) -> type:
    """Return how an entry is sent; consecutive ones of a kind go together."""
    return HistoryRow if isinstance(entry.what, HistoryRow) else type(entry.what)


log = structlog.get_logger()

SETTLE_S: Final = 0.05
"""From a commit to its sending: the worker's tone comes first, and the rows of a burst are sent together."""


class Publisher:
    """Sends all entries, then sleeps until it is woken. Unconfirmed ones are sent again, never skipped."""

    def __init__(  # noqa: PLR0913 - it is the place where the parts meet
        self,
        name: str,
        sender: Sender,
        outbox: Outbox,
        tell: Callable[[PublisherChanged], None],
        *,
        batch: int = 50,
        back_off: BackOff | None = None,
    ) -> None:
        """Take the parts.

        Args:
            name: The name under which its position is stored.
            sender: The way to the receiver.
            outbox: The entries to send.
            tell: Called each time the publisher fails or works again.
            batch: The most rows or moves that are sent together.
            back_off: The pauses after failures.
        """
        self.name = name
        self._sender = sender
        self._outbox = outbox
        self._report = tell
        self._batch = batch
        self._back_off = back_off or BackOff()
        self._bell = Bell()
        self._stopping = threading.Event()
        self._reported: tuple[bool, str] | None = None
        self._sent: Position | None = None
        """The last confirmed position; None: it must be read from the database."""
        self._stored: Position | None = None
        self._thread = threading.Thread(target=self._run, name=f"publisher {name}", daemon=True)

    def start(self) -> None:
        """Start sending."""
        self._thread.start()

    def wake(self) -> None:
        """Wake the publisher to send new entries; returns at once."""
        self._bell.ring()

    def end(self) -> None:
        """Stop after the current request; returns at once."""
        self._stopping.set()
        self._bell.ring()

    def join(self, timeout_s: float) -> bool:
        """Wait until it has ended; return whether it has."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def abort(self) -> None:
        """Make the current request fail; it will be sent again."""
        self._sender.abort()

    def _run(self) -> None:
        while not self._stopping.is_set():
            # Before reading the outbox: any later commit rings again.
            self._bell.clear()
            if self._stopping.is_set():
                break
            try:
                self._send_all()
                self._sender.wait(self._bell)
                self._stopping.wait(SETTLE_S)
            except StationError as error:
                self._pause(error)
            except Exception as error:
                # A bug: it must be visible, and the next try may get past it.
                log.exception("publisher_failed", publisher=self.name)
                self._pause(error)
        self._sender.close()

    def _send_all(self) -> None:
        if self._sender.open():
            self._report_state(ok=True)
        self._store()
        while entries := self._outbox.after(self._position(), self._batch):
            for kind, group in groupby(entries, _kind_of):
                if self._stopping.is_set():
                    return
                self._send(kind, list(group))
        self._back_off.reset()

    def _send(self, kind: type, entries: Sequence[OutboxEntry]) -> None:
        what: list[Any] = [entry.what for entry in entries]
        if kind is EndedSession:
            for each, entry in zip(what, entries, strict=True):
                self._sender.send_session(each)
                self._confirmed(entry.position)
            return
        if kind is Move:
            self._sender.send_moves(what)
        else:
            self._sender.send_rows(what)
        self._confirmed(entries[-1].position)

    def _confirmed(self, position: Position) -> None:
        self._sent = position
        self._back_off.reset()
        self._report_state(ok=True)
        self._store()

    def _position(self) -> Position:
        if self._sent is None:
            self._sent = self._stored = self._outbox.position(self.name)
        return self._sent

    def _store(self) -> None:
        """Store the confirmed position; if that fails, it is stored later and nothing is sent twice."""
        if self._sent is not None and self._sent != self._stored:
            self._outbox.move(self.name, self._sent)
            self._stored = self._sent

    def _pause(self, error: Exception) -> None:
        if self._stopping.is_set():
            return
        detail = str(error) or repr(error)
        self._report_state(ok=False, detail=detail)
        pause_s = self._back_off.pause_s(error)
        loudly = log.error if isinstance(error, PublishRefusedError) else log.debug
        loudly("publishing_failed", publisher=self.name, reason=detail, again_in_s=round(pause_s, 1))
        self._sender.close()
        ends_at = time.monotonic() + pause_s
        # New commits ring the bell, too, but must not shorten the pause.
        while not self._stopping.is_set() and (left_s := ends_at - time.monotonic()) > 0:
            self._bell.clear()
            if not self._stopping.is_set():
                self._bell.wait(left_s)

    def _report_state(self, *, ok: bool, detail: str = "") -> None:
        if (ok, detail) != self._reported:
            self._reported = (ok, detail)
            self._report(PublisherChanged(self.name, ok, detail))
