"""Keyboard wedges, grabbed on their event node (``linux/input.h``, ``drivers/input/evdev.c``).

Opening grabs the node, so that scans do not type into a console; the kernel releases it when the descriptor
is closed, however the process ends.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import struct
import time
from collections import deque
from threading import Lock
from typing import TYPE_CHECKING

from evdev import InputDevice

from drivers.base import (
    Chunk,
    DeviceBusyError,
    DeviceGoneError,
    DeviceOptionError,
    DriverError,
    KeyState,
    Waiter,
)
from drivers.discovery.match import DeviceMatch
from drivers.discovery.nodes import find_node
from drivers.wedge.input_events import Gap, packets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drivers.wedge.input_events import InputNode

_WRONG_DEVICE = frozenset({errno.ENOTTY, errno.EISDIR, errno.EINVAL})
_GONE = frozenset({errno.ENOENT, errno.ENODEV, errno.ENXIO})
_REMEDY = (
    "install systemd/70-scanstation.rules as a udev rule, plug the scanner in again, "
    'and run the station as a member of the group "scanstation" (sudo usermod -aG scanstation USER)'
)


def why_not(path: str, error: OSError) -> DriverError:
    """The error to raise after opening or grabbing a node failed."""
    if error.errno == errno.EBUSY:
        return DeviceBusyError(f"{path} is grabbed by another program; `fuser -v {path}` names it")
    if error.errno in _GONE:
        return DeviceGoneError(f"{path} is not there: is the scanner plugged in?")
    if error.errno in (errno.EACCES, errno.EPERM):
        return DeviceGoneError(f"{path}: permission denied; {_REMEDY}")
    if error.errno in _WRONG_DEVICE:
        return DeviceOptionError(f"{path} is not a keyboard: it is not an input device")
    why = os.strerror(error.errno) if error.errno else str(error) or "no reason was given"
    return DeviceGoneError(f"{path} can't be opened: {why}")


_EVIOCSCLOCKID = 0x400445A0
"""``_IOW('E', 0xa0, int)`` of ``linux/input.h``."""
_READS_OF_A_FULL_QUEUE = 64
"""More than enough: a keyboard's queue has some dozens of events, and a read returns up to 64."""


def open_input(path: str) -> InputNode:
    """Open an event node.

    Read-only: that needs fewer rights, and some firmware reacts to being opened for writing. Its events
    have times of the clock of `time.monotonic`.
    """
    device = InputDevice(path, readonly=True)
    # A kernel that refuses it uses wall-clock times, which are later than any and therefore ignored.
    with contextlib.suppress(OSError):
        fcntl.ioctl(device.fd, _EVIOCSCLOCKID, struct.pack("i", time.CLOCK_MONOTONIC))
    return device


