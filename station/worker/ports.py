"""What the desk needs of the world: a database with transactions, and a watchdog to feed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from station.rules.ports import Repository

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.source import Source
    from station.worker.entries import StoredResponse


class UnitOfWork(Repository, Protocol):
    """The repository with the transactions around it, as the desk needs them."""

    # What was applied already (I4)

    def mark(self, source_id: str) -> None:
        """Remember the last entry of a transaction that leaves no row of history."""

    def is_applied(self, source_id: str) -> bool:
        """Whether this entry has its row, or is the one marked last (I4)."""

    def remember(self, source: Source, what: StoredResponse) -> None:
        """Keep what became of an entry that may be posted again."""

    def remembered(self, source_id: str) -> StoredResponse | None:
        """What became of such an entry; None: it never came."""

    # Transactions

    def open(self) -> None:
        """Take a connection and hold it."""

    def close(self) -> None:
        """Give it back; what is not committed is gone."""

    def begin(self) -> None:
        """Begin a transaction."""

    def commit(self) -> None:
        """On disk when this returns."""

    def roll_back(self) -> None:
        """Undo the transaction, if one is open at all."""

    def look_up(self, *, fold_case: bool) -> None:
        """From now on numbers are looked up like this; outside a transaction."""


class Watchdog:
    """Signs of life of the thread that matters, as many as the watchdog needs and no more."""

    def __init__(self, feed: Callable[[], None], watchdog_s: float | None) -> None:
        """`feed` says that it is alive; `watchdog_s` as of `ServiceManager`."""
        self._feed = feed
        self.every_s = None if watchdog_s is None else watchdog_s / 2
        """How long the thread may wait without a sign; None: as long as it likes."""
        self._again_at = 0.0

    def ping(self) -> None:
        """The thread got as far as here; costs next to nothing where no sign is due."""
        if self.every_s is None or (now := time.monotonic()) < self._again_at:
            return
        # One that waits for `every_s` and wakes a little early must not miss its turn.
        self._again_at = now + self.every_s / 2
        self._feed()


NO_WATCHDOG = Watchdog(lambda: None, None)
"""Of a thread that nobody watches."""
