"""The number that tells that something changed, and waiting for it without holding up who changes it."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Changes:
    """A version that only rises, with a bell for those who wait.

    It begins at the milliseconds since 1970, so that after a restart it is above all that was seen before.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version = time.time_ns() // 1_000_000
        self._waiting: set[Callable[[], None]] = set()

    @property
    def version(self) -> int:
        """The version now."""
        return self._version

    def add(self) -> None:
        """Something changed: the version rises, and each who waits is called once."""
        with self._lock:
            self._version += 1
            woken, self._waiting = self._waiting, set()
        for wake in woken:
            wake()

    def call(self, wake: Callable[[], None], version: int) -> bool:
        """Have `wake` called once, by whatever thread changes something after `version`; it must not wait.

        Returns:
            False: the version is another already, `wake` won't be called.
        """
        with self._lock:
            if self._version != version:
                return False
            self._waiting.add(wake)
            return True

    def forget(self, wake: Callable[[], None]) -> None:
        """Don't call it any more."""
        with self._lock:
            self._waiting.discard(wake)

    def wait(self, version: int, timeout_s: float) -> bool:
        """Wait in a thread until the version is another than `version`.

        Returns:
            False: the time was up before.
        """
        bell = threading.Event()
        if not self.call(bell.set, version):
            return True
        rung = bell.wait(timeout_s)
        self.forget(bell.set)
        return rung
