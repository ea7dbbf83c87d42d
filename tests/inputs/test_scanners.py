"""Scanners on pseudo-terminals: scans arrive, ports disappear and return, replies follow the commit."""

from __future__ import annotations

import os
import re
import socket
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from drivers.base import (
    BrokenFrame,
    Chunk,
    DeviceBusyError,
    DeviceGoneError,
    Frame,
    WrongModeError,
)
from drivers.discovery.hotplug import Hotplug
from station.config.settings import HouseFormat, LabelSettings, ScannerSettings
from station.errors import UsageError
from station.events import ScannerChanged, ScannerState, ScanRejected
from station.inputs import reconnecting
from station.inputs import scanners as scanner_thread
from station.inputs.reader import Reader
from station.inputs.scanners import ScannerThread
from station.repository.database import open_engine
from station.repository.schema import upgrade
from station.source import now
from station.worker.entries import Scanned
from tests.running import PATIENCE_S, wait_until
from tests.stations import fill, query, station

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from station.events import Event
    from station.worker.entries import Entry, Outcome


class FakeInbox:
    """Keeps the posted entries."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def post(self, entry: Entry, done: Callable[[Outcome], None] | None = None) -> None:
        del done
        self.entries.append(entry)

    @property
    def heard(self) -> list[str]:
        """Texts, reasons and states, in order."""
        return [_short(entry) for entry in self.entries]

    def wait_for(self, *heard: str) -> None:
        wait_until(lambda: len(self.entries) >= len(heard), self.heard)
        assert self.heard == list(heard)


def _short(entry: Entry) -> str:
    match entry:
        case Scanned(source):
            return source.text
        case ScanRejected(reason=reason):
            return f"rejected: {reason}"
        case ScannerChanged(state=state):
            return state.value
        case _:
            raise AssertionError(entry)


class Plug:
    """A scanner that is plugged in at its own path and unplugged."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fds: list[int] = []

    def plug_in(self) -> None:
        self._fds = list(os.openpty())
        self.path.symlink_to(os.ttyname(self._fds[1]))

    def unplug(self) -> None:
        self.path.unlink()
        self.let_go()

    def let_go(self) -> None:
        for fd in self._fds:
            os.close(fd)
        self._fds = []

    def send(self, data: bytes) -> None:
        os.write(self._fds[0], data)

    def received(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            data += os.read(self._fds[0], length - len(data))
        return data


@pytest.fixture
def plug(tmp_path: Path) -> Iterator[Plug]:
    plug = Plug(tmp_path / "scanner")
    yield plug
    plug.let_go()


@pytest.fixture
def inbox() -> FakeInbox:
    return FakeInbox()


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconnecting, "FIRST_PAUSE_S", 0.02)
    monkeypatch.setattr(reconnecting, "UNANNOUNCED_PAUSE_S", 0.08)


def _settings(plug: Plug, **more: Any) -> ScannerSettings:
    given = {"name": "left", "driver": "serial", "match": {"path": str(plug.path)}, **more}
    return msgspec.convert(given, ScannerSettings)


@pytest.fixture
def reading(plug: Plug, inbox: FakeInbox) -> Iterator[ScannerThread]:
    """A plugged-in scanner that is read."""
    plug.plug_in()
    scanner = ScannerThread(_settings(plug), inbox)
    scanner.start()
    inbox.wait_for("connected")
    yield scanner
    scanner.stop()


@pytest.mark.usefixtures("reading")
def test_scans_arrive_in_order_with_their_scanners_name(plug: Plug, inbox: FakeInbox) -> None:
    plug.send(b"SN-1\rSN")
    plug.send(b"-2\r")
    plug.send("SN-ä\r".encode())
    inbox.wait_for("connected", "SN-1", "SN-2", "SN-ä")
    sources = [entry.source for entry in inbox.entries if isinstance(entry, Scanned)]
    assert {source.scanner for source in sources} == {"left"}
    assert len({source.id for source in sources}) == 3
    assert sorted(source.at for source in sources) == [source.at for source in sources]


