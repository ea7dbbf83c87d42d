from __future__ import annotations

import os
import time

import pytest

from drivers.base import BrokenFrame, Chunk, DeviceGoneError, Frame
from drivers.discovery.match import DeviceMatch
from drivers.framing import FramingOptions, SerialFraming
from drivers.serial_line.serial_port import SerialPort
from drivers.stream import frames, open_quiet
from tests.running import wait_until


def _open() -> tuple[int, SerialPort]:
    scanner_fd, port_fd = os.openpty()
    port = SerialPort(DeviceMatch(path=os.ttyname(port_fd)))
    os.close(port_fd)
    port.open()
    return scanner_fd, port


def test_a_live_scan_is_returned_as_soon_as_it_is_complete() -> None:
    scanner_fd, port = _open()
    stream = frames(port, SerialFraming(FramingOptions()))
    os.write(scanner_fd, b"SN-1\rSN")
    first = next(stream)
    os.write(scanner_fd, b"-2\r")
    second = next(stream)
    assert isinstance(first, Frame)
    assert isinstance(second, Frame)
    assert (first.data, second.data) == (b"SN-1", b"SN-2")
    port.close()
    assert list(stream) == []
    os.close(scanner_fd)


def test_silence_on_a_live_port_ends_a_scan_without_another_byte() -> None:
    scanner_fd, port = _open()
    started = time.monotonic()
    os.write(scanner_fd, b"SN-1")
    frame = next(frames(port, SerialFraming(FramingOptions(terminator=b"", gap_ms=50))))
    assert isinstance(frame, Frame)
    assert (frame.data, frame.t >= started + 0.05) == (b"SN-1", True)
    port.close()
    os.close(scanner_fd)


def test_an_unfinished_scan_is_broken_when_the_device_is_disconnected() -> None:
    scanner_fd, port = _open()
    os.write(scanner_fd, b"SN-1")
    stream = frames(port, SerialFraming(FramingOptions()), lambda _chunk: os.close(scanner_fd))
    broken = next(stream)
    assert isinstance(broken, BrokenFrame)
    assert broken.data == b"SN-1"
    with pytest.raises(DeviceGoneError):
        next(stream)


def test_a_scan_in_progress_at_opening_is_discarded_completely() -> None:
    scanner_fd, port_fd = os.openpty()
    os.write(scanner_fd, b"SN-12")
    rest = [b"345\r"]

    class Port(SerialPort):
        def open(self) -> None:
            super().open()
            if rest:
                os.write(scanner_fd, rest.pop())
                held = self._port
                assert held is not None
                wait_until(lambda: held.in_waiting)

    port = Port(DeviceMatch(path=os.ttyname(port_fd)))
    open_quiet(port)
    os.write(scanner_fd, b"SN-2\r")
    frame = next(frames(port, SerialFraming(FramingOptions())))
    assert isinstance(frame, Frame)
    assert frame.data == b"SN-2"
    port.close()
    for fd in (scanner_fd, port_fd):
        os.close(fd)


def test_a_device_that_never_stops_sending_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.stream.NEVER_QUIET_S", 0.2)
    scanner_fd, port = _open()
    monkeypatch.setattr(port, "read", lambda _until: Chunk(b"x", time.monotonic()))
    with pytest.raises(DeviceGoneError, match="never stops sending"):
        open_quiet(port)
    port.close()
    os.close(scanner_fd)
