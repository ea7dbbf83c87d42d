from __future__ import annotations

import errno
import os
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from drivers.base import (
    DeviceBusyError,
    DeviceGoneError,
    DeviceOptionError,
    DriverError,
    WrongModeError,
)
from drivers.discovery.match import DeviceMatch
from drivers.raw_usb.choosing import WantedDevice, went_away, why_not
from drivers.raw_usb.usb_raw import Transports, UsbRaw
from tests.drivers.discovery.trees import IBM_DESCRIPTOR, KEYBOARD_DESCRIPTOR, WEDGE, Tree
from tests.drivers.raw_usb.layouts import COMMON
from tests.running import PATIENCE_S

if TYPE_CHECKING:
    from pathlib import Path

    from drivers.discovery.usb_tree import UsbDevice

POS = COMMON.descriptor()
TOOLS = bytes.fromhex("068cff 0901 a101 7508 9540 0902 8102 c0")
"""The report descriptor of the interface for Honeywell's tools."""
VENDOR = bytes.fromhex("0600ff 0901 a101 7508 9540 0902 8102 c0")
SCANNER = {"manufacturer": "Zebra", "product": "DS2208", "serial": "S1"}


@dataclass
class Open:
    """An open device that yields reports."""

    name: str
    descriptor: bytes
    reports: list[bytes] = field(default_factory=list)
    is_closed: bool = False

    def read(self, _until: float | None) -> bytes | None:
        if self.is_closed:
            raise EOFError
        if not self.reports:
            return None
        report = self.reports.pop(0)
        if report == b"gone":
            raise went_away(self.name, errno.ENODEV)
        return report

    def close(self) -> None:
        self.is_closed = True


@dataclass
class Machine:
    """Plugged-in devices, and how each was opened."""

    tree: Tree
    opened: list[Open] = field(default_factory=list)
    descriptor: bytes = POS
    """The report descriptor of an open device."""
    hidraw_fails: int = 0
    libusb_fails: int = 0
    """An errno."""

    def driver(self, transport: str = "auto", protocol: str = "", match: DeviceMatch | None = None) -> UsbRaw:
        wanted = WantedDevice(match or DeviceMatch(vid=0x05E0), protocol, self.tree.root)
        return UsbRaw(wanted, transport, Transports(self._hidraw, self._libusb))

    def _hidraw(self, path: str) -> Open:
        if self.hidraw_fails:
            raise why_not(path, self.hidraw_fails)
        return self._open(path.removeprefix(f"{self.tree.root}"))

    def _libusb(self, device: UsbDevice, interface: int) -> Open:
        if self.libusb_fails:
            raise why_not(device.node, self.libusb_fails)
        return self._open(f"libusb {device.port_path} {interface}")

    def _open(self, name: str) -> Open:
        self.opened.append(Open(name, self.descriptor))
        return self.opened[-1]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(Tree(tmp_path))


def _opened(driver: UsbRaw) -> str:
    driver.open()
    return driver.describe()


def _why_not(driver: UsbRaw, error: type[DriverError] = DeviceGoneError) -> str:
    with pytest.raises(error) as raised:
        driver.open()
    assert type(raised.value) is error
    return str(raised.value)


def test_by_default_it_reads_the_kernels_node(machine: Machine) -> None:
    machine.tree.plug_in("1-1.2", 0x05E0, 0x1701, (POS, "hidraw"), **SCANNER)
    assert _opened(machine.driver()) == "/dev/hidraw0"
    assert _opened(machine.driver("hidraw")) == "/dev/hidraw0"


def test_it_uses_libusb_if_configured(machine: Machine) -> None:
    machine.tree.plug_in("1-1.2", 0x05E0, 0x1701, (POS, "hidraw"), **SCANNER)
    assert _opened(machine.driver("libusb")) == "libusb 1-1.2 0"


def test_it_uses_libusb_if_there_is_no_kernel_node(machine: Machine) -> None:
    machine.tree.plug_in("1-1.2", 0x05E0, 0x1701, (POS,), **SCANNER)
    assert _opened(machine.driver()) == "libusb 1-1.2 0"
    assert "no raw HID device is vid 05e0" in _why_not(machine.driver("hidraw"))


