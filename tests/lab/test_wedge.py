"""Keyboard wedges on the kernel's own input layer, through the installed command."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from drivers.framing import SUSPECT_S
from tests.lab import reports
from tests.lab.console import Console
from tests.lab.gadgets import Keyboard
from tests.lab.station import Station, scanner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.lab.machine import Machine
    from tests.lab.saved import Saved

pytestmark = [pytest.mark.full, pytest.mark.timeout(1800)]
_LEFT_SHIFT_HELD = bytes([0x02, 0, 0, 0, 0, 0, 0, 0])


def keyboards(guest: Machine) -> list[Keyboard]:
    """One with a serial number, two that differ by nothing but their ports."""
    return [Keyboard(guest, 0), *(Keyboard(guest, port).called(usb_serial="") for port in (1, 2))]


@pytest.fixture(scope="module")
def dock(lab: Saved) -> Iterator[Saved]:
    """The daemon at work on CM-1001 with all three."""
    with lab.later(_set_to_work) as saved:
        yield saved


def _set_to_work(guest: Machine) -> None:
    plugged = keyboards(guest)
    for each in plugged:
        each.create().plug()
    station = Station(guest)
    station.configure(
        scanner("main", "evdev", {"by_id": plugged[0].by_id}, layout="us"),
        scanner("left", "evdev", {"vid": 0x05E0, "port_path": plugged[1].port_path}),
        scanner("right", "evdev", {"port_path": plugged[2].port_path}),
    )
    station.start()
    station.wait_for_scanners("main", "left", "right")
    plugged[0].scan("CM-1001")
    station.wait_for("session_opened")


@pytest.fixture
def guest_at_work(dock: Saved) -> Iterator[Machine]:
    with dock.restored() as guest:
        yield guest


def test_a_typed_scan_becomes_a_row_of_history(guest_at_work: Machine) -> None:
    station = Station(guest_at_work)

    keyboards(guest_at_work)[0].scan("PR400001")

    station.wait_for_booked(("main", "PR400001", "Assigned"))
    (row,) = station.history("CM-1001")
    assert (row["serial_number"], row["action"]) == ("PR400001", "Assigned")


def test_two_alike_without_serial_numbers_are_told_apart_by_their_ports(guest_at_work: Machine) -> None:
    _, left, right = keyboards(guest_at_work)
    station = Station(guest_at_work)

    right.scan("PR400001")
    station.wait_for("history_added")
    left.scan("PR400002")

    station.wait_for_booked(("right", "PR400001", "Assigned"), ("left", "PR400002", "Assigned"))


def test_shift_held_on_one_scanner_does_not_change_what_another_types(guest_at_work: Machine) -> None:
    _, left, right = keyboards(guest_at_work)

    left.send(_LEFT_SHIFT_HELD)
    right.scan("PR400001")

    Station(guest_at_work).wait_for_booked(("right", "PR400001", "Assigned"))


def test_scans_do_not_type_into_the_console_until_the_daemon_has_stopped(guest_at_work: Machine) -> None:
    station, console, main = Station(guest_at_work), Console(guest_at_work), keyboards(guest_at_work)[0]
    console.open()

    main.scan("PR400001")
    station.wait_for_booked(("main", "PR400001", "Assigned"))
    station.stop()
    main.scan("PR400002")

    console.wait_for("PR400002\r")


def test_the_keyboard_types_into_the_console_again_after_kill_9(guest_at_work: Machine) -> None:
    station, console, main = Station(guest_at_work), Console(guest_at_work), keyboards(guest_at_work)[0]
    console.open()

    main.scan("PR400001")
    station.wait_for_booked(("main", "PR400001", "Assigned"))
    station.kill()
    main.scan("PR400002")

    console.wait_for("PR400002\r")


def test_without_the_daemon_the_console_gets_the_scan_and_its_enter(station: Station) -> None:
    """Else the two tests above would prove nothing."""
    console, main = Console(station.guest), Keyboard(station.guest, 0).create()
    main.plug()
    console.open()

    main.scan("PR400001")

    console.wait_for("PR400001\r")


@pytest.mark.parametrize("before", ["", "PR400002\n"], ids=["one long scan", "a whole scan before it"])
def test_what_the_kernel_dropped_is_rejected_loudly_and_the_next_scan_is_good(
    guest_at_work: Machine, before: str
) -> None:
    station, main = Station(guest_at_work), keyboards(guest_at_work)[0]
    long = "PR400001" * 8

    station.signal("SIGSTOP")
    main.send(*reports.keys(f"{before}{long}\n"))
    station.signal("SIGCONT")
    station.wait_for("scan_rejected", scanner="main")
    # What begins sooner may be the rest of what was lost.
    time.sleep(2 * SUSPECT_S)
    main.scan("PR400003")

    station.wait_for_booked(("main", "PR400003", "Assigned"))


def test_a_scan_cut_by_unplugging_is_rejected_and_the_next_one_is_good(guest_at_work: Machine) -> None:
    station, main = Station(guest_at_work), keyboards(guest_at_work)[0]

    main.send(*reports.keys("PR40"))
    main.unplug()
    station.wait_for("scan_rejected", scanner="main")
    station.wait_for("scanner_changed", scanner="main", state="disconnected")
    main.plug()
    station.wait_for_scanners("main")
    main.scan("PR400001")

    station.wait_for_booked(("main", "PR400001", "Assigned"))


def test_a_question_survives_its_scanner_and_is_answered_after_the_replug(guest_at_work: Machine) -> None:
    station, main = Station(guest_at_work), keyboards(guest_at_work)[0]

    main.scan("HB-0001")
    station.wait_for("question_raised")
    main.unplug()
    station.wait_for("scanner_changed", scanner="main", state="disconnected")
    main.plug()
    station.wait_for_scanners("main")
    main.scan("$$YES")

    station.wait_for_booked(("main", "HB-0001", "Added"))


def test_ten_times_out_and_in_a_second_leave_the_scanner_usable(guest_at_work: Machine) -> None:
    station, main = Station(guest_at_work), keyboards(guest_at_work)[0]

    main.flap(10, period_s=0.1)
    guest_at_work.run("udevadm settle")
    station.wait_for("scanner_changed", 2, scanner="main", state="connected")
    station.wait_for_scanners("main")
    main.scan("PR400001")

    station.wait_for_booked(("main", "PR400001", "Assigned"))
