"""The packaged service on a real systemd: supervised, sandboxed, and still a scanning station."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.lab.addresses import add_address
from tests.lab.fleet import NAMES, Fleet
from tests.ops.service import standstill

if TYPE_CHECKING:
    from tests.lab.packaged import Package

pytestmark = [pytest.mark.full, pytest.mark.release, pytest.mark.timeout(1800)]
PROBE = Path(__file__).parent / "probe.py"
ALLOWED = ["write its own state", "reach this machine", "the password"]
SHORTER_WATCHDOG = "[Service]\nWatchdogSec=10\n"
"""Than the packaged one, to wait less for it."""


@pytest.mark.parametrize("transport", ["hidraw", "libusb"])
def test_every_kind_of_scanner_is_read_inside_the_sandbox_and_found_again(
    package: Package, transport: str
) -> None:
    fleet = Fleet(package.guest)

    station = package.configured(*fleet.tables(transport))
    station.wait_for_scanners(*NAMES)
    fleet.unplug()
    for name in NAMES:
        station.wait_for("scanner_changed", scanner=name, state="disconnected")
    fleet.plug()
    station.wait_for_scanners(*NAMES)

    fleet.assert_all_are_booked(station)


def test_what_the_station_must_not_be_able_to_do_fails_inside_its_unit(package: Package) -> None:
    package.guest.put("/run/probe.py", PROBE.read_bytes())
    add_address(package.guest, "192.0.2.1")
    package.guest.put("/run/secret", "the password\n", mode=0o600)
    package.drop_in(
        "probe",
        "[Service]\nType=oneshot\nRestart=no\nLoadCredential=database-password:/run/secret\nStandardOutput=truncate:/run/probe.out\n"
        "ExecStart=\nExecStart=/usr/bin/python3 /run/probe.py\n",
    )

    package.guest.run("systemctl restart scanstation")

    assert package.guest.get("/run/probe.out").decode().splitlines() == ALLOWED


def test_a_station_that_dies_or_stands_still_is_started_again(package: Package) -> None:
    guest, fleet = package.guest, Fleet(package.guest)
    package.drop_in("watchdog", SHORTER_WATCHDOG)
    package.configured(*fleet.tables())

    old = package.pid
    guest.run(f"kill -KILL {old}")
    package.wait_until_restarted(old, count=1)

    old = package.pid
    guest.run(f"kill -STOP {old}")
    package.wait_until_restarted(old, count=2)

    old = package.pid
    guest.put("/run/standstill.py", Path(standstill.__file__).read_bytes())
    guest.run(f"systemd-run --quiet --collect /usr/bin/python3 /run/standstill.py {old}")
    package.wait_until_restarted(old, count=3)
    assert "Fatal Python error: Aborted" in package.station.text()
    assert "station/worker/desk.py" in package.station.text()

    package.wait_for_scanners(len(NAMES))
    fleet.assert_all_are_booked(package.station)


def test_a_question_outlives_a_restart_in_its_middle_and_is_answered_afterwards(package: Package) -> None:
    keyboard, old = Fleet(package.guest).keyboard, package.pid
    station = package.configured(*Fleet(package.guest).tables())
    station.wait_for_scanners(*NAMES)
    keyboard.scan("CM-1001")
    keyboard.scan("HB-0001")
    station.wait_for("question_raised")

    package.guest.run("systemctl restart scanstation")
    station.wait_for("scanner_changed", 2, scanner="keyboard", state="connected")
    keyboard.scan("$$YES")

    station.wait_for_booked(("keyboard", "HB-0001", "Added"))
    assert package.pid not in {0, old}
    assert [(row["serial_number"], row["action"]) for row in package.rows()] == [("HB-0001", "Added")]


def test_stopping_books_what_is_queued_within_five_seconds(package: Package) -> None:
    serial = Fleet(package.guest).serial
    package.configured(*Fleet(package.guest).tables()).wait_for_scanners(*NAMES)
    serial.scan("CM-1001")
    package.station.wait_for("session_opened")

    serial.send(*(f"PR4000{number:02}\r".encode() for number in range(1, 9)))
    package.guest.run("systemctl stop scanstation")

    assert package.shown("Result") == "success"
    read = package.station.events("history_added")
    assert [row["serial_number"] for row in package.rows()] == [event["serial_number"] for event in read]
    assert package.station.events("station_stopped")


def test_several_stations_of_one_machine_do_not_see_each_other(package: Package) -> None:
    package.guest.run("systemctl stop scanstation")
    for name, port in (("left", 8331), ("right", 8332)):
        package.guest.put(
            f"/etc/scanstation/{name}.toml",
            f'[station]\nname = "{name}"\nstate_directory = "/var/lib/scanstation/{name}"\n'
            f'[display]\nlisten = "127.0.0.1:{port}"\n',
        )

    package.guest.run("systemctl start scanstation@left scanstation@right")

    for name in ("left", "right"):
        assert package.shown("StatusText", f"scanstation@{name}") == "no scanners configured"
        assert package.guest.run(f"ls /var/lib/scanstation/{name}/{name}.lock").code == 0
        package.guest.run(f"systemctl start scanstation-backup@{name}")
        assert package.guest.run(f"ls /var/lib/scanstation/{name}/backups").out.startswith("scanstation-")
