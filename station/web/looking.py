"""A look at how the station stands, for programs that watch over it and wait for nobody long."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import anyio
from anyio import to_thread

if TYPE_CHECKING:
    from station.display.keeper import StateKeeper
    from station.display.state import DisplayState

LOOK_WAIT_S = 3.0
"""Shorter than monitoring waits for an answer: a database that is away must not make the station look so."""


class Look:
    """Reads the state anew; one look at a time, however many ask."""

    def __init__(self, keeper: StateKeeper) -> None:
        self._keeper = keeper
        self._one = anyio.CapacityLimiter(1)

    async def state(self) -> DisplayState | None:
        """The state now, without its list of entries; None: the database doesn't answer in time."""
        with anyio.move_on_after(LOOK_WAIT_S):
            look = partial(self._keeper.state, 1)
            return await to_thread.run_sync(look, abandon_on_cancel=True, limiter=self._one)
        return None
