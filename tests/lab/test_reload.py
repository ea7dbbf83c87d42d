"""The packaged service reads its configuration again while scans go on; the journal has what it books."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.lab.channel import done
from tests.lab.fleet import NAMES, SERIAL_NUMBERS, Fleet

if TYPE_CHECKING:
    from tests.lab.packaged import Package

pytestmark = [pytest.mark.full, pytest.mark.release, pytest.mark.timeout(1800)]


def test_a_reload_with_scans_going_on_loses_none_of_them_and_takes_another_scanner_in(
    package: Package,
) -> None:
    fleet = Fleet(package.guest)
    *tables, last = fleet.tables()
    station = package.configured(*tables)
    station.wait_for_scanners(*NAMES[:-1])
    fleet.serial.scan("CM-1001")
    station.wait_for("session_opened")
    numbers, pid = [f"PR4000{number:02}" for number in range(5, 25)], package.pid

    station.configure(*tables, last)
    reloading = package.guest.begin("systemctl reload scanstation")
    for number in numbers:
        fleet.serial.send(f"{number}\r".encode())
    assert done(reloading).code == 0
    station.wait_for_scanners(NAMES[-1])
    fleet.ibm.scan(SERIAL_NUMBERS[0])

    station.wait_for("history_added", len(numbers) + 1)
    assert [text for _, text, _ in station.booked()] == [*numbers, SERIAL_NUMBERS[0]]
    assert package.pid == pid
    assert package.shown("ActiveState") == "active"


def test_a_reload_of_a_configuration_that_is_wrong_is_refused_and_the_station_goes_on_as_it_was(
    package: Package,
) -> None:
    fleet = Fleet(package.guest)
    station, pid = package.configured(*fleet.tables()), package.pid
    station.wait_for_scanners(*NAMES)

    station.configure(*fleet.tables(), "[[scanner]]\nname = 7\n")
    package.guest.run("systemctl reload scanstation", code=None)

    fleet.assert_all_are_booked(station)
    assert package.pid == pid


def test_what_is_booked_can_be_asked_of_the_journal_by_its_fields(package: Package) -> None:
    serial = Fleet(package.guest).serial
    serial.scan("CM-1001")
    serial.scan("PR400001")
    package.wait_for_serial_numbers("PR400001")

    (entry,) = package.journal("history_added")

    assert entry["_SYSTEMD_UNIT"] == "scanstation.service"
    assert entry["SCANSTATION_STATION"] == "station-1"
    assert entry["SCANSTATION_SERIAL_NUMBER"] == "PR400001"
    assert entry["SCANSTATION_ACTION"] == "Assigned"
