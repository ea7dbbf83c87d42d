"""Raw USB scanners, by libusb and by hidraw, through the installed command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.lab import reports
from tests.lab.gadgets import ComScanner, IbmScanner, Keyboard, PosScanner
from tests.lab.station import Station, scanner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.lab.machine import Machine
    from tests.lab.saved import Saved

pytestmark = [pytest.mark.full, pytest.mark.timeout(1800)]


@dataclass(frozen=True, slots=True)
class Dock:
    """A guest with a scanner of each protocol."""

    guest: Machine

    @property
    def station(self) -> Station:
        return Station(self.guest)

    @property
    def pos(self) -> PosScanner:
        return PosScanner(self.guest, 0)

    @property
    def ibm(self) -> IbmScanner:
        return IbmScanner(self.guest, 1)

    @property
    def com(self) -> ComScanner:
        return ComScanner(self.guest, 2)

    def plug(self) -> None:
        for each in (self.pos, self.ibm, self.com):
            each.create().plug()

    def configure(self, transport: str) -> None:
        self.station.configure(
            scanner("pos", "usb", {"vid": 0x05E0, "usb_serial": "P-0001"}, transport=transport),
            scanner("ibm", "usb", {"vid": 0x05E0, "pid": 0x1300}, protocol="ibm", transport=transport),
            scanner("com", "usb", {"port_path": self.com.port_path}, transport=transport),
        )

    def driver_of(self, port_path: str) -> str:
        """The kernel's driver that holds a device's interface; empty: none."""
        link = f"/sys/bus/usb/devices/{port_path}:1.0/driver"
        return self.guest.run(f"basename $(readlink {link}) || true").out.strip()


@pytest.fixture(scope="module", params=["libusb", "hidraw"])
def saved_dock(request: pytest.FixtureRequest, lab: Saved) -> Iterator[Saved]:
    """The daemon at work on CM-1001 with all three, by one transport."""

    def set_to_work(guest: Machine) -> None:
        dock = Dock(guest)
        dock.plug()
        dock.configure(request.param)
        dock.station.start()
        dock.station.wait_for_scanners("pos", "ibm", "com")
        dock.pos.scan("CM-1001")
        dock.station.wait_for("session_opened")

    with lab.later(set_to_work) as saved:
        yield saved


@pytest.fixture
def dock(saved_dock: Saved) -> Iterator[Dock]:
    with saved_dock.restored() as guest:
        yield Dock(guest)


def test_scans_of_each_protocol_become_rows_of_history(dock: Dock) -> None:
    dock.pos.scan("PR400001")
    dock.station.wait_for("history_added")
    dock.ibm.scan("PR400002")
    dock.station.wait_for("history_added", 2)
    dock.com.scan("PR400003")

    dock.station.wait_for_booked(
        ("pos", "PR400001", "Assigned"), ("ibm", "PR400002", "Assigned"), ("com", "PR400003", "Assigned")
    )
    assert [row["serial_number"] for row in dock.station.history("CM-1001")] == [
        "PR400001",
        "PR400002",
        "PR400003",
    ]


def test_a_scan_continued_over_several_reports_is_booked_whole(dock: Dock) -> None:
    text = "".join(f"{number:04}" for number in range(40))

    dock.pos.scan(text)

    dock.station.wait_for_booked(("pos", text, "Refused"))


def test_a_scan_cut_by_unplugging_is_rejected_and_the_next_one_is_good(dock: Dock) -> None:
    first, *_ = reports.pos_reports(b"PR400001" * 10)

    dock.pos.send(first)
    dock.pos.unplug()
    dock.station.wait_for("scan_rejected", scanner="pos")
    dock.station.wait_for("scanner_changed", scanner="pos", state="disconnected")
    dock.pos.plug()
    dock.station.wait_for_scanners("pos")
    dock.pos.scan("PR400001")

    dock.station.wait_for_booked(("pos", "PR400001", "Assigned"))


def test_a_question_survives_its_scanner_and_is_answered_after_the_replug(dock: Dock) -> None:
    dock.ibm.scan("HB-0001")
    dock.station.wait_for("question_raised")
    dock.ibm.unplug()
    dock.station.wait_for("scanner_changed", scanner="ibm", state="disconnected")
    dock.ibm.plug()
    dock.station.wait_for_scanners("ibm")
    dock.ibm.scan("$$YES")

    dock.station.wait_for_booked(("ibm", "HB-0001", "Added"))


def test_ten_times_out_and_in_a_second_leave_the_scanner_usable(dock: Dock) -> None:
    dock.pos.flap(10, period_s=0.1)
    dock.guest.run("udevadm settle")
    dock.station.wait_for("scanner_changed", 2, scanner="pos", state="connected")
    dock.station.wait_for_scanners("pos")
    dock.pos.scan("PR400001")

    dock.station.wait_for_booked(("pos", "PR400001", "Assigned"))


def test_after_the_stop_the_kernels_driver_has_the_scanners_again(dock: Dock) -> None:
    ports = [each.port_path for each in (dock.pos, dock.ibm, dock.com)]

    dock.station.stop()

    assert [dock.driver_of(port) for port in ports] == ["usbhid"] * 3


def test_after_kill_9_a_new_start_finds_the_scanners(dock: Dock) -> None:
    dock.station.kill()

    dock.station.start()
    dock.station.wait_for_scanners("pos", "ibm", "com")
    dock.pos.scan("PR400001")

    dock.station.wait_for_booked(("pos", "PR400001", "Assigned"))


def test_a_scanner_in_keyboard_mode_is_named_with_what_to_do(station: Station) -> None:
    keyboard = Keyboard(station.guest, 0).create()
    keyboard.plug()
    station.configure(scanner("left", "usb", {"vid": 0x05E0}))

    station.start()

    (said,) = station.wait_for("scanner_changed", scanner="left", state="disconnected")
    assert "keyboard" in said["detail"]
    assert "USB HID POS" in said["detail"]


@pytest.mark.parametrize("driver", ["usb", "serial"])
def test_a_com_emulation_that_the_kernel_made_a_serial_port_of_is_read_by_both_drivers(
    station: Station, driver: str
) -> None:
    com = ComScanner(station.guest, 2).create()
    com.plug()
    # Whichever of the kernel's two drivers for it was loaded first has it now.
    drivers, at = "/sys/bus/usb/drivers", f"{com.port_path}:1.0"
    station.guest.run(
        f"modprobe symbolserial && cd {drivers} && "
        f"if [ -e usbhid/{at} ]; then echo {at} > usbhid/unbind; fi && "
        f"if [ ! -e symbolserial/{at} ]; then echo {at} > symbolserial/bind; fi && udevadm settle"
    )
    station.configure(scanner("left", driver, {"vid": 0x05E0, "pid": 0x0600}))

    station.start()
    station.wait_for_scanners("left")
    com.scan("CM-1001")
    com.scan("PR400001")

    station.wait_for_booked(("left", "PR400001", "Assigned"))
