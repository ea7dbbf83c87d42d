"""Interfaces that the desk needs: a database with transactions, and a watchdog."""

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

    # Entries that were already applied (I4)

    def mark(self, source_id: str) -> None:
        """Remember the last entry of a transaction that leaves no row of history."""

    def is_applied(self, source_id: str) -> bool:
        """Whether this entry has a row, or is the one marked last (I4)."""

    def remember(self, source: Source, stored: StoredResponse) -> None:
        """Store the response to a post that may be repeated."""

    def remembered(self, source_id: str) -> StoredResponse | None:
        """Return the stored response to a post; None: it is new."""

    # Transactions

    def open(self) -> None:
        """Open and hold a connection."""

    def close(self) -> None:
        """Release the connection; uncommitted changes are lost."""

    def begin(self) -> None:
        """Begin a transaction."""

    def commit(self) -> None:
        """Commit; the changes are on disk when this returns."""

    def roll_back(self) -> None:
        """Roll back the transaction, if one is open."""

    def look_up(self, *, fold_case: bool) -> None:
        """Set whether lookups ignore case; call it outside a transaction."""


class Watchdog:
    """Passes the desk thread's pings on to the service manager, no more often than necessary."""

    def __init__(self, feed: Callable[[], None], watchdog_s: float | None) -> None:
        """`feed`: reports that the thread is alive; `watchdog_s`: as for `ServiceManager`."""
        self._feed = feed
        self.every_s = None if watchdog_s is None else watchdog_s / 2
        """How long the thread may wait without a ping; None: for ever."""
        self._again_at = 0.0

    def ping(self) -> None:
        """Report that the thread is alive; almost free if no report is due."""
        if self.every_s is None or (now := time.monotonic()) < self._again_at:
            return
        # A thread that waits for `every_s` and wakes a little early must not miss a report.
        self._again_at = now + self.every_s / 2
        self._feed()


NO_WATCHDOG = Watchdog(lambda: None, None)
"""For a thread without a watchdog."""
