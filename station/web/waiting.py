"""Waiting for the state to change, inside the server's event loop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from station.display.changes import Changes
    from station.web.limits import HeldLimit


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
