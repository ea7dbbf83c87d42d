"""Looking at a terminal display that a test drives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot

PATIENCE = 600
"""How often something is looked for, 0.05 s apart."""


def screen_of(pilot: Pilot[None]) -> str:
    """What stands on the terminal, line by line."""
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


async def until(pilot: Pilot[None], is_so: Callable[[], bool]) -> None:
    """Wait until it is so."""
    for _ in range(PATIENCE):
        if is_so():
            return
        await pilot.pause(0.05)
    pytest.fail("never came to be; the screen:\n" + screen_of(pilot))
