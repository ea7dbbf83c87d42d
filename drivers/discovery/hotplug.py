"""Notices when devices are plugged in or unplugged: hotplug events of the kernel and of udev, by netlink.

udev repeats the kernel's events after its rules have run, when node, links and permissions are ready
(``systemd-udevd.service(8)``), so its events count. The kernel's events also arrive where udev's don't (a
service with its own network namespace, a machine without udev): they count if no udev event follows.
Without netlink, the caller has to poll for a missing device.

The messages: ``netlink(7)``, NETLINK_KOBJECT_UEVENT; group 1 is the kernel's, ``add@/devices/…`` and then
``KEY=value`` separated by NUL; group 2 is udev's, which begins with ``libudev``.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from typing import TYPE_CHECKING, Self

from drivers.base import Waiter

if TYPE_CHECKING:
    from collections.abc import Callable

SUBSYSTEMS = ("tty", "input", "hidraw", "usb")
GRACE_S = 1.0
"""How long to wait for udev's event after the kernel's; its rules take a fraction of that."""

_KOBJECT_UEVENT = 15
_KERNEL_GROUP, _UDEV_GROUP = 0x1, 0x2
_UDEV = b"libudev\0"
_LONGEST = 16384
_MARKS = tuple(f"\0SUBSYSTEM={name}\0".encode() for name in SUBSYSTEMS)


def announcements() -> socket.socket:
    """Open a socket for hotplug events of the kernel and udev.

    Raises:
        OSError: this process may not open one.
    """
    events = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, _KOBJECT_UEVENT)
    try:
        events.bind((0, _KERNEL_GROUP | _UDEV_GROUP))
    except OSError:
        events.close()
        raise
    return events


class Hotplug:
    """Sets events when a device is plugged in or unplugged; one thread for all, asleep in between.

    A context manager: it listens inside.
    """

    def __init__(self, listen: Callable[[], socket.socket] = announcements) -> None:
        self._listen = listen
        self._socket: socket.socket | None = None
        self._wake_fd = -1
        self._bells: set[threading.Event] = set()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="hotplug", daemon=True)

    def __enter__(self) -> Self:
        """Listen, if that is possible."""
        with contextlib.suppress(OSError):
            self._socket = self._listen()
        if self._socket is not None:
            self._wake_fd = os.eventfd(0, os.EFD_CLOEXEC)
            self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        if self._socket is not None:
            os.eventfd_write(self._wake_fd, 1)
            self._thread.join()
            os.close(self._wake_fd)
            self._socket.close()

    @property
    def is_listening(self) -> bool:
        """Whether hotplug events arrive; if not, callers have to poll."""
        return self._socket is not None

    def subscribe(self, bell: threading.Event) -> None:
        """Set `bell` at each hotplug event from now on."""
        with self._lock:
            self._bells.add(bell)

    def unsubscribe(self, bell: threading.Event) -> None:
        """Stop setting `bell`."""
        with self._lock:
            self._bells.discard(bell)

    def _ring(self) -> None:
        with self._lock:
            for bell in self._bells:
                bell.set()

    def _run(self) -> None:
        events = self._socket
        assert events is not None  # noqa: S101 - set before the thread starts
        waiter = Waiter(events.fileno(), self._wake_fd)
        due: float | None = None
        while True:
            ready = waiter.wait(due)
            if self._wake_fd in ready:
                return
            sender = _sender_of(events) if ready else _UDEV
            if sender == _UDEV:
                due = None
                self._ring()
            elif sender and due is None:
                due = time.monotonic() + GRACE_S


def _sender_of(events: socket.socket) -> bytes:
    """Who sent one hotplug event, udev or the kernel; empty: the device is irrelevant."""
    try:
        message = events.recv(_LONGEST)
    except BlockingIOError:
        return b""
    except OSError:
        # The socket overflowed (ENOBUFS), so something was plugged in or unplugged.
        return _UDEV
    if not any(mark in message for mark in _MARKS):
        return b""
    return _UDEV if message.startswith(_UDEV) else b"kernel"
