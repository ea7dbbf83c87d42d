"""Serial scanners: RS-232 and USB CDC-ACM, on a port set up by pyserial.

Reads and writes use the file descriptor directly: pyserial's `read_until` takes bytes one by one, its
`write` spins while the output buffer is full, and neither can wait for a byte and for `close` at once
without polling.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import grp
import os
import stat
import termios
import time
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

import serial

from drivers import options as option
from drivers.base import (
    Chunk,
    DeviceBusyError,
    DeviceGoneError,
    DeviceOptionError,
    DriverError,
    Waiter,
)
from drivers.discovery.match import DeviceMatch
from drivers.discovery.nodes import find_node

if TYPE_CHECKING:
    from collections.abc import Mapping


_PARITY = {"none": serial.PARITY_NONE, "even": serial.PARITY_EVEN, "odd": serial.PARITY_ODD}
_WRONG_DEVICE = {errno.ENOTTY, errno.EISDIR, errno.EINVAL}
_LAST_BAUD_RATE = 4_000_000
_GROUP_READS_AND_WRITES = stat.S_IRGRP | stat.S_IWGRP


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSettings:
    """Speed and format of the line; a USB CDC-ACM scanner ignores them."""

    baud_rate: int = 9600
    data_bits: int = 8
    parity: str = "none"
    stop_bits: int = 1
    flow_control: str = "none"

    @classmethod
    def from_options(cls, options: Mapping[str, object]) -> LineSettings:
        """Read a scanner's settings.

        Raises:
            DeviceOptionError: an option is wrong.
        """
        return cls(
            baud_rate=option.whole_number(options, "baud_rate", 9600, range(50, _LAST_BAUD_RATE + 1)),
            data_bits=option.whole_number(options, "data_bits", 8, range(7, 9)),
            parity=option.one_of(options, "parity", "none", ("none", "even", "odd")),
            stop_bits=option.whole_number(options, "stop_bits", 1, range(1, 3)),
            flow_control=option.one_of(options, "flow_control", "none", ("none", "xonxoff", "rtscts")),
        )


def open_port(path: str, line: LineSettings) -> serial.Serial:
    """Open a port exclusively, set up the line, and discard the data received so far.

    Raises:
        DeviceGoneError: it is missing, not permitted, or in use; the text says which.
        DeviceOptionError: it is not a serial port, or refuses the settings.
    """
    # A pseudo-terminal has no line and refuses line settings. pyserial flushes older data.
    plain = _is_pseudo_terminal(path)
    try:
        port = serial.Serial(
            path,
            exclusive=True,
            baudrate=line.baud_rate,
            bytesize=8 if plain else line.data_bits,
            parity=serial.PARITY_NONE if plain else _PARITY[line.parity],
            stopbits=line.stop_bits,
            xonxoff=line.flow_control == "xonxoff",
            rtscts=line.flow_control == "rtscts",
        )
    except (OSError, termios.error) as error:
        raise _why_not(path, error) from error
    except ValueError as error:
        raise DeviceOptionError(f"{path} refuses its settings: {error}") from error
    try:
        _claim(port.fileno(), path)
    except (OSError, termios.error) as error:
        port.close()
        raise _why_not(path, error) from error
    return port


def _claim(fd: int, path: str) -> None:
    """Set up what pyserial doesn't."""
    if not _is_pseudo_terminal(path):
        # pyserial's lock is advisory; this one excludes everybody. A pseudo-terminal would keep it
        # after a crash, because its other end stays open.
        fcntl.ioctl(fd, termios.TIOCEXCL)
    # A byte with wrong parity or framing then reads as NUL, which no label has, not as another character.
    attributes = termios.tcgetattr(fd)
    attributes[0] |= termios.INPCK
    termios.tcsetattr(fd, termios.TCSANOW, attributes)


def _is_pseudo_terminal(path: str) -> bool:
    return os.path.realpath(path).startswith("/dev/pts/")


def _why_not(path: str, error: OSError | termios.error) -> DriverError:
    number = _error_number(error)
    if number in (errno.EBUSY, errno.EAGAIN):
        return DeviceBusyError(f"{path} is in use by another program; `fuser -v {path}` names it")
    if number == errno.ENOENT:
        return DeviceGoneError(f"{path} is not there: is the scanner plugged in?")
    if number in (errno.EACCES, errno.EPERM):
        return DeviceGoneError(f"{path}: permission denied; {_access_advice(path)}")
    if number in _WRONG_DEVICE:
        return DeviceOptionError(
            f"{path} is not a serial port, or refuses its settings: {os.strerror(number)}"
        )
    return DeviceGoneError(f"{path} can't be opened: {os.strerror(number) if number else error}")


