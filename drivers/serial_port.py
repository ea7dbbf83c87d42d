"""Serial scanners: RS-232 and USB CDC-ACM, on a port that pyserial has set up.

Reading and writing go to the file descriptor itself: pyserial's `read_until` takes bytes one by one, its
`write` spins while the output buffer is full, and neither can wait for a byte and for `close` at once
without waking up in between.
"""

from __future__ import annotations

import contextlib
import os
import time
from threading import Lock
from typing import TYPE_CHECKING

from drivers.base import Chunk, DeviceGoneError, DriverError
from drivers.finding.match import DeviceMatch
from drivers.finding.nodes import find_node
from drivers.serial_line import LineSettings, open_port
from drivers.waiting import Waiter

if TYPE_CHECKING:
    from collections.abc import Mapping

    import serial

READ_BYTES = 4096
"""More than a terminal's input queue gives at once."""


class SerialPort:
    """One serial scanner."""

    def __init__(self, match: DeviceMatch, line: LineSettings | None = None) -> None:
        self._match = match
        self._line = line or LineSettings()
        self._path = ""
        self._port: serial.Serial | None = None
        self._wake_fd = -1
        self._reading = Lock()
        """Held while the descriptors may be in use by `read`; nobody closes them under it."""
        self._writing = Lock()

    @classmethod
    def from_options(cls, options: Mapping[str, object]) -> SerialPort:
        """The port that a scanner's settings name.

        Raises:
            DeviceOptionError: an option is wrong.
        """
        return cls(DeviceMatch.from_options(options.get("match")), LineSettings.from_options(options))

    def open(self) -> None:
        """Open the port for ourselves alone; labels scanned before are thrown away.

        Raises:
            DeviceGoneError: not there, not permitted, or in use; the text says which.
            DeviceOptionError: it is no serial port, or refuses the settings.
        """
        self.close()
        path = find_node("tty", self._match).path
        port = open_port(path, self._line)
        try:
            wake_fd = os.eventfd(0, os.EFD_CLOEXEC)
        except OSError as error:
            port.close()
            raise DeviceGoneError(f"{path} can't be waited for: {error.strerror}") from error
        with self._reading, self._writing:
            self._path, self._port, self._wake_fd = path, port, wake_fd

    def read(self, until: float | None) -> Chunk | None:
        """Wait for bytes, at most until `until` on `time.monotonic`.

        Returns:
            What one read gave, or None when the time is up.

        Raises:
            DeviceGoneError: the device went away; it is released.
            EOFError: the port is closed.
        """
        with self._reading:
            if self._port is None:
                raise EOFError
            fd, wake_fd = self._port.fileno(), self._wake_fd
            ready = Waiter(fd, wake_fd).wait(until)
            if wake_fd in ready:
                raise EOFError
            if not ready:
                return None
            t = time.monotonic()
            try:
                data = os.read(fd, READ_BYTES)
            except OSError as error:
                why = error.strerror
            else:
                if data:
                    return Chunk(data, t, late=until is not None and t > until)
                # Ready, and yet nothing there: so looks a terminal whose other end has gone.
                why = "it no longer answers"
            self._release()
        raise DeviceGoneError(f"{self._path} went away: {why}")

    def write(self, data: bytes) -> None:
        """Send bytes to the scanner; what does not fit into the output buffer at once is lost.

        Raises:
            DriverError: not all of them were taken.
            DeviceGoneError: the device went away or is closed.
        """
        with self._writing:
            if self._port is None:
                raise DeviceGoneError(f"{self.describe()} is not open")
            try:
                written = os.write(self._port.fileno(), data)
            except BlockingIOError:
                written = 0
            except OSError as error:
                raise DeviceGoneError(f"{self._path} went away: {error.strerror}") from error
        if written < len(data):
            raise DriverError(
                f"{self._path} took only {written} of {len(data)} bytes: is its flow control on?"
            )

    def close(self) -> None:
        """Release the port; a `read` that waits in another thread ends with EOFError."""
        with self._writing:
            if self._port is not None:
                os.eventfd_write(self._wake_fd, 1)
        with self._reading:
            self._release()

    def describe(self) -> str:
        """The device node, or what it is looked for by."""
        return self._path or str(self._match)

    def learnt(self) -> Mapping[str, object]:
        """Nothing: a serial port tells nothing of itself."""
        return {}

    def _release(self) -> None:
        with self._writing:
            port, self._port = self._port, None
            if port is None:
                return
            os.close(self._wake_fd)
            with contextlib.suppress(OSError):
                port.close()
