"""The version of the display state, and who waits for the next one."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Changes:
    """A version number that only rises, and callbacks for those who wait for the next one.

    It starts with the milliseconds since 1970, so that after a restart it is above every earlier version.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version = time.time_ns() // 1_000_000
        self._waiting: set[Callable[[], None]] = set()

    @property
    def version(self) -> int:
        """The current version."""
        return self._version

    def add(self) -> None:
        """Raise the version after a change, and call each waiting callback once."""
        with self._lock:
            self._version += 1
            woken, self._waiting = self._waiting, set()
        for wake in woken:
            wake()

    def call(self, wake: Callable[[], None], version: int) -> bool:
        """Register `wake` for the first change after `version`; any thread may call it; it must not block.

        Returns:
            False: the version has changed already, and `wake` won't be called.
        """
        with self._lock:
            if self._version != version:
                return False
            self._waiting.add(wake)
            return True

    def forget(self, wake: Callable[[], None]) -> None:
        """Unregister `wake`."""
        with self._lock:
            self._waiting.discard(wake)
