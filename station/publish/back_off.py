"""How long a publisher leaves a receiver alone that did not take what it was sent."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

from station.errors import PublishError, PublishRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 60.0
"""Doubled from the first each time, so that a receiver that is away for a night costs next to nothing."""
REFUSED_PAUSE_S: Final = 300.0
"""Between tries where the receiver says no: it waits for a person, who comes when he comes."""
LONGEST_WISH_S: Final = 3600.0
"""A receiver that asks for more gets this: what it wants to say may be wrong."""


class BackOff:
    """The pauses of one publisher; they grow until something goes well."""

    def __init__(
        self, chance: Callable[[], float] = random.random, first_pause_s: float = FIRST_PAUSE_S
    ) -> None:
        """`chance`: anything from 0 to 1; stations that lost the same receiver must not come back as one."""
        self._chance = chance
        self._first_pause_s = first_pause_s
        self._tries = 0

    def reset(self) -> None:
        """It went well."""
        self._tries = 0

    def pause_s(self, error: Exception) -> float:
        """How long to wait after this, from half to all of what it has grown to."""
        grown = min(self._first_pause_s * 2.0 ** min(self._tries, 20), LONGEST_PAUSE_S)
        self._tries += 1
        if isinstance(error, PublishRefusedError):
            grown = REFUSED_PAUSE_S
        wish = error.retry_after_s if isinstance(error, PublishError) else 0.0
        # A wish is no reason to come before its time.
        return max(grown * (1 + self._chance()) / 2, min(wish, LONGEST_WISH_S))