@pytest.mark.usefixtures("reading")
def test_binary_data_is_rejected_with_its_bytes_and_the_next_scan_is_accepted(
    plug: Plug, inbox: FakeInbox
) -> None:
    plug.send(b"SN-\xff\rSN-2\r")
    wait_until(lambda: len(inbox.entries) == 3)
    rejected = inbox.entries[1]
    assert isinstance(rejected, ScanRejected)
    assert (rejected.scanner, rejected.data) == ("left", b"SN-\xff")
    assert inbox.heard[2] == "SN-2"


def test_a_port_that_disappears_and_returns_is_reopened(plug: Plug, inbox: FakeInbox) -> None:
    scanner = ScannerThread(_settings(plug), inbox)
    scanner.start()
    expected = ["disconnected"]
    for number in range(3):
        inbox.wait_for(*expected)
        plug.plug_in()
        expected.append("connected")
        inbox.wait_for(*expected)
        plug.send(f"SN-{number}\r".encode())
        expected.append(f"SN-{number}")
        inbox.wait_for(*expected)
        plug.unplug()
        expected.append("disconnected")
        wait_until(lambda: len(inbox.entries) >= len(expected))
        # Two messages may follow the last read: that it went away, and that it isn't there.
        while inbox.heard[len(expected) :] != ["disconnected"]:
            time.sleep(0.01)
        expected.append("disconnected")
    scanner.stop()
    details = [entry.detail for entry in inbox.entries if isinstance(entry, ScannerChanged)]
    assert details[0] == f"{plug.path} is not there: is the scanner plugged in?"
    assert details[1] == str(plug.path)
    assert f"{plug.path} went away" in details[2]


@pytest.mark.usefixtures("reading")
def test_half_a_scan_before_unplugging_is_rejected_and_joined_with_nothing(
    plug: Plug, inbox: FakeInbox
) -> None:
    plug.send(b"SN-1\rSN-")
    wait_until(lambda: "SN-1" in inbox.heard)
    plug.unplug()
    wait_until(lambda: "disconnected" in inbox.heard)
    plug.plug_in()
    wait_until(lambda: inbox.heard[-1] == "connected")
    plug.send(b"2\rSN-3\r")
    wait_until(lambda: "SN-3" in inbox.heard)
    scans = [short for short in inbox.heard if short not in {"connected", "disconnected"}]
    assert scans[0] == "SN-1"
    assert scans[1].startswith("rejected: ")
    assert scans[2:] == ["2", "SN-3"]
    cut = next(entry for entry in inbox.entries if isinstance(entry, ScanRejected))
    assert cut.data == b"SN-"


def test_a_label_scanned_before_opening_is_discarded(plug: Plug, inbox: FakeInbox) -> None:
    plug.plug_in()
    plug.send(b"SN-OLD\nSN-OLDER\r")
    scanner = ScannerThread(_settings(plug), inbox)
    scanner.start()
    inbox.wait_for("connected")
    plug.send(b"SN-NEW\r")
    inbox.wait_for("connected", "SN-NEW")
    scanner.stop()


def test_a_file_that_is_not_a_serial_port_fails_permanently(plug: Plug, inbox: FakeInbox) -> None:
    plug.path.write_text("a letter")
    scanner = ScannerThread(_settings(plug), inbox)
    scanner.start()
    inbox.wait_for("failed")
    wait_until(lambda: not scanner._thread.is_alive())
    scanner.stop()
    (failed,) = inbox.entries
    assert isinstance(failed, ScannerChanged)
    assert failed.state is ScannerState.FAILED
    assert "is not a serial port" in failed.detail


@pytest.mark.parametrize("is_there", [True, False])
def test_stopping_ends_a_waiting_scanner(plug: Plug, inbox: FakeInbox, *, is_there: bool) -> None:
    if is_there:
        plug.plug_in()
    scanner = ScannerThread(_settings(plug), inbox)
    scanner.start()
    inbox.wait_for("connected" if is_there else "disconnected")
    _stops(scanner)


def _stops(scanner: ScannerThread) -> None:
    stopping = threading.Thread(target=scanner.stop, daemon=True)
    stopping.start()
    wait_until(lambda: not stopping.is_alive(), "stop")


# A fake driver, for situations that no port can create


