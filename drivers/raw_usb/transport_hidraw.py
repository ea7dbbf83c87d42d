"""Reads reports through ``/dev/hidrawN``: the kernel's driver keeps the device.

The kernel's ``Documentation/hid/hidraw.rst``: each read returns one report as the device sent it, with its
report id in front if reports are numbered; opening discards older reports.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import struct
from collections import deque
from threading import Lock
from typing import Final

from drivers.base import Waiter
from drivers.raw_usb.choosing import went_away, why_not
from drivers.raw_usb.descriptor import MAX_DESCRIPTOR_BYTES, MAX_REPORT_BYTES

_READ: Final = 2
_SIZE: Final = struct.Struct("@I")
_QUEUED_REPORTS: Final = 64
"""So many wait for a reader: ``HIDRAW_BUFFER_SIZE`` of ``linux/hidraw.h``."""


def _request(number: int, size: int) -> int:
    """A read request of type H (``asm-generic/ioctl.h``)."""
    return _READ << 30 | size << 16 | ord("H") << 8 | number


_HIDIOCGRDESCSIZE: Final = _request(1, _SIZE.size)
_HIDIOCGRDESC: Final = _request(2, _SIZE.size + MAX_DESCRIPTOR_BYTES)


class HidrawReports:
    """An open hidraw node."""

    def __init__(self, path: str) -> None:
        """Open it exclusively, as far as others respect the lock.

        Raises:
            DeviceGoneError: it is missing, not permitted, or in use; the text says which.
        """
        self.name = path
        try:
            self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            raise why_not(path, error.errno) from error
        try:
            # Each process with the node open gets every report, so two would book a scan twice.
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.descriptor = _descriptor(self._fd)
            self._wake_fd = os.eventfd(0, os.EFD_CLOEXEC)
        except OSError as error:
            os.close(self._fd)
            raise why_not(path, error.errno) from error
        self._reading = Lock()
        """Held while `read` may use the descriptors, so that nobody closes them."""
        self._waking = Lock()
        self._is_open = True
        self._rest: deque[bytes] = deque()
        """What came before `close`."""

    def read(self, until: float | None) -> bytes | None:
        """Wait for a report, at most until `until` on `time.monotonic`.

        Raises:
            DeviceGoneError: the device went away.
            EOFError: it is closed, and what came before is read.
        """
        with self._reading:
            if not self._is_open:
                if not self._rest:
                    raise EOFError
                return self._rest.popleft()
            ready = Waiter(self._fd, self._wake_fd).wait(until)
            if self._fd not in ready:
                if ready:
                    raise EOFError
                return None
            try:
                report = os.read(self._fd, MAX_REPORT_BYTES)
            except OSError as error:
                raise went_away(self.name, error.errno) from error
        if not report:
            raise went_away(self.name, None)
        return report

    def close(self) -> None:
        """Close it; a waiting `read` raises EOFError."""
        with self._waking:
            if self._is_open:
                os.eventfd_write(self._wake_fd, 1)
        with self._reading, self._waking:
            if self._is_open:
                self._is_open = False
                with contextlib.suppress(OSError):
                    while len(self._rest) < _QUEUED_REPORTS and (
                        report := os.read(self._fd, MAX_REPORT_BYTES)
                    ):
                        self._rest.append(report)
                os.close(self._fd)
                os.close(self._wake_fd)


def _descriptor(fd: int) -> bytes:
    """The report descriptor; empty: the node has none."""
    try:
        size = _SIZE.unpack(fcntl.ioctl(fd, _HIDIOCGRDESCSIZE, bytes(_SIZE.size)))[0]
        request = bytearray(_SIZE.pack(size) + bytes(MAX_DESCRIPTOR_BYTES))
        fcntl.ioctl(fd, _HIDIOCGRDESC, request)
    except OSError as error:
        if error.errno in (errno.ENOTTY, errno.EINVAL):
            return b""
        raise
    return bytes(request[_SIZE.size : _SIZE.size + size])