def test_it_uses_libusb_if_the_kernels_node_is_not_permitted(machine: Machine) -> None:
    machine.tree.plug_in("1-1.2", 0x05E0, 0x1701, (POS, "hidraw"), **SCANNER)
    machine.hidraw_fails = errno.EACCES
    assert _opened(machine.driver()) == "libusb 1-1.2 0"
    with pytest.raises(DeviceGoneError, match="hidraw0: permission denied"):
        machine.driver("hidraw").open()
    machine.libusb_fails = errno.EACCES
    with pytest.raises(DeviceGoneError, match="hidraw0: permission denied"):
        machine.driver().open()


def test_a_device_in_use_by_another_program_is_left_alone(machine: Machine) -> None:
    machine.tree.plug_in("1-1.2", 0x05E0, 0x1701, (POS, "hidraw"), **SCANNER)
    machine.hidraw_fails = errno.EWOULDBLOCK
    assert "is in use by another program" in _why_not(machine.driver(), DeviceBusyError)
    assert machine.opened == []


@pytest.mark.parametrize("transport", ["hidraw", "libusb"])
def test_the_scanners_interface_is_chosen_among_those_with_one_vid_and_pid(
    machine: Machine, transport: str
) -> None:
    machine.tree.plug_in("1-3", 0x0C2E, 0x0B87, (TOOLS, "hidraw"), (POS, "hidraw"))
    driver = machine.driver(transport, match=DeviceMatch(vid=0x0C2E))
    assert _opened(driver) in ("/dev/hidraw1", "libusb 1-3 1")


@pytest.mark.parametrize("transport", ["hidraw", "libusb"])
def test_if_several_scanners_fit_none_is_chosen(machine: Machine, transport: str) -> None:
    for port in ("1-1", "1-2"):
        machine.tree.plug_in(port, 0x05E0, 0x1701, (POS, "hidraw"), **SCANNER)
    why = _why_not(machine.driver(transport))
    assert why.startswith("several ")
    assert why.endswith("add usb_serial or port_path to match")
    match = DeviceMatch(vid=0x05E0, port_path="1-2")
    assert _opened(machine.driver(transport, match=match)) in ("/dev/hidraw1", "libusb 1-2 0")


@pytest.mark.parametrize("transport", ["hidraw", "libusb"])
def test_the_named_interface_is_chosen_in_a_device_with_two_scanners(
    machine: Machine, transport: str
) -> None:
    machine.tree.plug_in("1-3", 0x05E0, 0x1701, (POS, "hidraw"), (POS, "hidraw"), **SCANNER)
    driver = machine.driver(transport, match=DeviceMatch(port_path="1-3:1.1"))
    assert _opened(driver) in ("/dev/hidraw1", "libusb 1-3 1")


@pytest.mark.parametrize("transport", ["auto", "hidraw", "libusb"])
def test_a_scanner_in_keyboard_mode_is_named_with_the_remedy(machine: Machine, transport: str) -> None:
    machine.tree.plug_in("1-1.2", 0x05E0, 0x1200, WEDGE, **SCANNER)
    why = _why_not(machine.driver(transport), WrongModeError)
    assert "Zebra DS2208 (05e0:1200) at port 1-1.2 is in keyboard mode" in why
    assert '"USB HID POS"' in why
    assert 'driver = "evdev"' in why


@pytest.mark.parametrize("transport", ["auto", "hidraw", "libusb"])
def test_a_missing_scanner_is_reported(machine: Machine, transport: str) -> None:
    why = _why_not(machine.driver(transport))
    assert "is vid 05e0: is " in why
    assert "plugged in, and in HID POS or IBM hand-held mode?" in why


