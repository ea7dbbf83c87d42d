"""Waiting for a device and for a word from another thread at once, without waking up in between."""

from __future__ import annotations

import select
import time


class Waiter:
    """Two descriptors to sleep on; made once, as a keyboard wakes it for every key."""

    def __init__(self, fd: int, wake_fd: int) -> None:
        """Take the descriptors.

        Args:
            fd: The device's.
            wake_fd: An eventfd that another thread writes to, to end the wait.
        """
        self._poll = select.poll()
        self._poll.register(fd, select.POLLIN)
        self._poll.register(wake_fd, select.POLLIN)

    def wait(self, until: float | None) -> list[int]:
        """Sleep until one has something to tell (also that it is hung up), at most until `until`.

        Args:
            until: On `time.monotonic`; None: for ever.

        Returns:
            Those of the two that are ready; none: the time is up.
        """
        timeout_ms = None if until is None else max(0.0, (until - time.monotonic()) * 1000)
        return [ready_fd for ready_fd, _ in self._poll.poll(timeout_ms)]
