from __future__ import annotations

import os
import threading
import time

import pytest

from drivers.base import BrokenFrame, DeviceGoneError, Frame
from drivers.discovery.match import DeviceMatch
from drivers.framing import FramingOptions, SerialFraming
from drivers.serial_line.serial_port import SerialPort
from drivers.stream import frames, open_quiet


def _open() -> tuple[int, SerialPort]:
    scanner_fd, port_fd = os.openpty()
    port = SerialPort(DeviceMatch(path=os.ttyname(port_fd)))
    os.close(port_fd)
    port.open()
    return scanner_fd, port


def test_a_live_scan_is_given_as_soon_as_it_is_whole() -> None:
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


def test_a_scan_that_was_under_way_when_the_device_went_is_broken() -> None:
    scanner_fd, port = _open()
    os.write(scanner_fd, b"SN-1")
    threading.Timer(0.1, os.close, [scanner_fd]).start()
    stream = frames(port, SerialFraming(FramingOptions()))
    broken = next(stream)
    assert isinstance(broken, BrokenFrame)
    assert broken.data == b"SN-1"
    with pytest.raises(DeviceGoneError):
        next(stream)


def test_a_scan_under_way_at_opening_is_thrown_away_whole() -> None:
    scanner_fd, port_fd = os.openpty()
    os.write(scanner_fd, b"SN-12")
    rest = threading.Timer(0.03, os.write, [scanner_fd, b"345\r"])
    rest.start()
    port = SerialPort(DeviceMatch(path=os.ttyname(port_fd)))
    open_quiet(port)
    rest.join()
    os.write(scanner_fd, b"SN-2\r")
    frame = next(frames(port, SerialFraming(FramingOptions())))
    assert isinstance(frame, Frame)
    assert frame.data == b"SN-2"
    port.close()
    for fd in (scanner_fd, port_fd):
        os.close(fd)


def test_a_device_that_never_falls_silent_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drivers.stream.NEVER_QUIET_S", 0.2)
    scanner_fd, port = _open()
    stop = threading.Event()

    def chatter() -> None:
        while not stop.wait(0.01):
            os.write(scanner_fd, b"x")

    talking = threading.Thread(target=chatter)
    talking.start()
    with pytest.raises(DeviceGoneError, match="sends without end"):
        open_quiet(port)
    stop.set()
    talking.join()
    port.close()
    os.close(scanner_fd)
