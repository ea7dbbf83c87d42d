from __future__ import annotations

import grp
import os
import termios
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from drivers.base import Chunk, DeviceBusyError, DeviceGoneError, DeviceOptionError, DriverError
from drivers.discovery.match import DeviceMatch
from drivers.serial_line.serial_port import LineSettings, SerialPort, _access_advice
from tests.drivers.reading import Reader
from tests.running import PATIENCE_S, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator


class Scanner:
    """The other end of a serial port."""

    def __init__(self) -> None:
        self.fd, port_fd = os.openpty()
        self.path = os.ttyname(port_fd)
        os.close(port_fd)
        os.set_blocking(self.fd, False)

    def send(self, data: bytes) -> None:
        os.write(self.fd, data)

    def received(self) -> bytes:
        return os.read(self.fd, 4096)

    def unplug(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


@pytest.fixture
def scanner() -> Iterator[Scanner]:
    scanner = Scanner()
    yield scanner
    scanner.unplug()


@pytest.fixture
def port(scanner: Scanner) -> Iterator[SerialPort]:
    port = SerialPort(DeviceMatch(path=scanner.path))
    port.open()
    yield port
    port.close()


def _read(port: SerialPort, length: int) -> bytes:
    """Read this many bytes, in as many reads as needed."""
    data = b""
    while len(data) < length:
        chunk = port.read(time.monotonic() + PATIENCE_S)
        assert chunk is not None
        data += chunk.data
    return data


def _wait_for(port: SerialPort, length: int) -> None:
    """Until the port holds as many bytes."""
    held = port._port
    assert held is not None
    wait_until(lambda: held.in_waiting == length)


def test_the_scanners_data_is_read_unchanged(scanner: Scanner, port: SerialPort) -> None:
    everything = bytes(range(256))
    scanner.send(everything)
    assert _read(port, 256) == everything


def test_a_chunk_has_the_time_of_its_read(scanner: Scanner, port: SerialPort) -> None:
    before = time.monotonic()
    scanner.send(b"SN-1\r")
    chunk = port.read(None)
    assert chunk is not None
    assert chunk.data == b"SN-1\r"
    assert before <= chunk.t <= time.monotonic()


def test_a_label_scanned_before_opening_is_discarded(scanner: Scanner) -> None:
    scanner.send(b"SN-OLD\n")
    port = SerialPort(DeviceMatch(path=scanner.path))
    port.open()
    scanner.send(b"SN-1\r")
    assert _read(port, 5) == b"SN-1\r"
    port.close()


def test_a_read_returns_nothing_after_its_deadline(port: SerialPort) -> None:
    started = time.monotonic()
    assert port.read(started + 0.05) is None
    assert time.monotonic() >= started + 0.05
    assert port.read(started) is None


def test_a_waiting_read_sleeps_until_data_arrives(scanner: Scanner, port: SerialPort) -> None:
    reader = Reader(port)
    time.sleep(1)
    scanner.send(b"SN-1\r")
    chunk = reader.finish()
    assert isinstance(chunk, Chunk)
    assert reader.sleeps <= 8


def test_closing_ends_a_waiting_read(port: SerialPort) -> None:
    reader = Reader(port)
    time.sleep(0.05)
    port.close()
    assert isinstance(reader.finish(), EOFError)


def test_what_came_before_the_port_was_closed_is_still_read(scanner: Scanner, port: SerialPort) -> None:
    scanner.send(b"SN-1\r")
    _wait_for(port, 5)
    port.close()
    assert _read(port, 5) == b"SN-1\r"
    with pytest.raises(EOFError):
        port.read(None)


def test_what_came_before_a_reader_hears_of_the_closing_is_read_first(
    scanner: Scanner, port: SerialPort
) -> None:
    scanner.send(b"SN-1\r")
    _wait_for(port, 5)
    os.eventfd_write(port._wake_fd, 1)
    assert _read(port, 5) == b"SN-1\r"
    with pytest.raises(EOFError):
        port.read(None)


def test_a_closed_port_has_no_more_to_read_and_can_be_opened_again(
    scanner: Scanner, port: SerialPort
) -> None:
    port.close()
    port.close()
    with pytest.raises(EOFError):
        port.read(None)
    port.open()
    scanner.send(b"SN-1\r")
    assert _read(port, 5) == b"SN-1\r"


def test_unplugging_the_scanner_ends_a_waiting_read(scanner: Scanner, port: SerialPort) -> None:
    reader = Reader(port)
    time.sleep(0.05)
    scanner.unplug()
    error = reader.finish()
    assert isinstance(error, DeviceGoneError)
    assert str(error).startswith(f"{scanner.path} went away: ")


def test_data_sent_before_unplugging_is_still_read(scanner: Scanner, port: SerialPort) -> None:
    reader = Reader(port)
    scanner.send(b"SN-1\r")
    chunk = reader.finish()
    scanner.unplug()
    assert isinstance(chunk, Chunk)
    with pytest.raises(DeviceGoneError):
        port.read(None)


def test_a_scanner_that_is_plugged_in_again_can_be_reopened(tmp_path: Path) -> None:
    link = tmp_path / "usb-scanner"
    port = SerialPort(DeviceMatch(path=str(link)))
    for text in (b"SN-1\r", b"SN-2\r", b"SN-3\r"):
        with pytest.raises(DeviceGoneError, match="is not there"):
            port.open()
        scanner = Scanner()
        link.symlink_to(scanner.path)
        port.open()
        scanner.send(text)
        assert _read(port, len(text)) == text
        scanner.unplug()
        with pytest.raises(DeviceGoneError, match="went away"):
            port.read(None)
        link.unlink()


def test_a_port_is_opened_exclusively(scanner: Scanner, port: SerialPort) -> None:
    second = SerialPort(DeviceMatch(path=scanner.path))
    with pytest.raises(DeviceBusyError, match="is in use by another program"):
        second.open()
    port.close()
    second.open()
    second.close()


def test_a_missing_port_is_named() -> None:
    port = SerialPort(DeviceMatch(path="/dev/ttyNOTHING"))
    assert port.describe() == "/dev/ttyNOTHING"
    with pytest.raises(DeviceGoneError) as error:
        port.open()
    assert str(error.value) == "/dev/ttyNOTHING is not there: is the scanner plugged in?"


def test_a_file_that_is_not_a_serial_port_is_a_wrong_setting(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for path in ("/dev/null", str(file), str(tmp_path)):
        with pytest.raises(DeviceOptionError, match="is not a serial port"):
            SerialPort(DeviceMatch(path=path)).open()


def test_a_port_without_permission_is_reported(scanner: Scanner) -> None:
    Path(scanner.path).chmod(0)
    with _without_rights(), pytest.raises(DeviceGoneError, match="permission denied"):
        SerialPort(DeviceMatch(path=scanner.path)).open()


@contextmanager
def _without_rights() -> Iterator[None]:
    """Root may open anything, so change the effective user temporarily."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_without_permission_the_group_to_join_is_named(tmp_path: Path) -> None:
    node = tmp_path / "node"
    node.touch()
    if os.geteuid() == 0:
        os.chown(node, 0, 1)
    group = grp.getgrgid(node.stat().st_gid).gr_name
    node.chmod(0o660)
    assert _access_advice(str(node)) == (
        f'add the user to the group "{group}" (sudo usermod -aG {group} USER) and start again'
    )
    node.chmod(0o600)
    assert _access_advice(str(node)) == (
        f"its mode is 0600, group {group}: a udev rule must give it to a group of the user"
    )


def test_a_port_without_a_line_accepts_line_settings(scanner: Scanner) -> None:
    line = LineSettings(baud_rate=115_200, data_bits=7, parity="even", stop_bits=2, flow_control="rtscts")
    port = SerialPort(DeviceMatch(path=scanner.path), line)
    port.open()
    scanner.send(b"SN-1\r")
    assert _read(port, 5) == b"SN-1\r"
    port.close()


@pytest.mark.parametrize(
    ("line", "speed", "stop_and_rts", "xon"),
    [
        (LineSettings(), termios.B9600, 0, 0),
        (LineSettings(baud_rate=115_200, stop_bits=2), termios.B115200, termios.CSTOPB, 0),
        (LineSettings(baud_rate=1200, flow_control="rtscts"), termios.B1200, termios.CRTSCTS, 0),
        (LineSettings(flow_control="xonxoff"), termios.B9600, 0, termios.IXON | termios.IXOFF),
    ],
)
def test_a_port_gets_its_line_settings_and_a_broken_byte_reads_as_nul(
    scanner: Scanner, line: LineSettings, speed: int, stop_and_rts: int, xon: int
) -> None:
    port = SerialPort(DeviceMatch(path=scanner.path), line)
    port.open()
    input_flags, _, control_flags, _, *speeds, _ = termios.tcgetattr(scanner.fd)
    port.close()
    assert speeds == [speed, speed]
    assert control_flags & (termios.CSTOPB | termios.CRTSCTS) == stop_and_rts
    assert input_flags & (termios.IXON | termios.IXOFF) == xon
    assert input_flags & termios.INPCK


def test_a_port_is_made_of_a_scanners_settings(scanner: Scanner) -> None:
    port = SerialPort.from_options({"name": "left", "match": {"path": scanner.path}, "baud_rate": 4800})
    port.open()
    assert port.describe() == scanner.path
    port.close()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"baud_rate": "9600"}, "baud_rate = '9600': must be a whole number from 50 to 4000000"),
        ({"data_bits": 9}, "data_bits = 9: must be a whole number from 7 to 8"),
        ({"parity": "mark"}, 'parity = \'mark\': must be one of "none", "even", "odd"'),
        ({"match": {}}, "match: does not identify a device; set by_id, path, or vid and pid"),
        ({"match": None}, "match = None: must be a table of path, by_id, vid, pid, usb_serial, port_path"),
        ({"match": {"path": 1}}, "path = 1: must be a string"),
        ({"match": {"vid": 65_536}}, "vid = 65536: must be a whole number from 0 to 65535"),
        (
            {"match": {"tty": "x"}},
            "match.tty: unknown key; the keys are path, by_id, vid, pid, usb_serial, port_path",
        ),
    ],
)
def test_a_wrong_setting_is_refused_with_what_is_allowed(options: dict[str, object], message: str) -> None:
    with pytest.raises(DeviceOptionError) as error:
        SerialPort.from_options({"match": {"path": "/dev/ttyS0"}} | options)
    assert str(error.value) == message


def test_a_reply_reaches_the_scanner(scanner: Scanner, port: SerialPort) -> None:
    port.write(b"\x06")
    assert scanner.received() == b"\x06"


def test_a_reply_that_is_not_read_fails_at_once(port: SerialPort) -> None:
    more_than_a_buffer_holds = b"\x06" * 1_000_000
    with pytest.raises(DriverError, match=r"took only [1-9][0-9]* of 1000000 bytes"):
        port.write(more_than_a_buffer_holds)
    with pytest.raises(DriverError, match=r"took only [0-9]+ of 1000000 bytes"):
        port.write(more_than_a_buffer_holds)


def test_a_reply_to_a_disconnected_scanner_is_an_error(scanner: Scanner, port: SerialPort) -> None:
    scanner.unplug()
    with pytest.raises(DeviceGoneError, match="went away"):
        port.write(b"\x06")
    port.close()
    with pytest.raises(DeviceGoneError, match="is not open"):
        port.write(b"\x06")


def test_a_reply_can_be_sent_while_a_read_waits(scanner: Scanner, port: SerialPort) -> None:
    reader = Reader(port)
    time.sleep(0.05)
    port.write(b"\x06")
    assert scanner.received() == b"\x06"
    scanner.send(b"SN-1\r")
    assert isinstance(reader.finish(), Chunk)


def test_opening_and_closing_leaves_no_descriptors_behind(scanner: Scanner) -> None:
    port = SerialPort(DeviceMatch(path=scanner.path))
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        port.open()
    port.close()
    assert len(list(Path("/proc/self/fd").iterdir())) <= before
