"""What a driver is, and what goes wrong with one.

A *driver* opens one device and returns what each read returned (a `Chunk`), untouched. A *decoder* turns
chunks into frames and opens nothing, so a test of one is a line of hex.
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
    """The device went away or isn't there yet: trying again later may cure it."""


class DeviceBusyError(DeviceGoneError):
    """Somebody else holds the device."""


class WrongModeError(DeviceGoneError):
    """The scanner is there in a mode this driver can't read; the text says how to switch it."""


class DeviceOptionError(DriverError):
    """An option of the scanner is wrong: trying again cures nothing."""


class RecordingError(Exception):
    """A recording is no recording: the text names the file, the line and what is wrong."""


InputEvent = tuple[int, int, int]
"""Type, code and value of one input event, numbers of the kernel's ``input-event-codes.h``."""


@dataclass(frozen=True, slots=True)
class KeyState:
    """What the kernel said of a keyboard when it was asked: at opening, and after it had dropped events."""

    keys: frozenset[int] = frozenset()
    """Codes of the keys that are held down."""
    leds: frozenset[int] = frozenset()
    """Numbers of the LEDs that are on."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one read returned: the bytes of a serial port, one report of USB, or events of a keyboard."""

    data: bytes
    t: float
    """Seconds on the driver's own clock; never falling. Live drivers use `time.monotonic`."""
    events: tuple[InputEvent, ...] = ()
    """The events of a keyboard; `data` is empty then."""
    key_state: KeyState | None = None
    """How the keyboard stands *before* these events, when the kernel was asked."""
    late: bool = False
    """It was there only after the time that `read` was given: when it came isn't known."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One whole message of a scanner."""

    data: bytes
    """Without preamble and terminator."""
    t: float
    """When the frame was complete, on the clock of its chunks."""
    symbology_identifier: str | None = None
    """AIM identifier (``]C1``) where the protocol carries it in a field of its own."""
    encoding: str | None = None
    """The data's encoding where the protocol fixes it; None: the scanner's setting says."""


@dataclass(frozen=True, slots=True)
class BrokenFrame:
    """A message that isn't whole: to be rejected loudly, never booked cut."""

    reason: str
    t: float
    data: bytes = b""
    """The beginning of what came, for the log."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Bytes that the protocol itself wants sent back at once: an acknowledgement."""

    data: bytes


Found = Frame | BrokenFrame | Reply
"""What a decoder gives."""


class Decoder(Protocol):
    """Chunks to frames, with the state of one device."""

    def feed(self, chunk: Chunk) -> Iterable[Found]:
        """Take one chunk; give each frame that is now complete or known to be broken."""

    def deadline(self) -> float | None:
        """When `idle` wants to be called if no chunk comes before; None: not at all."""

    def idle(self, t: float) -> Iterable[Found]:
        """No chunk has come up to `t`."""

    def reset(self, t: float) -> Iterable[Found]:
        """The stream ended (device gone, recording over): what was under way is broken."""


class Driver(Protocol):
    """One device. Used by one thread, but for `write` and `close`, which any thread may call.

    It may be opened again after `close` and after a `DeviceGoneError`, which has released the device.
    """

    def open(self) -> None:
        """Open the device, discarding what came before.

        Raises:
            DeviceGoneError: not there, or in use; try again later.
            DeviceOptionError: an option is wrong.
        """

    def read(self, until: float | None) -> Chunk | None:
        """Wait for the next chunk, at most until `until` on the driver's own clock.

        Returns:
            The chunk, or None when the time is up.

        Raises:
            DeviceGoneError: the device went away.
            EOFError: there will never be more (a recording is over, the driver was closed); what came before
                that has been given.
        """

    def write(self, data: bytes) -> None:
        """Send a reply to the scanner, if it takes one; never waits.

        Raises:
            DriverError: it could not be written.
        """

    def close(self) -> None:
        """Release the device; a `read` that waits ends with EOFError."""

    def describe(self) -> str:
        """The device as a person would name it (``/dev/ttyACM0``)."""

    def learnt(self) -> Mapping[str, object]:
        """What the open device told of itself that decoding depends on (its report descriptor).

        The decoder takes it over the scanner's settings, and a recording's header holds it.
        """


class DeviceDriver(Driver, Protocol):
    """A driver of real devices."""

    @classmethod
    def from_options(cls, options: Mapping[str, object]) -> Self:
        """A driver for the device a scanner's settings name; keys that are not the driver's are left alone.

        Raises:
            DeviceOptionError: an option is wrong.
        """


class Waiter:
    """Two descriptors to sleep on; made once, as a keyboard wakes it for every key."""

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
        """Sleep until one has something to tell (also that it is hung up), at most until `until`.

        Args:
            until: On `time.monotonic`; None: for ever.

        Returns:
            Those of the two that are ready; none: the time is up.
        """
        timeout_ms = None if until is None else max(0.0, (until - time.monotonic()) * 1000)
        return [ready_fd for ready_fd, _ in self._poll.poll(timeout_ms)]
