"""Interrupt-IN transfers of libusb that wait without polling; `cancel` ends them from any thread.

libusb's "Asynchronous device I/O": a transfer is submitted once and stays pending from one `read` to the
next, so nothing is lost in between. pyusb's plain reads can't be cancelled from another thread: they would
have to poll.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import time
from threading import Lock
from typing import Any, Final

_INTERRUPT: Final = 3
_COMPLETED, _CANCELLED = 0, 3
_ERRNO_OF_STATUS: Final = {1: errno.EIO, 4: errno.EIO, 5: errno.ENODEV, 6: errno.EOVERFLOW}
"""``enum libusb_transfer_status``: error, stall, no device, overflow."""
_INTERRUPTED: Final = -10
_ERRNO_OF_ERROR: Final = {
    -1: errno.EIO,
    -3: errno.EACCES,
    -4: errno.ENODEV,
    -6: errno.EBUSY,
    -11: errno.ENOMEM,
}
"""``enum libusb_error``."""
_LONGEST_WAIT_S: Final = 3600
_LAST_WAIT_S: Final = 5.0
"""How long to wait for a cancelled transfer."""


class Transfer(ctypes.Structure):
    """``struct libusb_transfer``."""


Callback = ctypes.CFUNCTYPE(None, ctypes.POINTER(Transfer))
Transfer._fields_ = [
    ("dev_handle", ctypes.c_void_p),
    ("flags", ctypes.c_uint8),
    ("endpoint", ctypes.c_uint8),
    ("type", ctypes.c_uint8),
    ("timeout", ctypes.c_uint),
    ("status", ctypes.c_int),
    ("length", ctypes.c_int),
    ("actual_length", ctypes.c_int),
    ("callback", Callback),
    ("user_data", ctypes.c_void_p),
    ("buffer", ctypes.c_void_p),
    ("num_iso_packets", ctypes.c_int),
]


class Timeval(ctypes.Structure):
    """``struct timeval``."""

    _fields_ = (("tv_sec", ctypes.c_long), ("tv_usec", ctypes.c_long))


def asynchronous(path: str) -> Any:
    """Load the functions for transfers from the library at `path`.

    A separate library object: pyusb has set its own argument types on the functions of its object.
    """
    lib = ctypes.CDLL(path)
    transfer = ctypes.POINTER(Transfer)
    lib.libusb_alloc_transfer.restype = transfer
    lib.libusb_alloc_transfer.argtypes = [ctypes.c_int]
    for function in (lib.libusb_submit_transfer, lib.libusb_cancel_transfer, lib.libusb_free_transfer):
        function.argtypes = [transfer]
    lib.libusb_free_transfer.restype = None
    lib.libusb_handle_events_timeout_completed.argtypes = [
        ctypes.c_void_p,
        ctypes.POINTER(Timeval),
        ctypes.POINTER(ctypes.c_int),
    ]
    return lib


class InterruptIn:
    """One endpoint of a claimed interface. One thread may call `read`, any thread `cancel`."""

    def __init__(self, lib: Any, context: Any, handle: Any, endpoint: int, size: int) -> None:
        """Set it up.

        Args:
            lib: The result of `asynchronous`.
            context: The libusb context of the device.
            handle: The open device.
            endpoint: Its address.
            size: Length of the longest report in bytes, rounded up to whole packets.
        """
        self._lib = lib
        self._context = context
        self._completed = ctypes.c_int(0)
        self._buffer = (ctypes.c_uint8 * size)()
        self._callback = Callback(self._done)
        self._transfer = lib.libusb_alloc_transfer(0)
        if not self._transfer:
            raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
        contents = self._transfer.contents
        contents.dev_handle = handle
        contents.endpoint = endpoint
        contents.type = _INTERRUPT
        contents.length = size
        contents.callback = self._callback
        contents.buffer = ctypes.addressof(self._buffer)
        self._is_pending = False
        self._is_cancelled = False
        self._rest: bytes | None = None
        """What came before `free`."""
        self._guard = Lock()
        """Held while a transfer is submitted or completed, so that `cancel` misses none."""

    def read(self, until: float | None) -> bytes | None:
        """Wait for a report, at most until `until` on `time.monotonic`.

        Raises:
            OSError: the device went away.
            EOFError: it was cancelled, and what came before is read.
        """
        if self._rest is not None:
            rest, self._rest = self._rest, None
            return rest
        self._submit()
        while not self._completed.value:
            self._handle_events(_LONGEST_WAIT_S if until is None else until - time.monotonic())
            if not self._completed.value and until is not None and time.monotonic() >= until:
                return None
        self._is_pending = False
        contents = self._transfer.contents
        if contents.status == _COMPLETED:
            return bytes(self._buffer[: contents.actual_length])
        if contents.status == _CANCELLED:
            raise EOFError
        number = _ERRNO_OF_STATUS.get(contents.status, errno.EIO)
        raise OSError(number, os.strerror(number))

    def cancel(self) -> None:
        """Make a waiting `read`, and each later one, raise EOFError."""
        with self._guard:
            self._is_cancelled = True
            if self._transfer:
                self._lib.libusb_cancel_transfer(self._transfer)

    def free(self) -> None:
        """Cancel and free the transfer; no `read` may be running."""
        self.cancel()
        give_up_at = time.monotonic() + _LAST_WAIT_S
        with contextlib.suppress(OSError):
            while self._is_under_way() and time.monotonic() < give_up_at:
                self._handle_events(give_up_at - time.monotonic())
        with self._guard:
            transfer, self._transfer = self._transfer, None
        if self._is_under_way():
            # libusb may still fill and complete it, so it must outlive this object.
            _left_behind.append(self)
        elif transfer:
            if self._is_pending and transfer.contents.status == _COMPLETED:
                self._rest = bytes(self._buffer[: transfer.contents.actual_length])
            self._lib.libusb_free_transfer(transfer)

    def _is_under_way(self) -> bool:
        return self._is_pending and not self._completed.value

    def _submit(self) -> None:
        with self._guard:
            if self._is_pending and self._transfer:
                return
            if self._is_cancelled:
                raise EOFError
            self._completed.value = 0
            _check(self._lib.libusb_submit_transfer(self._transfer))
            self._is_pending = True

    def _handle_events(self, wait_s: float) -> None:
        seconds = max(0.0, wait_s)
        wait = Timeval(int(seconds), int(seconds % 1 * 1_000_000))
        result = self._lib.libusb_handle_events_timeout_completed(
            self._context, ctypes.byref(wait), ctypes.byref(self._completed)
        )
        if result != _INTERRUPTED:
            _check(result)

    def _done(self, _transfer: object) -> None:
        self._completed.value = 1


def _check(result: int) -> None:
    if result < 0:
        number = _ERRNO_OF_ERROR.get(result, errno.EIO)
        raise OSError(number, os.strerror(number))


_left_behind: list[InterruptIn] = []
"""Endpoints whose transfer libusb did not return."""
