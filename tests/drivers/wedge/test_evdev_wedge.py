from __future__ import annotations

import errno
import os
import struct
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from drivers.base import (
    Chunk,
    DeviceBusyError,
    DeviceGoneError,
    DeviceOptionError,
    DriverError,
    KeyState,
)
from drivers.discovery.match import DeviceMatch
from drivers.stream import frames
from drivers.wedge.evdev_wedge import EvdevWedge
from drivers.wedge.input_events import CODES, EV_KEY
from drivers.wedge.keyboard import EVENTS_LOST, KeyboardDecoder
from tests.drivers.reading import Reader
from tests.drivers.wedge.keys import DROPPED, down, keys, reasons, texts, up
from tests.drivers.wedge.typist import SYNCHRONISED, scan
from tests.running import PATIENCE_S, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from drivers.base import InputEvent
    from drivers.wedge.input_events import InputNode

INPUT_EVENT = struct.Struct("llHHi")
"""``struct input_event``: seconds, microseconds, type, code, value."""
MOST_EVENTS_A_READ = 64


@dataclass(slots=True)
class Event:
    """An event of the evdev package."""

    sec: int
    usec: int
    type: int
    code: int
    value: int


class Scanner:
    """A fake keyboard: a pipe with the events of a kernel event node, and the node's other commands."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        path.touch()
        self.fd = -1
        self._write_fd = -1
        self.held: list[int] = []
        self.lit: list[int] = []
        self.typed_before_opening: list[InputEvent] = []
        self.grabbed = False
        self.grab_error = self.open_error = self.state_error = 0
        self.closed = 0
        self.times_asked = 0
        """For the keys that are held: at opening, and after dropped events."""

    def opened(self, path: str) -> InputNode:
        assert path == self.path
        if self.open_error:
            raise OSError(self.open_error, os.strerror(self.open_error))
        self.fd, self._write_fd = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self.grabbed = False
        self.type(self.typed_before_opening)
        return self

    def type(self, events: Iterable[InputEvent], ago_s: float = 0.0, now: float | None = None) -> None:
        sec, part = divmod((time.monotonic() if now is None else now) - ago_s, 1)
        usec = int(part * 1_000_000)
        os.write(self._write_fd, b"".join(INPUT_EVENT.pack(int(sec), usec, *event) for event in events))

    def unplug(self) -> None:
        os.close(self._write_fd)

    def read(self) -> Iterator[Event]:
        raw = os.read(self.fd, MOST_EVENTS_A_READ * INPUT_EVENT.size)
        if not raw:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        for fields in INPUT_EVENT.iter_unpack(raw):
            yield Event(*fields)

    def grab(self) -> None:
        if self.grab_error:
            raise OSError(self.grab_error, os.strerror(self.grab_error))
        self.grabbed = True

    def active_keys(self) -> list[int]:
        if self.state_error:
            raise OSError(self.state_error, os.strerror(self.state_error))
        # Like the kernel: remove key events that are older than the result from the queue, keep others.
        with suppress(BlockingIOError):
            queued = INPUT_EVENT.iter_unpack(os.read(self.fd, 1 << 16))
            others = [INPUT_EVENT.pack(*fields) for fields in queued if fields[2] != EV_KEY]
            os.write(self._write_fd, b"".join(others))
        self.times_asked += 1
        return self.held

    def leds(self) -> list[int]:
        return self.lit

    def close(self) -> None:
        os.close(self.fd)
        self.grabbed = False
        self.closed += 1


@pytest.fixture
def scanner(tmp_path: Path) -> Scanner:
    return Scanner(tmp_path / "event0")


@pytest.fixture
def wedge(scanner: Scanner) -> Iterator[EvdevWedge]:
    wedge = EvdevWedge(DeviceMatch(path=scanner.path), scanner.opened)
    wedge.open()
    yield wedge
    wedge.close()


def read_events(wedge: EvdevWedge) -> tuple[InputEvent, ...]:
    chunk = wedge.read(time.monotonic() + PATIENCE_S)
    assert chunk is not None
    return chunk.events


def test_events_are_read_unchanged(scanner: Scanner, wedge: EvdevWedge) -> None:
    events = ((4, 4, 458_756), (1, 30, 1), (2, 1, -5), (0xFFFF, 0xFFFF, -(1 << 31)), SYNCHRONISED)
    scanner.type(events)
    assert read_events(wedge) == events


def test_each_report_is_a_chunk_of_the_time_the_kernel_had_it(scanner: Scanner, wedge: EvdevWedge) -> None:
    now = time.monotonic()
    scanner.type(down("A"), 0.5, now)
    scanner.type(up("A"), 0.25, now)
    chunks = [wedge.read(None), wedge.read(None)]
    assert [chunk.events for chunk in chunks if chunk] == [tuple(down("A")), tuple(up("A"))]
    assert [chunk.t for chunk in chunks if chunk] == pytest.approx([now - 0.5, now - 0.25], abs=1e-5)


def test_a_report_split_by_a_read_is_two_chunks(scanner: Scanner, wedge: EvdevWedge) -> None:
    scanner.type(down("A")[:1])
    assert read_events(wedge) == tuple(down("A")[:1])
    scanner.type(down("A")[1:])
    assert read_events(wedge) == (SYNCHRONISED,)


@pytest.mark.parametrize("ago_s", [-1e9, 1e6])
def test_times_of_another_clock_never_decrease_and_are_never_in_the_future(
    scanner: Scanner, wedge: EvdevWedge, ago_s: float
) -> None:
    until = time.monotonic()
    assert wedge.read(until) is None
    scanner.type(keys("A"), ago_s=min(ago_s, until))
    for _ in range(2):
        chunk = wedge.read(None)
        assert chunk is not None
        assert until <= chunk.t <= time.monotonic()


def test_two_scans_read_late_stay_two_if_silence_ends_them(scanner: Scanner, wedge: EvdevWedge) -> None:
    found = frames(wedge, KeyboardDecoder.from_options({"terminator": "", "gap_ms": 50}))
    scanner.type(keys("1", "2"), ago_s=0.4)
    scanner.type(keys("3", "4"), ago_s=0.2)
    assert texts([next(found), next(found)]) == ["12", "34"]


def test_a_scan_whose_end_is_read_late_is_complete(scanner: Scanner, wedge: EvdevWedge) -> None:
    decoder = KeyboardDecoder.from_options({"frame_timeout_ms": 100})
    found = frames(wedge, decoder)
    now = time.monotonic()
    scanner.type(keys("1"), 1.0, now)
    scanner.type(keys("2", "ENTER"), 0.95, now)
    assert texts([next(found)]) == ["12"]


def test_the_scanner_is_grabbed_while_it_is_open(scanner: Scanner, wedge: EvdevWedge) -> None:
    assert scanner.grabbed
    wedge.close()
    assert not scanner.grabbed


def test_keys_typed_before_opening_are_discarded(scanner: Scanner) -> None:
    scanner.typed_before_opening = keys("1") * 100
    wedge = EvdevWedge(DeviceMatch(path=scanner.path), scanner.opened)
    wedge.open()
    scanner.type(keys("2"))
    assert read_events(wedge) == tuple(down("2"))
    wedge.close()


def test_the_first_chunk_has_the_key_state(scanner: Scanner) -> None:
    scanner.held, scanner.lit = [CODES["LEFTSHIFT"]], [1]
    wedge = EvdevWedge(DeviceMatch(path=scanner.path), scanner.opened)
    wedge.open()
    for expected in (KeyState(frozenset(scanner.held), frozenset(scanner.lit)), None):
        scanner.type(keys("A"))
        chunk = wedge.read(None)
        assert chunk is not None
        assert chunk.key_state == expected
    wedge.close()


def test_after_dropped_events_the_next_chunk_has_the_key_state(scanner: Scanner, wedge: EvdevWedge) -> None:
    scanner.held = [CODES["RIGHTSHIFT"]]
    gap = [DROPPED, *down("2")]
    scanner.type([*down("1"), *gap, *keys("3")])
    assert [read_events(wedge), read_events(wedge)] == [tuple(down("1")), tuple(gap)]
    scanner.type(down("4"))
    chunk = wedge.read(None)
    assert chunk is not None
    assert (chunk.events, chunk.key_state) == (tuple(down("4")), KeyState(frozenset({CODES["RIGHTSHIFT"]})))


def test_a_gap_may_end_in_a_later_read(scanner: Scanner, wedge: EvdevWedge) -> None:
    scanner.held = [CODES["RIGHTSHIFT"]]
    key_states = []
    for part in ([DROPPED], [*down("2")], [*down("4")]):
        scanner.type(part)
        chunk = wedge.read(None)
        assert chunk is not None
        key_states.append(chunk.key_state)
    assert key_states == [KeyState(), None, KeyState(frozenset({CODES["RIGHTSHIFT"]}))]


def test_a_scan_with_dropped_events_is_rejected_and_the_next_one_is_read(
    scanner: Scanner, wedge: EvdevWedge
) -> None:
    found = frames(wedge, KeyboardDecoder.from_options({"frame_timeout_ms": 0}))
    scanner.type([*scan("1", "us"), *scan("2", "us"), DROPPED, *down("X"), *scan("3", "us"), *keys("4")])
    whole = [next(found), next(found)]
    reader = iter(found)

    def type_on() -> None:
        wait_until(lambda: scanner.times_asked == 2)
        scanner.type([*scan("5", "us"), *scan("6", "us")])

    later = threading.Thread(target=type_on, daemon=True)
    later.start()
    rest = [next(reader), next(reader)]
    assert (texts(whole), reasons(rest), texts(rest)) == (["1", "2"], [EVENTS_LOST], ["6"])


def test_a_disconnection_right_after_dropped_events_reports_both(scanner: Scanner, wedge: EvdevWedge) -> None:
    scanner.state_error = errno.ENODEV
    scanner.type([DROPPED, SYNCHRONISED])
    scanner.unplug()
    found = frames(wedge, KeyboardDecoder.from_options({}))
    assert reasons([next(found)]) == [EVENTS_LOST]
    with pytest.raises(DeviceGoneError):
        next(found)


def test_a_read_returns_nothing_after_its_deadline(wedge: EvdevWedge) -> None:
    started = time.monotonic()
    assert wedge.read(started + 0.05) is None
    assert time.monotonic() >= started + 0.05
    assert wedge.read(started) is None


def test_a_waiting_read_sleeps_until_events_arrive(scanner: Scanner, wedge: EvdevWedge) -> None:
    reader = Reader(wedge)
    time.sleep(0.5)
    scanner.type(keys("A"))
    assert isinstance(reader.finish(), Chunk)
    assert reader.sleeps <= 8


def test_closing_ends_a_waiting_read(wedge: EvdevWedge) -> None:
    reader = Reader(wedge)
    time.sleep(0.05)
    wedge.close()
    assert isinstance(reader.finish(), EOFError)


def test_a_closed_scanner_has_no_more_events_and_can_be_reopened(scanner: Scanner, wedge: EvdevWedge) -> None:
    wedge.close()
    wedge.close()
    with pytest.raises(EOFError):
        wedge.read(None)
    wedge.open()
    scanner.type(keys("A"))
    assert wedge.read(None)


def test_what_was_typed_before_the_scanner_was_closed_is_still_read(
    scanner: Scanner, wedge: EvdevWedge
) -> None:
    scanner.type(keys("A"))
    assert read_events(wedge) == tuple(down("A"))
    scanner.type(down("B"))
    wedge.close()
    assert [read_events(wedge), read_events(wedge)] == [tuple(up("A")), tuple(down("B"))]
    with pytest.raises(EOFError):
        wedge.read(None)


def test_what_was_typed_before_a_reader_hears_of_the_closing_is_read_first(
    scanner: Scanner, wedge: EvdevWedge
) -> None:
    scanner.type(down("A"))
    os.eventfd_write(wedge._wake_fd, 1)
    assert read_events(wedge) == tuple(down("A"))
    with pytest.raises(EOFError):
        wedge.read(None)


def test_what_waited_when_the_scanner_was_closed_is_not_read_later(
    scanner: Scanner, wedge: EvdevWedge
) -> None:
    scanner.type(keys("A"))
    assert read_events(wedge) == tuple(down("A"))
    wedge.close()
    wedge.open()
    scanner.type(down("B"))
    assert read_events(wedge) == tuple(down("B"))


def test_an_unplugged_scanner_is_released(scanner: Scanner, wedge: EvdevWedge) -> None:
    reader = Reader(wedge)
    time.sleep(0.05)
    scanner.unplug()
    error = reader.finish()
    assert isinstance(error, DeviceGoneError)
    assert str(error) == f"{scanner.path} went away: No such device"
    assert scanner.closed == 1


def test_events_before_unplugging_are_still_read(scanner: Scanner, wedge: EvdevWedge) -> None:
    scanner.type(down("A"))
    scanner.unplug()
    assert read_events(wedge) == tuple(down("A"))
    with pytest.raises(DeviceGoneError):
        wedge.read(None)
    wedge.open()
    scanner.type(keys("B"))
    assert wedge.read(None)


@pytest.mark.parametrize(
    ("number", "kind", "message"),
    [
        (errno.EBUSY, DeviceBusyError, "is grabbed by another program; `fuser -v {path}` names it"),
        (errno.ENODEV, DeviceGoneError, "is not there: is the scanner plugged in?"),
        (errno.EIO, DeviceGoneError, "can't be opened: Input/output error"),
    ],
)
def test_a_scanner_that_can_not_be_grabbed_is_left_alone(
    scanner: Scanner, number: int, kind: type[DriverError], message: str
) -> None:
    scanner.grab_error = number
    wedge = EvdevWedge(DeviceMatch(path=scanner.path), scanner.opened)
    with pytest.raises(DriverError) as error:
        wedge.open()
    assert type(error.value) is kind
    assert str(error.value).endswith(message.format(path=scanner.path))
    assert scanner.closed == 1
    scanner.grab_error = 0
    wedge.open()
    wedge.close()


def test_a_scanner_without_permission_is_reported_with_the_remedy(scanner: Scanner) -> None:
    scanner.open_error = errno.EACCES
    with pytest.raises(DeviceGoneError) as error:
        EvdevWedge(DeviceMatch(path=scanner.path), scanner.opened).open()
    assert str(error.value) == (
        f"{scanner.path}: permission denied; install systemd/70-scanstation.rules as a udev rule, "
        "plug the scanner in again, and run the station as a member of the group "
        '"scanstation" (sudo usermod -aG scanstation USER)'
    )


def test_a_missing_scanner_is_named() -> None:
    wedge = EvdevWedge.from_options({"match": {"path": "/dev/input/event-nothing"}})
    assert wedge.describe() == "/dev/input/event-nothing"
    with pytest.raises(DeviceGoneError, match="is not there: is the scanner plugged in"):
        wedge.open()


def test_a_device_that_is_not_a_keyboard_is_a_wrong_setting() -> None:
    with pytest.raises(DeviceOptionError, match="/dev/null is not a keyboard"):
        EvdevWedge.from_options({"match": {"path": "/dev/null"}}).open()


def test_a_wrong_match_is_refused() -> None:
    with pytest.raises(DeviceOptionError, match="does not identify a device"):
        EvdevWedge.from_options({"match": {}})


def test_a_keyboard_accepts_no_replies(scanner: Scanner, wedge: EvdevWedge) -> None:
    with pytest.raises(DriverError) as error:
        wedge.write(b"\x06")
    assert str(error.value) == (
        f"{scanner.path} takes no replies: 1 bytes not sent; leave reply out of its settings"
    )
    assert wedge.learnt() == {}


def test_opening_and_closing_leaves_no_descriptors_behind(scanner: Scanner) -> None:
    wedge = EvdevWedge(DeviceMatch(path=scanner.path), scanner.opened)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        wedge.open()
        scanner.unplug()
        with pytest.raises(DeviceGoneError):
            wedge.read(None)
    assert len(list(Path("/proc/self/fd").iterdir())) <= before
