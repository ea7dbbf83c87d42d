"""Looks at a terminal display that a test drives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot

PATIENCE = 1200
"""How many times a condition is checked, every 0.05 s."""


def screen_of(pilot: Pilot[None]) -> str:
    """The text on the terminal, line by line."""
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


async def until(pilot: Pilot[None], is_so: Callable[[], bool]) -> None:
    """Wait until the condition holds."""
    for _ in range(PATIENCE):
        if is_so():
            return
        await pilot.pause(0.05)
    pytest.fail("the condition never held; the screen:\n" + screen_of(pilot))