@pytest.mark.parametrize("transport", ["hidraw", "libusb"])
def test_a_scanner_with_another_protocol_than_configured_is_reported(
    machine: Machine, transport: str
) -> None:
    machine.tree.plug_in("1-1.2", 0x05E0, 0x1701, (POS, "hidraw"), **SCANNER)
    why = _why_not(machine.driver(transport, "ibm"), WrongModeError)
    assert 'speaks "hidpos", and protocol = "ibm" is set: leave protocol out, or scan the label' in why


def test_it_reports_what_decoding_needs(machine: Machine) -> None:
    machine.tree.plug_in("1-1.2", 0x05E0, 0x1701, (POS, "hidraw"), **SCANNER)
    driver = machine.driver()
    assert driver.learnt() == {}
    driver.open()
    assert driver.learnt() == {"report_descriptor": POS.hex(), "protocol": "hidpos"}


@pytest.mark.parametrize(
    ("pid", "descriptor", "protocols"),
    [
        (0x1300, IBM_DESCRIPTOR, ("", "ibm")),
        (0x0600, VENDOR, ("", "symbol_com")),
        (0x0600, VENDOR, ("symbol_com", "symbol_com")),
        (0x1234, VENDOR, ("ibm", "ibm")),
    ],
)
@pytest.mark.parametrize("transport", ["hidraw", "libusb"])
def test_each_protocol_is_recognised_or_taken_from_the_settings(
    machine: Machine, transport: str, pid: int, descriptor: bytes, protocols: tuple[str, str]
) -> None:
    as_set, learnt = protocols
    machine.tree.plug_in("1-1.2", 0x05E0, pid, (descriptor, "hidraw"), **SCANNER)
    machine.descriptor = descriptor
    driver = machine.driver(transport, as_set)
    driver.open()
    assert driver.learnt()["protocol"] == learnt


def test_an_interface_without_a_kernel_driver_is_opened_to_identify_it(machine: Machine) -> None:
    machine.tree.plug_in("1-1.2", 0x05E0, 0x1701, (b"",), **SCANNER)
    assert _opened(machine.driver()) == "libusb 1-1.2 0"
    machine.descriptor = KEYBOARD_DESCRIPTOR
    why = _why_not(machine.driver(), WrongModeError)
    assert why.startswith("libusb 1-1.2 0 is not a scanner that can be read as raw USB, or not in that mode")
    assert machine.opened[-1].is_closed


@pytest.mark.parametrize("descriptor", [IBM_DESCRIPTOR, b"\xc0"])
def test_an_open_device_that_does_not_fit_the_settings_is_released(
    machine: Machine, descriptor: bytes
) -> None:
    machine.tree.plug_in("1-1.2", 0x05E0, 0x1701, (b"",), **SCANNER)
    machine.descriptor = descriptor
    protocol = "hidpos" if descriptor == IBM_DESCRIPTOR else ""
    assert "is not a scanner that can be read as raw USB" in _why_not(
        machine.driver("libusb", protocol), WrongModeError
    )
    assert machine.opened[0].is_closed


def test_an_unknown_node_in_the_settings_is_opened_to_identify_it(machine: Machine) -> None:
    path = machine.tree.root / "dev/hidraw7"
    path.touch()
    assert _opened(machine.driver(match=DeviceMatch(path=str(path)))) == "/dev/hidraw7"


def test_a_device_is_matched_by_its_usb_node_too(machine: Machine) -> None:
    machine.tree.plug_in("1-1.2", 0x05E0, 0x1701, (POS, "hidraw"), **SCANNER)
    node = next((machine.tree.root / "dev/bus/usb/001").iterdir())
    assert _opened(machine.driver("libusb", match=DeviceMatch(path=str(node)))) == "libusb 1-1.2 0"


def test_reports_become_chunks_with_their_arrival_time(machine: Machine) -> None:
    machine.tree.plug_in("1-1.2", 0x05E0, 0x1701, (POS, "hidraw"), **SCANNER)
    driver = machine.driver()
    driver.open()
    before = time.monotonic()
    machine.opened[0].reports = [b"first"]
    chunk = driver.read(None)
    assert chunk is not None
    assert chunk.data == b"first"
    assert before <= chunk.t <= time.monotonic()
    assert driver.read(before) is None


