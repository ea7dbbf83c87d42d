"""The interface of drivers and decoders, and their errors.

A *driver* opens one device and returns the result of each read (a `Chunk`) unchanged. A *decoder* turns
chunks into frames and opens nothing, so its tests are lines of hex.
"""

from __future__ import annotations

import select
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Self


class DriverError(Exception):
    """A device can't be used; the text says which and why."""


class DeviceGoneError(DriverError):
    """The device was disconnected or isn't there yet: a retry may succeed."""


class DeviceBusyError(DeviceGoneError):
    """Another program is using the device."""


class WrongModeError(DeviceGoneError):
    """The scanner is plugged in, but in a mode this driver can't read; the text says how to switch it."""


class DeviceOptionError(DriverError):
    """A setting of the scanner is wrong: retrying doesn't help."""


class RecordingError(Exception):
    """A file is not a valid recording: the text names the file, the line and what is wrong."""


InputEvent = tuple[int, int, int]
"""Type, code and value of one input event, as in the kernel's ``input-event-codes.h``."""


@dataclass(frozen=True, slots=True)
class KeyState:
    """A keyboard's state, queried from the kernel after opening and after it dropped events."""

    keys: frozenset[int] = frozenset()
    """Codes of the keys that are held down."""
    leds: frozenset[int] = frozenset()
    """Numbers of the LEDs that are on."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """The result of one read: bytes from a serial port, one USB report, or a keyboard's events."""

    data: bytes
    t: float
    """Seconds on the driver's own clock, which never goes back. Live drivers use `time.monotonic`."""
    events: tuple[InputEvent, ...] = ()
    """A keyboard's events; then `data` is empty."""
    key_state: KeyState | None = None
    """The keyboard's state *before* these events, if it was queried."""
    late: bool = False
    """It was read only after the `until` of `read`: when it arrived is unknown."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One complete message from a scanner."""

    data: bytes
    """Without preamble and terminator."""
    t: float
    """When the frame was complete, on the clock of its chunks."""
    symbology_identifier: str | None = None
    """The AIM identifier (``]C1``), if the protocol has a separate field for it."""
    encoding: str | None = None
    """The data's encoding, if the protocol defines it; None: the scanner's setting applies."""


@dataclass(frozen=True, slots=True)
class BrokenFrame:
    """An incomplete message: rejected loudly, never booked in part."""

    reason: str
    t: float
    data: bytes = b""
    """The beginning of the data, for the log."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A response that the protocol requires immediately: an acknowledgement."""

    data: bytes


Found = Frame | BrokenFrame | Reply
"""What a decoder returns."""


class Decoder(Protocol):
    """Decodes chunks into frames; holds the state of one device."""

    def feed(self, chunk: Chunk) -> Iterable[Found]:
        """Take one chunk; return each frame that is now complete or known to be broken."""

    def deadline(self) -> float | None:
        """When to call `idle` if no chunk arrives before; None: never."""

    def idle(self, t: float) -> Iterable[Found]:
        """Take note that no chunk has arrived up to `t`."""

    def reset(self, t: float) -> Iterable[Found]:
        """End the stream (device gone, recording over): an unfinished frame is broken."""


class Driver(Protocol):
    """One device. One thread uses it, except for `write` and `close`, which any thread may call.

    It can be reopened after `close`, and after a `DeviceGoneError`, which releases the device.
    """

    def open(self) -> None:
        """Open the device and discard stale data.

        Raises:
            DeviceGoneError: it is missing or in use; retry later.
            DeviceOptionError: an option is wrong.
        """

    def read(self, until: float | None) -> Chunk | None:
        """Wait for the next chunk, at most until `until` on the driver's own clock.

        Returns:
            The chunk, or None after `until`.

        Raises:
            DeviceGoneError: the device went away.
            EOFError: there will never be more (a recording is over, the driver was closed); what came before
                that has been given.
        """

    def write(self, data: bytes) -> None:
        """Send a reply to the scanner, if it accepts one; never waits.

        Raises:
            DriverError: it could not be written.
        """

    def close(self) -> None:
        """Release the device; a waiting `read` raises EOFError."""

    def describe(self) -> str:
        """The device's name for people (``/dev/ttyACM0``)."""

    def learnt(self) -> Mapping[str, object]:
        """What the open device reported and decoding depends on (its report descriptor).

        It overrides the scanner's settings in the decoder, and a recording's header contains it.
        """


class DeviceDriver(Driver, Protocol):
    """A driver of real devices."""

    @classmethod
    def from_options(cls, options: Mapping[str, object]) -> Self:
        """Create a driver for the device in a scanner's settings; other drivers' keys are ignored.

        Raises:
            DeviceOptionError: an option is wrong.
        """


class Waiter:
    """Sleeps on two descriptors; created once, because a keyboard wakes it for every key."""

    def __init__(self, fd: int, wake_fd: int) -> None:
        """Take the descriptors.

        Args:
            fd: The device's.
            wake_fd: An eventfd that another thread writes to, to end the wait.
        """
        self._poll = select.poll()
        self._poll.register(fd, select.POLLIN)
        self._poll.register(wake_fd, select.POLLIN)

    def wait(self, until: float | None) -> list[int]:
        """Sleep until one is ready (or hung up), at most until `until`.

        Args:
            until: On `time.monotonic`; None: forever.

        Returns:
            The ready descriptors; empty after `until`.
        """
        timeout_ms = None if until is None else max(0.0, (until - time.monotonic()) * 1000)
        return [ready_fd for ready_fd, _ in self._poll.poll(timeout_ms)]