class FakeDriver:
    """Missing until the test plugs it in; then it sends nothing."""

    opened_at: list[float]
    is_there: bool
    absence: DeviceGoneError
    slept: threading.Event
    opening: threading.Event
    may_open: threading.Event

    def __init__(self) -> None:
        self._closed = threading.Event()

    @classmethod
    def from_options(cls, _options: Mapping[str, object]) -> FakeDriver:
        return cls()

    def open(self) -> None:
        self._closed.clear()
        self.opened_at.append(time.monotonic())
        if not self.is_there:
            raise self.absence
        self.opening.set()
        self.may_open.wait()
        self._closed.clear()

    def read(self, until: float | None) -> Chunk | None:
        if until is not None:
            return None
        while not self._closed.wait(0.01):
            if self.slept.is_set():
                self.slept.clear()
                raise DeviceGoneError("it no longer answers")
        raise EOFError

    def write(self, data: bytes) -> None:
        raise NotImplementedError(data)

    def close(self) -> None:
        self._closed.set()

    def describe(self) -> str:
        return "a fake"

    def learnt(self) -> Mapping[str, object]:
        return {}


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> type[FakeDriver]:
    class Fake(FakeDriver):
        opened_at: list[float] = []  # noqa: RUF012 - only for this test
        is_there = False
        absence = DeviceGoneError("away")
        opening, may_open, slept = threading.Event(), threading.Event(), threading.Event()

    monkeypatch.setattr(scanner_thread, "driver_class", {"serial": Fake}.get)
    return Fake


def test_the_pauses_between_attempts_double_up_to_a_limit(
    fake: type[FakeDriver], plug: Plug, inbox: FakeInbox
) -> None:
    scanner = ScannerThread(_settings(plug), inbox)
    scanner.start()
    wait_until(lambda: len(fake.opened_at) >= 6)
    scanner.stop()
    gaps = [after - before for before, after in zip(fake.opened_at, fake.opened_at[1:], strict=False)]
    for gap, at_least in zip(gaps, (0.02, 0.04, 0.08, 0.08, 0.08), strict=False):
        assert gap >= at_least * 0.99
    # It is reported once, not at each attempt.
    assert inbox.heard == ["disconnected"]


def test_stopping_ends_a_scanner_during_opening(fake: type[FakeDriver], plug: Plug, inbox: FakeInbox) -> None:
    fake.is_there = True
    scanner = ScannerThread(_settings(plug), inbox)
    scanner.start()
    assert fake.opening.wait(60)
    stopping = threading.Thread(target=scanner.stop, daemon=True)
    stopping.start()
    wait_until(scanner._keeper._stopping.is_set)
    stopping.join(0.2)
    fake.may_open.set()
    wait_until(lambda: not stopping.is_alive(), "stop")


def test_data_that_arrives_during_opening_is_rejected_loudly_and_once(
    fake: type[FakeDriver], plug: Plug, inbox: FakeInbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.is_there = True
    fake.may_open.set()
    sent = [Chunk(b"SN-", 0.0), Chunk(b"1\r", 0.0)]

    def read(driver: FakeDriver, until: float | None) -> Chunk | None:
        return sent.pop(0) if sent else FakeDriver.read(driver, until)

    monkeypatch.setattr(fake, "read", read)
    scanner = ScannerThread(_settings(plug), inbox)
    scanner.start()
    inbox.wait_for("rejected: it came while the scanner was being opened", "connected")
    scanner.stop()


# Hotplug events


@dataclass
class Announcer:
    """Sends the hotplug events of the kernel and udev."""

    hotplug: Hotplug
    said: socket.socket

    def announce(self) -> None:
        self.said.send(b"libudev\0ACTION=add\0SUBSYSTEM=tty\0")


@pytest.fixture
def announcer() -> Iterator[Announcer]:
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    there.setblocking(False)
    with here, Hotplug(lambda: there) as hotplug:
        yield Announcer(hotplug, here)


@pytest.fixture
def _only_when_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconnecting, "FIRST_PAUSE_S", PATIENCE_S * 10)


@pytest.mark.usefixtures("_only_when_announced")
def test_a_missing_scanner_is_opened_at_its_hotplug_event(
    plug: Plug, inbox: FakeInbox, announcer: Announcer
) -> None:
    scanner = ScannerThread(_settings(plug), inbox, announcer.hotplug)
    scanner.start()
    for number in range(3):
        wait_until(lambda: inbox.heard[-1:] == ["disconnected"])
        plug.plug_in()
        announcer.announce()
        wait_until(lambda: inbox.heard[-1] == "connected")
        plug.send(f"SN-{number}\r".encode())
        wait_until(lambda number=number: inbox.heard[-1] == f"SN-{number}")
        plug.unplug()
    scanner.stop()