def test_a_disconnected_device_is_released_and_can_be_reopened(machine: Machine) -> None:
    machine.tree.plug_in("1-1.2", 0x05E0, 0x1701, (POS, "hidraw"), **SCANNER)
    driver = machine.driver()
    driver.open()
    machine.opened[0].reports = [b"gone"]
    with pytest.raises(DeviceGoneError, match="/dev/hidraw0 went away: No such device"):
        driver.read(None)
    assert machine.opened[0].is_closed
    with pytest.raises(EOFError):
        driver.read(None)
    assert _opened(driver) == "/dev/hidraw0"


def test_reopening_closes_the_open_device(machine: Machine) -> None:
    machine.tree.plug_in("1-1.2", 0x05E0, 0x1701, (POS, "hidraw"), **SCANNER)
    driver = machine.driver()
    driver.open()
    driver.open()
    assert [each.is_closed for each in machine.opened] == [True, False]
    driver.close()
    assert machine.opened[1].is_closed
    assert driver.describe() == "vid 05e0"


def test_a_reply_is_refused_with_a_reason(machine: Machine) -> None:
    with pytest.raises(
        DriverError, match=r"^vid 05e0 takes no reply of 2 bytes: driver = \"usb\" only reads$"
    ):
        machine.driver().write(b"ok")


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"transport": "usbfs"}, 'transport = \'usbfs\': must be one of "auto", "libusb", "hidraw"'),
        ({"protocol": "ssi"}, "protocol = 'ssi': must be one of"),
        ({"match": {}}, "match: does not identify a device"),
    ],
)
def test_a_wrong_option_is_named(options: dict[str, object], error: str) -> None:
    with pytest.raises(DeviceOptionError) as raised:
        UsbRaw.from_options({"match": {"vid": 1}, **options})
    assert str(raised.value).startswith(error)


def test_settings_make_a_driver() -> None:
    driver = UsbRaw.from_options(
        {"match": {"vid": 0xFFF0}, "protocol": "", "transport": "auto", "layout": "us"}
    )
    assert driver.describe() == "vid fff0"


def test_without_pyusb_the_error_names_the_package(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.tree.plug_in("1-1.2", 0x05E0, 0x1701, (POS,), **SCANNER)
    monkeypatch.delitem(sys.modules, "drivers.raw_usb.transport_libusb", raising=False)
    monkeypatch.setitem(sys.modules, "libusb_package", None)
    driver = UsbRaw(WantedDevice(DeviceMatch(vid=0x05E0), root=machine.tree.root), "libusb")
    with pytest.raises(DeviceOptionError, match=r'package libusb_package; pip install "scanstation\[usb\]"'):
        driver.open()


def test_a_device_that_libusb_can_not_find_is_reported(machine: Machine) -> None:
    machine.tree.plug_in("1-1.2", 0x05E0, 0x1701, (POS,), **SCANNER)
    driver = UsbRaw(WantedDevice(DeviceMatch(vid=0x05E0), root=machine.tree.root), "libusb")
    with pytest.raises(DeviceGoneError, match="is not there: is the scanner plugged in"):
        driver.open()


def test_closing_from_another_thread_ends_a_read_through_the_kernels_node(tmp_path: Path) -> None:
    node = tmp_path / "hidraw0"
    os.mkfifo(node)
    keep = os.open(node, os.O_RDWR)
    driver = UsbRaw(WantedDevice(DeviceMatch(path=str(node)), "hidpos", tmp_path))
    driver.open()
    for serial in (b"SN-1", b"SN-2"):
        os.write(keep, COMMON.report(serial))
        if serial == b"SN-2":
            driver.close()
        chunk = driver.read(None)
        assert chunk is not None
        assert chunk.data == COMMON.report(serial)
    driver.open()
    ended = threading.Event()

    def read() -> None:
        with pytest.raises(EOFError):
            driver.read(None)
        ended.set()

    threading.Thread(target=read, daemon=True).start()
    driver.close()
    os.close(keep)
    assert ended.wait(PATIENCE_S)
