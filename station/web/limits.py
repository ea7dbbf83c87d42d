"""How much one client may ask, and how many may wait: the dock's own page must get through beside anybody."""

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

    from station.outputs.display.keeper import Changes

POSTS_PER_S = 100.0
POSTS_AT_ONCE = 2000
"""What a client may post after a pause: a range of serial numbers, scan by scan."""
CLIENTS = 1000
"""That are remembered; the one not seen for longest is forgotten first."""
HELD = 64
"""Requests that may be held at once: readers of events, and those who wait for another state."""
HELD_BY_ONE = 32

HeldKind = Literal["events", "state"]
"""What a held request waits for."""


class PostLimit:
    """A bucket for each client, that fills steadily and pays for each post (token bucket)."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def pay(self, client: str) -> None:
        """One post of a client.

        Raises:
            HTTPException: too many.
        """
        now = self._clock_s()
        left, at = self._buckets.pop(client, (float(POSTS_AT_ONCE), now))
        left = min(POSTS_AT_ONCE, left + (now - at) * POSTS_PER_S)
        self._buckets[client] = (max(left - 1, 0.0) if left >= 1 else left, now)
        if len(self._buckets) > CLIENTS:
            self._buckets.popitem(last=False)
        if left < 1:
            reason = msg("more than {posts} posts in a second; wait", posts=int(POSTS_PER_S))
            raise HTTPException(429, reason, {"Retry-After": "1"})


class HeldLimit:
    """Counts requests that are held."""

    def __init__(self) -> None:
        self._held: Counter[str] = Counter()
        self._kinds: dict[str, int] = dict.fromkeys(get_args(HeldKind), 0)

    @property
    def kinds(self) -> Mapping[str, int]:
        """How many are held, by what they wait for."""
        return dict(self._kinds)

    @contextmanager
    def place(self, client: str, kind: HeldKind) -> Iterator[None]:
        """Counts one request, as long as the context lasts.

        Raises:
            HTTPException: all places are taken.
        """
        if self._held.total() >= HELD or self._held[client] >= HELD_BY_ONE:
            reason = msg("too many displays wait for events already; close some")
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
    """Holds requests until there is something to tell, or the server stops."""

    def __init__(self, changes: Changes, closing: asyncio.Event, held: HeldLimit) -> None:
        self.held = held
        self._changes = changes
        self._closing = closing

    @property
    def is_over(self) -> bool:
        """Whether the server stops."""
        return self._closing.is_set()

    async def changed(self, version: int, timeout_s: float) -> bool:
        """Wait until the version is another; False: the time was up, or the server stops."""
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
