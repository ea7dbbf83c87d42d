"""Limits on posts and held requests: no client may keep the dock's own page from getting through."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, get_args

from starlette.exceptions import HTTPException

from station.i18n.messages import msg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from station.outputs.display.changes import Changes

POSTS_PER_S = 100.0
POSTS_AT_ONCE = 2000
"""How many posts a client may send in a burst: a range of serial numbers, scan by scan."""
CLIENTS = 1000
"""How many clients are remembered; the one not seen for longest is forgotten first."""
HELD = 64
"""How many requests may be held at once: readers of events, and clients that wait for a new state."""
HELD_BY_ONE = 32

HeldKind = Literal["events", "state"]
"""What a held request waits for."""


class PostLimit:
    """A token bucket for each client: it fills steadily, and each post takes one token."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def pay(self, client: str) -> None:
        """Count one post of a client.

        Raises:
            HTTPException: there are too many.
        """
        now = self._clock_s()
        left, at = self._buckets.pop(client, (float(POSTS_AT_ONCE), now))
        left = min(POSTS_AT_ONCE, left + (now - at) * POSTS_PER_S)
        self._buckets[client] = (max(left - 1, 0.0) if left >= 1 else left, now)
        if len(self._buckets) > CLIENTS:
            self._buckets.popitem(last=False)
        if left < 1:
            reason = msg("more than {posts} posts per second; wait", posts=int(POSTS_PER_S))
            raise HTTPException(429, reason, {"Retry-After": "1"})


class HeldLimit:
    """Counts held requests."""

    def __init__(self) -> None:
        self._held: Counter[str] = Counter()
        self._kinds: dict[str, int] = dict.fromkeys(get_args(HeldKind), 0)

    @property
    def kinds(self) -> Mapping[str, int]:
        """The number of held requests by what they wait for."""
        return dict(self._kinds)

    @contextmanager
    def place(self, client: str, kind: HeldKind) -> Iterator[None]:
        """Count one request until the context ends.

        Raises:
            HTTPException: all places are taken.
        """
        if self._held.total() >= HELD or self._held[client] >= HELD_BY_ONE:
            reason = msg("too many displays are waiting for events; close some")
            raise HTTPException(503, reason, {"Retry-After": "5"})
        self._held[client] += 1
        self._kinds[kind] += 1
        try:
            yield
        finally:
            self._held[client] -= 1
            self._kinds[kind] -= 1
            self._held += Counter()


class Waiting:
    """Holds requests until the state changes or the server stops."""

    def __init__(self, changes: Changes, closing: asyncio.Event, held: HeldLimit) -> None:
        self.held = held
        self._changes = changes
        self._closing = closing

    @property
    def is_over(self) -> bool:
        """Whether the server is stopping."""
        return self._closing.is_set()

    async def changed(self, version: int, timeout_s: float) -> bool:
        """Wait until the version is another one; returns False on timeout, or when the server stops."""
        loop = asyncio.get_running_loop()
        bell = asyncio.Event()

        def wake() -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(bell.set)

        if not self._changes.call(wake, version):
            return True
        waits = [asyncio.ensure_future(each.wait()) for each in (bell, self._closing)]
        try:
            await asyncio.wait(waits, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._changes.forget(wake)
            for each in waits:
                each.cancel()
        return bell.is_set()
