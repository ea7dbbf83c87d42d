"""What of an open event node the driver uses; the evdev package's ``InputDevice`` is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable


class ReadEvent(Protocol):
    """One input event."""

    sec: int
    """The kernel's time of the event, on the monotonic clock."""
    usec: int
    type: int
    code: int
    value: int


class InputNode(Protocol):
    """An open event node; each call raises OSError when the device has gone."""

    @property
    def fd(self) -> int:
        """The descriptor, which is ready when there is something to read."""

    def read(self) -> Iterable[ReadEvent]:
        """What one read gives.

        Raises:
            BlockingIOError: there is nothing.
        """

    def grab(self) -> None:
        """Take the device for this descriptor alone (``EVIOCGRAB``).

        Raises:
            OSError: EBUSY: somebody else has.
        """

    def active_keys(self) -> list[int]:
        """The keys that are down (``EVIOCGKEY``); key events that are older leave the queue."""

    def leds(self) -> list[int]:
        """The LEDs that are on (``EVIOCGLED``)."""

    def close(self) -> None:
        """Close the descriptor, which gives the device free."""