@pytest.mark.usefixtures("_only_when_announced")
def test_stopping_ends_a_scanner_that_waits_for_its_hotplug_event(
    plug: Plug, inbox: FakeInbox, announcer: Announcer
) -> None:
    scanner = ScannerThread(_settings(plug), inbox, announcer.hotplug)
    scanner.start()
    inbox.wait_for("disconnected")
    _stops(scanner)


def test_it_waits_for_a_permission_after_the_hotplug_event(
    fake: type[FakeDriver], plug: Plug, inbox: FakeInbox, announcer: Announcer
) -> None:
    fake.may_open.set()
    scanner = ScannerThread(_settings(plug), inbox, announcer.hotplug)
    scanner.start()
    wait_until(lambda: len(fake.opened_at) == 1)
    announcer.announce()
    wait_until(lambda: len(fake.opened_at) >= 2)
    fake.is_there = True
    inbox.wait_for("disconnected", "connected")
    scanner.stop()


def test_a_scanner_that_is_replugged_ten_times_a_second_is_finally_read(
    plug: Plug, inbox: FakeInbox, announcer: Announcer
) -> None:
    scanner = ScannerThread(_settings(plug), inbox, announcer.hotplug)
    scanner.start()
    for number in range(10):
        plug.plug_in()
        announcer.announce()
        plug.send(f"SN-{number}\rSN-".encode())
        time.sleep(0.05)
        plug.unplug()
        announcer.announce()
        time.sleep(0.05)
    plug.plug_in()
    announcer.announce()
    wait_until(lambda: inbox.heard[-1] == "connected")
    plug.send(b"SN-LAST\r")
    wait_until(lambda: inbox.heard[-1] == "SN-LAST")
    scanner.stop()
    # Any other scans that were read are complete, in order, and unique.
    scans = [short for short in inbox.heard if short.startswith("SN-")]
    assert all(scan in [f"SN-{number}" for number in range(10)] for scan in scans[:-1])
    assert scans == sorted(set(scans))


def test_a_scanner_that_sleeps_and_wakes_up_is_reopened(
    fake: type[FakeDriver], plug: Plug, inbox: FakeInbox
) -> None:
    fake.is_there = True
    fake.may_open.set()
    scanner = ScannerThread(_settings(plug), inbox)
    scanner.start()
    inbox.wait_for("connected")
    fake.slept.set()
    inbox.wait_for("connected", "disconnected", "connected")
    scanner.stop()


@pytest.mark.parametrize("error", [WrongModeError, DeviceBusyError])
def test_a_wrong_mode_and_a_busy_device_are_reported_with_their_text(
    fake: type[FakeDriver], plug: Plug, inbox: FakeInbox, error: type[DeviceGoneError]
) -> None:
    fake.absence = error("is in keyboard mode: scan the label")
    scanner = ScannerThread(_settings(plug), inbox)
    scanner.start()
    inbox.wait_for("disconnected")
    scanner.stop()
    (changed,) = inbox.entries
    assert isinstance(changed, ScannerChanged)
    assert changed.detail == "is in keyboard mode: scan the label"


def test_three_waiting_scanners_cause_no_wakeups(
    tmp_path: Path, inbox: FakeInbox, announcer: Announcer
) -> None:
    plugs = [Plug(tmp_path / str(number)) for number in range(3)]
    scanners = [ScannerThread(_settings(plug), inbox, announcer.hotplug) for plug in plugs]
    for plug, scanner in zip(plugs, scanners, strict=True):
        plug.plug_in()
        scanner.start()
    inbox.wait_for("connected", "connected", "connected")
    threads = [scanner._thread for scanner in scanners] + [announcer.hotplug._thread]

    def all_sleep_on() -> bool:
        before = [_switches(thread) for thread in threads]
        time.sleep(0.5)
        return [_switches(thread) for thread in threads] == before

    # The first looks may find one that has not come to rest yet.
    wait_until(all_sleep_on, "each sleeps")
    for plug, scanner in zip(plugs, scanners, strict=True):
        scanner.stop()
        plug.let_go()


