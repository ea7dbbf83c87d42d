"""What one read of an event node gives, apart by report, each at the time the kernel had it.

A reader that is late gets many reports at once. By the time of reading, two scans with a pause between would
be one where silence ends a scan, and a scan whose end waited would be taken for one that came incomplete.

The kernel marks events it had to drop by SYN_DROPPED; what follows up to the next SYN_REPORT is the rest of a
report (``Documentation/input/event-codes.rst``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drivers.wedge.key_codes import EV_SYN, SYN_DROPPED, SYN_REPORT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from drivers.base import InputEvent
    from drivers.wedge.input_node import ReadEvent


@dataclass(frozen=True, slots=True)
class Packet:
    """The events of one report, its SYN_REPORT last; or so many of them as a read gave."""

    events: tuple[InputEvent, ...]
    t: float
    """The kernel's time of the first event, in seconds."""


def packets(events: Iterable[ReadEvent]) -> Iterator[Packet]:
    """The packets of one read."""
    under_way: list[InputEvent] = []
    t = 0.0
    for event in events:
        if not under_way:
            t = event.sec + event.usec / 1_000_000
        under_way.append((event.type, event.code, event.value))
        if event.type == EV_SYN and event.code == SYN_REPORT:
            yield Packet(tuple(under_way), t)
            under_way = []
    if under_way:
        yield Packet(tuple(under_way), t)


class Gap:
    """Follows the marks of dropped events over several packets and reads."""

    def __init__(self) -> None:
        self._is_open = False

    def ends_in(self, packet: Packet) -> bool:
        """Whether a packet is the last one that is not to be believed."""
        kinds = [(kind, code) for kind, code, _value in packet.events]
        self._is_open = self._is_open or (EV_SYN, SYN_DROPPED) in kinds
        if self._is_open and kinds[-1] == (EV_SYN, SYN_REPORT):
            self._is_open = False
            return True
        return False
