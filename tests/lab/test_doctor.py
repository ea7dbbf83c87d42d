"""``doctor`` on real devices: what it finds, and what it says to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from drivers.wedge.layout_check import TEST_TEXT
from tests.lab.fleet import NAMES, Fleet
from tests.lab.station import Station

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.lab.machine import Machine
    from tests.lab.saved import Saved

pytestmark = [pytest.mark.full, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def plugged(lab: Saved) -> Iterator[Saved]:
    def plug(guest: Machine) -> None:
        fleet = Fleet(guest)
        fleet.create()
        fleet.plug()
        Station(guest).configure(*fleet.tables())

    with lab.later(plug) as saved:
        yield saved


@pytest.fixture
def fleet(plugged: Saved) -> Iterator[Fleet]:
    with plugged.restored() as guest:
        yield Fleet(guest)


def found(rows: Sequence[dict[str, Any]], state: str, check: str) -> list[str]:
    """What was found, and what to do, of one thing that was looked at."""
    return [
        f"{row['what']} → {row['remedy']}" for row in rows if (row["check"], row["state"]) == (check, state)
    ]


def test_scanners_that_can_be_used_and_those_in_use_are_well(fleet: Fleet) -> None:
    station = Station(fleet.guest)

    idle = station.command("doctor --json", code=None).rows
    station.start()
    station.wait_for_scanners(*NAMES)
    running = station.command("doctor --json", code=None).rows
    fleet.assert_all_are_booked(station)

    for name in NAMES:
        assert found(idle, "ok", f"scanner {name}")
        assert found(idle, "wrong", f"scanner {name}") == []
        assert any("running station" in each for each in found(running, "ok", f"scanner {name}"))
        assert found(running, "wrong", f"scanner {name}") == []


def test_who_else_has_a_scanner_is_named(fleet: Fleet) -> None:
    """A second program that grabbed the keyboard and locked the serial port."""
    fleet.guest.put(
        "/run/thief.py",
        "import fcntl, glob, termios, time\n"
        "held = [open(glob.glob('/dev/input/by-id/*event-kbd')[0], 'rb'), open('/dev/ttyACM0', 'rb', 0)]\n"
        "fcntl.ioctl(held[0], 0x40044590, 1)\n"
        "fcntl.ioctl(held[1], termios.TIOCEXCL)\n"
        "fcntl.flock(held[1], fcntl.LOCK_EX)\n"
        "open('/run/stolen', 'w').write('yes')\n"
        "time.sleep(600)\n",
    )
    fleet.guest.run("systemd-run --quiet --unit=thief python3 /run/thief.py")
    station = Station(fleet.guest)
    station.wait_for_text("/run/stolen", "yes")

    rows = station.command("doctor --json", code=1).rows

    for name in ("serial", "keyboard"):
        (said,) = found(rows, "wrong", f"scanner {name}")
        assert "python3" in said


def test_a_user_without_rights_is_told_how_to_get_them(fleet: Fleet) -> None:
    rows = Station(fleet.guest).command("doctor --json", code=1, user="nobody2").rows

    for name, remedy in {
        "serial": "usermod -aG dialout nobody2",
        "keyboard": "70-scanstation.rules",
        "pos": "70-scanstation.rules",
        "ibm": "70-scanstation.rules",
    }.items():
        (said,) = found(rows, "wrong", f"scanner {name}")
        assert remedy in said


def test_the_scan_test_tells_layout_gs_and_terminator_of_a_keyboard(fleet: Fleet) -> None:
    station = Station(fleet.guest)
    doctor = station.begin("doctor --scan keyboard --json", "doctor")
    doctor.wait_until(lambda it: "scan this code" in it.err)

    fleet.keyboard.scan(TEST_TEXT)
    station.wait_for_text("/run/doctor.out", '"terminator"')

    assert [(row["check"], row["state"]) for row in doctor.rows] == [
        ("layout", "ok"),
        ("GS", "ok"),
        ("terminator", "ok"),
    ]
