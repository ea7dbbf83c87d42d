"""Serial scanners on the kernel's own USB stack, through the installed command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.lab.gadgets import SerialScanner
from tests.lab.station import Station, scanner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.lab.machine import Machine
    from tests.lab.saved import Saved

pytestmark = [pytest.mark.full, pytest.mark.timeout(1800)]
NAMES = ("by-id", "numbers", "usb-serial", "port-path")


def scanners(guest: Machine) -> list[SerialScanner]:
    """Four at once; the last one has no serial number."""
    return [
        SerialScanner(guest, 0),
        SerialScanner(guest, 1).called(vid=0x1EAB, pid=0x1D06, product="Other Scanner"),
        SerialScanner(guest, 2).called(usb_serial="A-0002"),
        SerialScanner(guest, 3).called(usb_serial=""),
    ]


@pytest.fixture(scope="module")
def dock(lab: Saved) -> Iterator[Saved]:
    """The scanners, each matched in another way, and the daemon at work on CM-1001."""
    with lab.later(_set_to_work) as saved:
        yield saved


def _set_to_work(guest: Machine) -> None:
    plugged = scanners(guest)
    for each in plugged:
        each.create().plug()
    matches: tuple[dict[str, object], ...] = (
        {"by_id": plugged[0].by_id},
        {"vid": 0x1EAB, "pid": 0x1D06},
        {"vid": 0x05F9, "pid": 0x4204, "usb_serial": "A-0002"},
        {"port_path": plugged[3].port_path},
    )
    station = Station(guest)
    station.configure(
        *(
            scanner(name, "serial", match, reply={"good": "\u0006"})
            for name, match in zip(NAMES, matches, strict=True)
        )
    )
    station.start()
    station.wait_for_scanners(*NAMES)
    plugged[0].scan("CM-1001")
    station.wait_for("session_opened")


@pytest.fixture
def guest_at_work(dock: Saved) -> Iterator[Machine]:
    with dock.restored() as guest:
        yield guest


def test_a_scan_becomes_a_row_of_history(guest_at_work: Machine) -> None:
    station = Station(guest_at_work)

    scanners(guest_at_work)[0].scan("PR400001")

    station.wait_for_booked(("by-id", "PR400001", "Assigned"))
    (row,) = station.history("CM-1001")
    assert (row["serial_number"], row["action"], row["item"]) == ("PR400001", "Assigned", "PROC-8C")


def test_each_scanner_is_found_by_what_its_match_says(guest_at_work: Machine) -> None:
    station = Station(guest_at_work)
    serials = [f"PR40000{number}" for number in range(1, 5)]

    for number, each in enumerate(scanners(guest_at_work)):
        each.scan(serials[number])
        station.wait_for("history_added", number + 1)

    assert station.booked() == [(name, text, "Assigned") for name, text in zip(NAMES, serials, strict=True)]


def test_a_scan_over_several_reads_and_two_scans_in_one_are_booked_whole(guest_at_work: Machine) -> None:
    scanners(guest_at_work)[0].send(b"PR40", b"0001\rPR400002\rPR4", b"00003\r")

    Station(guest_at_work).wait_for_booked(
        *(("by-id", f"PR40000{number}", "Assigned") for number in range(1, 4))
    )


def test_the_scanner_is_answered_after_the_commit(guest_at_work: Machine) -> None:
    answer = scanners(guest_at_work)[0].scan("PR400001", answer_bytes=1)

    assert answer == b"\x06"
    assert Station(guest_at_work).booked() == [("by-id", "PR400001", "Assigned")]


def test_nobody_else_can_open_a_scanner_that_is_in_use(guest_at_work: Machine) -> None:
    done = guest_at_work.run(
        "runuser -u dialer -- cat /dev/serial/by-id/usb-Lab_Serial_Scanner_A-0001-if00", code=1
    )

    assert "Device or resource busy" in done.err


def test_a_scan_cut_by_unplugging_is_rejected_and_the_next_one_is_good(guest_at_work: Machine) -> None:
    station, first = Station(guest_at_work), scanners(guest_at_work)[0]

    first.send(b"PR40")
    first.unplug()
    station.wait_for("scan_rejected", scanner="by-id")
    station.wait_for("scanner_changed", scanner="by-id", state="disconnected")
    first.plug()
    station.wait_for_scanners("by-id")
    first.scan("PR400001")

    station.wait_for_booked(("by-id", "PR400001", "Assigned"))


def test_ten_times_out_and_in_a_second_leave_the_scanner_usable(guest_at_work: Machine) -> None:
    station, first = Station(guest_at_work), scanners(guest_at_work)[0]

    first.flap(10, period_s=0.1)
    guest_at_work.run("udevadm settle")
    station.wait_for("scanner_changed", 2, scanner="by-id", state="connected")
    station.wait_for_scanners("by-id")
    first.scan("PR400001")

    station.wait_for_booked(("by-id", "PR400001", "Assigned"))


def test_a_scanner_that_comes_after_the_start_is_used_by_a_user_of_its_group(station: Station) -> None:
    first = SerialScanner(station.guest, 0).create()
    station.configure(scanner("left", "serial", {"by_id": first.by_id}))
    station.start("SupplementaryGroups=dialout", user="dialer")
    station.wait_for("scanner_changed", scanner="left", state="disconnected")

    first.plug()
    station.wait_for_scanners("left")
    first.scan("CM-1001")
    first.scan("PR400001")

    station.wait_for_booked(("left", "PR400001", "Assigned"))
    station.stop()
    assert [row["serial_number"] for row in station.history("CM-1001")] == ["PR400001"]


def test_a_user_outside_its_group_is_told_which_group_to_join(station: Station) -> None:
    first = SerialScanner(station.guest, 0).create()
    station.configure(scanner("left", "serial", {"by_id": first.by_id}))
    first.plug()

    station.start(user="nobody2")

    (said,) = station.wait_for("scanner_changed", scanner="left", state="disconnected")
    assert 'add the user to the group "dialout"' in said["detail"]