def _error_number(error: OSError | termios.error) -> int:
    """The errno, which pyserial sometimes leaves in the original error."""
    for candidate in (error, error.__context__):
        if isinstance(candidate, OSError | termios.error) and candidate.args:
            number = candidate.args[0]
            if isinstance(number, int):
                return number
    return 0


def _access_advice(path: str) -> str:
    try:
        status = os.stat(path)  # noqa: PTH116 - nodes are text
    except OSError:
        return "its directory can't be read"
    mode = stat.S_IMODE(status.st_mode)
    try:
        group = grp.getgrgid(status.st_gid).gr_name
    except KeyError:
        group = str(status.st_gid)
    if status.st_gid and mode & _GROUP_READS_AND_WRITES == _GROUP_READS_AND_WRITES:
        return f'add the user to the group "{group}" (sudo usermod -aG {group} USER) and start again'
    return f"its mode is {mode:04o}, group {group}: a udev rule must give it to a group of the user"


READ_BYTES = 4096
"""More than a terminal's input queue returns at once."""


class SerialPort:
    """One serial scanner."""

    def __init__(self, match: DeviceMatch, line: LineSettings | None = None) -> None:
        self._match = match
        self._line = line or LineSettings()
        self._path = ""
        self._port: serial.Serial | None = None
        self._wake_fd = -1
        self._rest: tuple[bytes, float] | None = None
        """What came before `close` and when it was fetched, for the next `read`."""
        self._reading = Lock()
        """Held while `read` may use the descriptors, so that nobody closes them."""
        self._writing = Lock()

    @classmethod
    def from_options(cls, options: Mapping[str, object]) -> SerialPort:
        """Create a driver for the port in a scanner's settings.

        Raises:
            DeviceOptionError: an option is wrong.
        """
        return cls(DeviceMatch.from_options(options.get("match")), LineSettings.from_options(options))

    def open(self) -> None:
        """Open the port exclusively; labels scanned before are discarded.

        Raises:
            DeviceGoneError: it is missing, not permitted, or in use; the text says which.
            DeviceOptionError: it is not a serial port, or refuses the settings.
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
            self._rest = None

    def read(self, until: float | None) -> Chunk | None:
        """Wait for bytes, at most until `until` on `time.monotonic`.

        Returns:
            The result of one read, or None after `until`.

        Raises:
            DeviceGoneError: the device went away; it is released.
            EOFError: the port is closed, and what came before is read.
        """
        with self._reading:
            if self._port is None:
                if self._rest is None:
                    raise EOFError
                (data, t), self._rest = self._rest, None
                return Chunk(data, t, late=until is not None and t > until)
            fd = self._port.fileno()
            ready = Waiter(fd, self._wake_fd).wait(until)
            if fd not in ready:
                if ready:
                    raise EOFError
                return None
            t = time.monotonic()
            try:
                data = os.read(fd, READ_BYTES)
            except OSError as error:
                why = error.strerror
            else:
                if data:
                    return Chunk(data, t, late=until is not None and t > until)
                # A terminal whose other end is gone is ready but returns nothing.
                why = "it no longer answers"
            self._release()
        raise DeviceGoneError(f"{self._path} went away: {why}")

    def write(self, data: bytes) -> None:
        """Send bytes to the scanner; bytes that don't fit into the output buffer are lost.

        Raises:
            DriverError: not all bytes were sent.
            DeviceGoneError: the device was disconnected or is closed.
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
        """Release the port; a waiting `read` in another thread raises EOFError."""
        with self._writing:
            if self._port is not None:
                os.eventfd_write(self._wake_fd, 1)
        with self._reading:
            if self._port is not None:
                with contextlib.suppress(OSError):
                    if data := os.read(self._port.fileno(), READ_BYTES):
                        self._rest = data, time.monotonic()
            self._release()

    def describe(self) -> str:
        """The device node, or else what identifies the device."""
        return self._path or str(self._match)

    def learnt(self) -> Mapping[str, object]:
        """Nothing: a serial port reports nothing."""
        return {}

    def _release(self) -> None:
        with self._writing:
            port, self._port = self._port, None
            if port is None:
                return
            os.close(self._wake_fd)
            with contextlib.suppress(OSError):
                port.close()
