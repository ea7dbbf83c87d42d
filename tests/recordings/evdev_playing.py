"""How a scanner that types plays: reports a keyboard is polled for, pauses, gaps.

The events are what the kernel's usbhid makes of the boot keyboard reports of the USB HID specification. Each
report is a read of its own, 8 ms after the one before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drivers.base import Chunk, KeyState
from drivers.wedge.input_events import CODES, EV_KEY, EV_SYN, RELEASED, SYN_DROPPED
from tests.drivers.wedge.typist import SYNCHRONISED, Typist, press

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drivers.base import InputEvent

POLL_S = 0.008
PAUSE_S = 0.8
"""Between two scans."""
LONG_PAUSE_S = 4.0
"""Longer than a scan may take to go on."""

Events = list[tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class Recorded:
    """One recording."""

    notes: str
    chunks: list[Chunk]
    texts: tuple[str | None, ...]
    """What the scans are, in order; None: rejected."""
    options: dict[str, object] = field(default_factory=dict)


def keys(*names: str) -> Events:
    """Keys pressed one after the other, ``LEFTCTRL+M`` at once."""
    return [event for name in names for event in press(*(CODES[key] for key in name.split("+")))]


def key(name: str, value: int) -> Events:
    return [(EV_KEY, CODES[name], value), SYNCHRONISED]


def typed(text: str, layout: str = "us") -> Events:
    return Typist(layout).events(text)


def scan(text: str, layout: str = "us", ending: str = "ENTER") -> Events:
    return [*typed(text, layout), *keys(ending)]


def reports(events: Iterable[InputEvent]) -> list[tuple[InputEvent, ...]]:
    reports: list[tuple[InputEvent, ...]] = []
    under_way: Events = []
    for event in events:
        under_way.append(event)
        if event == SYNCHRONISED:
            reports.append(tuple(under_way))
            under_way = []
    return reports


def played(
    *scans: Iterable[InputEvent], pause_s: float = PAUSE_S, key_state: KeyState | None = None
) -> list[Chunk]:
    """One report a read, the scans apart from each other."""
    chunks: list[Chunk] = []
    t = 0.0
    for events in scans:
        for report in reports(events):
            chunks.append(Chunk(b"", round(t, 3), report, None if chunks else key_state or KeyState()))
            t += POLL_S
        t += pause_s
    return chunks


def after_a_gap(before: list[Chunk], after: list[Chunk], key_state: KeyState | None) -> list[Chunk]:
    """The kernel dropped events between the two; it tells so, and how the keyboard stands."""
    t = before[-1].t if before else 0.0
    rest = [(EV_SYN, SYN_DROPPED, 0), (EV_KEY, CODES["1"], RELEASED), SYNCHRONISED]
    gap = Chunk(b"", round(t + POLL_S, 3), tuple(rest))
    later = [Chunk(b"", round(gap.t + POLL_S + each.t, 3), each.events) for each in after]
    later[0] = Chunk(b"", later[0].t, later[0].events, key_state)
    return [*before, gap, *later]
