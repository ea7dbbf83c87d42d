"""Wakes a publisher; it can wait for this and for its connection at the same time."""

from __future__ import annotations

import os
import select
import weakref
from contextlib import suppress


class Bell:
    """Stays rung until it is cleared. An eventfd(2): ringing costs the one who scans next to nothing."""

    def __init__(self) -> None:
        self._fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        # Whoever may still ring it keeps it open: another file could have its number by then.
        weakref.finalize(self, os.close, self._fd)

    def fileno(self) -> int:
        """Readable while it is rung."""
        return self._fd

    def ring(self) -> None:
        """Wake who waits, or will wait."""
        with suppress(BlockingIOError):
            os.eventfd_write(self._fd, 1)

    def clear(self) -> None:
        """Forget that it was rung."""
        with suppress(BlockingIOError):
            os.eventfd_read(self._fd)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Until it is rung, or for so long; whether it is."""
        waiting = select.poll()
        waiting.register(self._fd, select.POLLIN)
        return bool(waiting.poll(None if timeout_s is None else max(timeout_s, 0.0) * 1000))