class EvdevWedge:
    """One scanner that types."""

    def __init__(self, match: DeviceMatch, open_node: Callable[[str], InputNode] = open_input) -> None:
        self._match = match
        self._open_node = open_node
        self._path = ""
        self._node: InputNode | None = None
        self._wake_fd = -1
        self._waiter: Waiter | None = None
        self._unread: deque[Chunk] = deque()
        """The rest of one system read."""
        self._gap = Gap()
        self._key_state: KeyState | None = None
        """The kernel's answer since the last chunk, for the next one."""
        self._last_t = 0.0
        self._reading = Lock()
        """Held while `read` may use the descriptors, so that nobody closes them."""
        self._closing = Lock()
        """Held while writing to or closing the descriptor that wakes `read`."""

    @classmethod
    def from_options(cls, options: Mapping[str, object]) -> EvdevWedge:
        """Create a driver for the keyboard in a scanner's settings.

        Raises:
            DeviceOptionError: an option is wrong.
        """
        return cls(DeviceMatch.from_options(options.get("match")))

    def open(self) -> None:
        """Open and grab the node; older events are discarded.

        Raises:
            DeviceGoneError: it is missing, not permitted, or in use; the text says which.
            DeviceOptionError: it is not a keyboard.
        """
        self.close()
        path = find_node("input", self._match).path
        try:
            node = self._open_node(path)
        except OSError as error:
            raise why_not(path, error) from error
        try:
            node.grab()
            _throw_away(node)
            state = _key_state(node)
            wake_fd = os.eventfd(0, os.EFD_CLOEXEC)
        except OSError as error:
            node.close()
            raise why_not(path, error) from error
        with self._reading, self._closing:
            self._path, self._node, self._wake_fd = path, node, wake_fd
            self._waiter = Waiter(node.fd, wake_fd)
            self._gap, self._key_state = Gap(), state
            self._unread.clear()

    def read(self, until: float | None) -> Chunk | None:
        """Wait for events, at most until `until` on `time.monotonic`.

        The kernel drops events that aren't read in time. The chunks include its mark and the events up to the
        next SYN_REPORT. Other queued events are discarded: they are older than the key state that is queried
        then and put into the next chunk.

        Returns:
            One report, at the kernel's time, or None after `until`.

        Raises:
            DeviceGoneError: the device went away; it is released.
            EOFError: the device is closed, and what came before is read.
        """
        with self._reading:
            if not self._unread:
                if self._node is None or self._waiter is None:
                    raise EOFError
                try:
                    self._fetch(self._node, self._waiter.wait(until))
                except OSError as error:
                    why = error.strerror
                    self._release()
                    raise DeviceGoneError(f"{self._path} went away: {why}") from error
            if self._unread:
                return self._unread.popleft()
            # The next chunk must not be earlier than the silence just reported.
            self._last_t = max(self._last_t, until or 0.0)
            return None

    def write(self, data: bytes) -> None:
        """Refuse a reply: keyboards accept none.

        Raises:
            DriverError: always.
        """
        raise DriverError(
            f"{self.describe()} takes no replies: {len(data)} bytes not sent; leave reply out of its settings"
        )

    def close(self) -> None:
        """Release the node; a waiting `read` in another thread raises EOFError."""
        with self._closing:
            if self._node is not None:
                os.eventfd_write(self._wake_fd, 1)
        with self._reading:
            if self._node is not None:
                with contextlib.suppress(OSError):
                    self._take(self._node)
            self._release()

    def describe(self) -> str:
        """The device node, or else what identifies the device."""
        return self._path or str(self._match)

    def learnt(self) -> Mapping[str, object]:
        """Nothing: a keyboard does not report its layout."""
        return {}

    def _fetch(self, node: InputNode, ready: list[int]) -> None:
        """One read of the system, if there is something to read."""
        if node.fd in ready:
            self._take(node)
        elif ready:
            raise EOFError

    def _take(self, node: InputNode) -> None:
        with contextlib.suppress(BlockingIOError):
            for packet in packets(node.read()):
                self._last_t = max(self._last_t, min(packet.t, time.monotonic()))
                key_state, self._key_state = self._key_state, None
                self._unread.append(Chunk(b"", self._last_t, packet.events, key_state))
                if self._gap.ends_in(packet):
                    # If the device is gone, the next read reports it.
                    with contextlib.suppress(OSError):
                        self._key_state = _key_state(node)
                    return

    def _release(self) -> None:
        with self._closing:
            node, self._node = self._node, None
            if node is None:
                return
            os.close(self._wake_fd)
            with contextlib.suppress(OSError):
                node.close()


def _throw_away(node: InputNode) -> None:
    """Empty the queue; the query of the key state removes later events."""
    with contextlib.suppress(BlockingIOError):
        for _ in range(_READS_OF_A_FULL_QUEUE):
            for _event in node.read():
                pass


def _key_state(node: InputNode) -> KeyState:
    """Query the key state; the kernel removes older events from the queue."""
    return KeyState(frozenset(node.active_keys()), frozenset(node.leds()))
