"""One publisher: a thread that brings what happened to one receiver, in order, at least once."""

from __future__ import annotations

import random
import threading
import time
from itertools import groupby
from typing import TYPE_CHECKING, Final, cast

import structlog

from station.errors import PublishError, PublishRefusedError, StationError
from station.events import PublisherChanged
from station.history import HistoryRow
from station.outputs.publishers.sending import Bell

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from station.history import EndedSession, Entry, Position
    from station.outputs.publishers.sending import Outbox, Sender

FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 60.0
"""Doubled from the first each time, so that a receiver that is away for a night costs next to nothing."""
REFUSED_PAUSE_S: Final = 300.0
"""Between tries where the receiver says no: it waits for a person, who comes when he comes."""
LONGEST_WISH_S: Final = 3600.0
"""A receiver that asks for more gets this: what it wants to say may be wrong."""


class BackOff:
    """The pauses of one publisher; they grow until something goes well."""

    def __init__(
        self, chance: Callable[[], float] = random.random, first_pause_s: float = FIRST_PAUSE_S
    ) -> None:
        """`chance`: anything from 0 to 1; stations that lost the same receiver must not come back as one."""
        self._chance = chance
        self._first_pause_s = first_pause_s
        self._tries = 0

    def reset(self) -> None:
        """It went well."""
        self._tries = 0

    def pause_s(self, error: Exception) -> float:
        """How long to wait after this, from half to all of what it has grown to."""
        grown = min(self._first_pause_s * 2.0 ** min(self._tries, 20), LONGEST_PAUSE_S)
        self._tries += 1
        if isinstance(error, PublishRefusedError):
            grown = REFUSED_PAUSE_S
        wish = error.retry_after_s if isinstance(error, PublishError) else 0.0
        # A wish is no reason to come before its time.
        return max(grown * (1 + self._chance()) / 2, min(wish, LONGEST_WISH_S))


log = structlog.get_logger()

SETTLE_S: Final = 0.05
"""From a commit to its sending: who scanned hears the tone first, and what comes in a burst goes together."""


class Publisher:
    """Sends all there is, then sleeps until it is woken. What is not confirmed is sent again, not skipped."""

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
            name: By which its position is kept.
            sender: The way to the receiver.
            outbox: What there is to send.
            tell: Hears whether the receiver takes it, each time that changes.
            batch: Rows that are sent together, at most.
            back_off: The pauses after what failed.
        """
        self.name = name
        self._sender = sender
        self._outbox = outbox
        self._tell_of = tell
        self._batch = batch
        self._back_off = back_off or BackOff()
        self._bell = Bell()
        self._stopping = threading.Event()
        self._told: tuple[bool, str] | None = None
        self._sent: Position | None = None
        """What the receiver has confirmed; None: it must be looked up."""
        self._noted: Position | None = None
        self._thread = threading.Thread(target=self._run, name=f"publisher {name}", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def wake(self) -> None:
        """There is something to send; returns at once."""
        self._bell.ring()

    def end(self) -> None:
        """Have it end after what is under way; returns at once."""
        self._stopping.set()
        self._bell.ring()

    def join(self, timeout_s: float) -> bool:
        """Wait until it has ended; whether it has."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def abort(self) -> None:
        """Have what is under way fail: it will be sent again."""
        self._sender.abort()

    def _run(self) -> None:
        while not self._stopping.is_set():
            # Before the look: what is committed from here on rings again.
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
                # A fault of ours: it must be seen, and the next try may get past it.
                log.exception("publisher_failed", publisher=self.name)
                self._pause(error)
        self._sender.close()

    def _send_all(self) -> None:
        if self._sender.open():
            self._tell(ok=True)
        self._note()
        while entries := self._outbox.after(self._position(), self._batch):
            for is_rows, group in groupby(entries, lambda each: isinstance(each.what, HistoryRow)):
                if self._stopping.is_set():
                    return
                self._send(list(group), is_rows=is_rows)
        self._back_off.reset()

    def _send(self, entries: Sequence[Entry], *, is_rows: bool) -> None:
        if is_rows:
            self._sender.send_rows([cast("HistoryRow", entry.what) for entry in entries])
            self._confirmed(entries[-1].position)
            return
        for entry in entries:
            self._sender.send_session(cast("EndedSession", entry.what))
            self._confirmed(entry.position)

    def _confirmed(self, position: Position) -> None:
        self._sent = position
        self._back_off.reset()
        self._tell(ok=True)
        self._note()

    def _position(self) -> Position:
        if self._sent is None:
            self._sent = self._noted = self._outbox.position(self.name)
        return self._sent

    def _note(self) -> None:
        """Write down what was confirmed; what can't be written now is not sent again for that."""
        if self._sent is not None and self._sent != self._noted:
            self._outbox.move(self.name, self._sent)
            self._noted = self._sent

    def _pause(self, error: Exception) -> None:
        if self._stopping.is_set():
            return
        detail = str(error) or repr(error)
        self._tell(ok=False, detail=detail)
        pause_s = self._back_off.pause_s(error)
        loudly = log.error if isinstance(error, PublishRefusedError) else log.debug
        loudly("publishing_failed", publisher=self.name, reason=detail, again_in_s=round(pause_s, 1))
        self._sender.close()
        ends_at = time.monotonic() + pause_s
        # Rung by what is committed meanwhile, too: that is no reason to come earlier.
        while not self._stopping.is_set() and (left_s := ends_at - time.monotonic()) > 0:
            self._bell.clear()
            if not self._stopping.is_set():
                self._bell.wait(left_s)

    def _tell(self, *, ok: bool, detail: str = "") -> None:
        if (ok, detail) != self._told:
            self._told = (ok, detail)
            self._tell_of(PublisherChanged(self.name, ok, detail))
