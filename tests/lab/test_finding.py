"""The commands that find, explain and record scanners, with one of each kind plugged in."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from tests.lab.fleet import NAMES, SERIAL_NUMBERS, Fleet
from tests.lab.station import Station

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.lab.machine import Machine
    from tests.lab.saved import Saved

pytestmark = [pytest.mark.full, pytest.mark.timeout(1800)]
ENDS = {"serial": '0d"}', "keyboard": "[1,28,0]", "pos": '"report":', "ibm": '"report":'}
"""What stands in a recording once a whole scan is in it: CR, Enter released, the only report."""


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


def test_the_tables_that_devices_prints_make_a_configuration_that_works(fleet: Fleet) -> None:
    station = Station(fleet.guest)
    station.configure()

    printed = station.command("devices").out
    station.configure(printed)
    found = tomllib.loads(printed)["scanner"]
    station.start()
    station.wait_for_scanners(*(each["name"] for each in found))

    assert sorted(each["driver"] for each in found) == ["evdev", "serial", "usb", "usb"]


def test_devices_knows_what_is_configured(fleet: Fleet) -> None:
    offers = Station(fleet.guest).command("devices --json").rows

    assert sorted(each["name"] for each in offers if each["configured"]) == sorted(NAMES)


def test_listen_shows_the_scans_of_each_kind_and_books_none(fleet: Fleet) -> None:
    station = Station(fleet.guest)
    listening = station.begin("listen", "listen")
    listening.wait_until(lambda it: it.err.count("listening on") == len(NAMES))

    for gadget, serial_number in zip(fleet.all, SERIAL_NUMBERS, strict=True):
        gadget.scan(serial_number)
        station.wait_for_text("/run/listen.out", serial_number)
    listening.interrupt()

    shown = [(row["scanner"], row["serial_number"]) for row in listening.rows]
    assert shown == list(zip(NAMES, SERIAL_NUMBERS, strict=True))
    assert station.history("CM-1001") == []


def test_what_is_recorded_of_each_kind_decodes_to_what_was_scanned(fleet: Fleet) -> None:
    station = Station(fleet.guest)
    recordings = [station.begin(f"record {name} -o /run/{name}.rec.jsonl", name) for name in NAMES]
    for each in recordings:
        each.wait_until(lambda it: "Ctrl-C ends" in it.err)

    for name, gadget, serial_number in zip(NAMES, fleet.all, SERIAL_NUMBERS, strict=True):
        gadget.scan(serial_number)
        station.wait_for_text(f"/run/{name}.rec.jsonl", ENDS[name])
    for each in recordings:
        each.interrupt()
    decoded = station.command("decode " + " ".join(f"/run/{name}.rec.jsonl" for name in NAMES)).rows

    assert [(row["scanner"], row["text"]) for row in decoded] == list(zip(NAMES, SERIAL_NUMBERS, strict=True))