def _status(thread: threading.Thread) -> dict[str, str]:
    lines = Path(f"/proc/self/task/{thread.native_id}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def _switches(thread: threading.Thread) -> str:
    return _status(thread)["voluntary_ctxt_switches"]


# With a desk


REPLY = {"good": "+", "attention": "!", "refused": "-", "question": "?"}


def test_the_scanner_gets_a_reply_for_each_outcome_after_its_commit(plug: Plug, sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    upgrade(engine)
    fill(engine)
    plug.plug_in()
    with station(engine) as here:
        here.command("open CM-1")
        scanner = ScannerThread(_settings(plug, reply=REPLY), here.desk)
        scanner.start()
        wait_until(lambda: any(isinstance(event, ScannerChanged) for event in here.events))
        answers = []
        for text in ("A0001", "A0001", "XX", "B0001", "$$YES"):
            plug.send(f"{text}\r".encode())
            reply = plug.received(1).decode()
            rows = query(engine, "SELECT count(*) FROM history")[0][0]
            asked = query(engine, "SELECT count(*) FROM questions")[0][0]
            answers.append((text, reply, rows, asked))
        plug.send(b"SN-\xff\r")
        assert plug.received(1) == b"-"
        scanner.stop()
    engine.dispose()
    assert answers == [
        ("A0001", "+", 1, 0),
        ("A0001", "!", 2, 0),
        ("XX", "-", 3, 0),
        ("B0001", "?", 3, 1),
        ("$$YES", "+", 4, 0),
    ]


def test_a_reply_to_a_disconnected_scanner_is_lost_but_nothing_else(plug: Plug, sqlite_url: str) -> None:
    engine = open_engine(sqlite_url)
    upgrade(engine)
    fill(engine)
    plug.plug_in()
    held = threading.Event()

    def wait(event: Event) -> None:
        if isinstance(event, ScannerChanged):
            held.wait()

    with station(engine) as here:
        here.command("open CM-1")
        here.bus.subscribe(wait)
        scanner = ScannerThread(_settings(plug, reply=REPLY), here.desk)
        scanner.start()
        wait_until(lambda: any(isinstance(event, ScannerChanged) for event in here.events))
        plug.send(b"A0001\r")
        wait_until(here.desk._queue.qsize)
        plug.unplug()
        # The disconnection is queued after the scan, which the desk has not taken yet.
        wait_until(lambda: here.desk._queue.qsize() >= 2)
        held.set()
        assert here.scan("A0002").events
        scanner.stop()
    assert here.told == [("Assigned", "A0001"), ("Assigned", "A0002")]
    engine.dispose()


# Settings for reading labels


def test_a_scan_has_its_symbology_identifier_and_its_scanners_label_settings() -> None:
    own, station_wide = HouseFormat(name="own", prefix="L:"), HouseFormat(name="everybody's", prefix="E:")
    options = {"gs1": "never", "house_format": [msgspec.to_builtins(own)], "aim": "auto"}
    entry = Reader(options, (station_wide,)).entry(Frame(b"]C1SN-1", 0.0), "left", now())
    assert isinstance(entry, Scanned)
    assert (entry.source.text, entry.source.symbology_identifier) == ("SN-1", "]C1")
    assert entry.settings == LabelSettings(gs1="never", house_format=(own, station_wide))


def test_an_identifier_in_a_separate_field_of_the_protocol_is_kept() -> None:
    entry = Reader({}).entry(Frame(b"SN-1", 0.0, "]d2"), "left", now())
    assert isinstance(entry, Scanned)
    assert entry.source.symbology_identifier == "]d2"
    assert isinstance(Reader({}).entry(BrokenFrame("cut", 0.0), "left", now()), ScanRejected)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"gs1": "maybe"}, 'options: gs1 = \'maybe\': must be "identifier", "always" or "never"'),
        ({"house_format": 1}, "options: house_format = 1: must be a list of tables"),
        (
            {"house_format": [{"pattern": "("}]},
            "options: the pattern of a house_format is not a regular expression",
        ),
        ({"house_format": [{"x": 1}]}, 'options: unknown key "house_format[1].x"'),
    ],
)
def test_invalid_options_of_a_recording_are_refused(options: dict[str, object], says: str) -> None:
    with pytest.raises(UsageError, match=re.escape(says)):
        Reader(options)
