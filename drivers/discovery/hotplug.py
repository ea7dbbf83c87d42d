"""Hears when devices come and go: the kernel's own announcements and those of udev, by netlink.

udev repeats what the kernel announces after its rules have run, when node, links and permissions are ready
(``systemd-udevd.service(8)``); so its word counts. The kernel's word reaches also where udev's doesn't (a
service with a network namespace of its own, a machine without udev): it counts when udev's doesn't follow.
Where netlink is not to be had at all, whoever misses a device has to look again by himself.

The messages: ``netlink(7)``, NETLINK_KOBJECT_UEVENT; group 1 is the kernel's, ``add@/devices/…`` and then
``KEY=value`` with NUL between; group 2 is udev's, which begins with ``libudev``.
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
"""After the kernel's word, udev's is waited for as long; its rules take a fraction of it."""

_KOBJECT_UEVENT = 15
_KERNEL_GROUP, _UDEV_GROUP = 0x1, 0x2
_UDEV = b"libudev\0"
_LONGEST = 16384
_MARKS = tuple(f"\0SUBSYSTEM={name}\0".encode() for name in SUBSYSTEMS)


def announcements() -> socket.socket:
    """A socket on which the kernel's and udev's announcements arrive.

    Raises:
        OSError: this process may have none.
    """
    heard = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, _KOBJECT_UEVENT)
    try:
        heard.bind((0, _KERNEL_GROUP | _UDEV_GROUP))
    except OSError:
        heard.close()
        raise
    return heard


class Hotplug:
    """Rings bells when a device came or went; one thread for all, asleep in between.

    A context manager: inside, it listens.
    """

    def __init__(self, listen: Callable[[], socket.socket] = announcements) -> None:
        self._listen = listen
        self._heard: socket.socket | None = None
        self._wake_fd = -1
        self._bells: set[threading.Event] = set()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="hotplug", daemon=True)

    def __enter__(self) -> Self:
        """Listen, where that is possible."""
        with contextlib.suppress(OSError):
            self._heard = self._listen()
        if self._heard is not None:
            self._wake_fd = os.eventfd(0, os.EFD_CLOEXEC)
            self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        if self._heard is not None:
            os.eventfd_write(self._wake_fd, 1)
            self._thread.join()
            os.close(self._wake_fd)
            self._heard.close()

    @property
    def is_listening(self) -> bool:
        """Whether devices are announced to us; if not, only looking again tells."""
        return self._heard is not None

    def subscribe(self, bell: threading.Event) -> None:
        """Set `bell` at each coming and going from now on."""
        with self._lock:
            self._bells.add(bell)

    def unsubscribe(self, bell: threading.Event) -> None:
        """Leave `bell` alone."""
        with self._lock:
            self._bells.discard(bell)

    def _ring(self) -> None:
        with self._lock:
            for bell in self._bells:
                bell.set()

    def _run(self) -> None:
        heard = self._heard
        assert heard is not None  # noqa: S101 - the thread is started after it was set
        waiter = Waiter(heard.fileno(), self._wake_fd)
        due: float | None = None
        while True:
            ready = waiter.wait(due)
            if self._wake_fd in ready:
                return
            word = _hear(heard) if ready else _UDEV
            if word == _UDEV:
                due = None
                self._ring()
            elif word and due is None:
                due = time.monotonic() + GRACE_S


def _hear(heard: socket.socket) -> bytes:
    """Whose word one announcement is, udev's or the kernel's; empty: the device is no concern of ours."""
    try:
        message = heard.recv(_LONGEST)
    except BlockingIOError:
        return b""
    except OSError:
        # More was announced than the socket holds (ENOBUFS): something did come or go.
        return _UDEV
    if not any(mark in message for mark in _MARKS):
        return b""
    return _UDEV if message.startswith(_UDEV) else b"kernel"
