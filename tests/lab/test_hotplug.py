"""Scanners that come, go and come back, with udev's word, the kernel's, or nobody's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.lab.fleet import NAMES, Fleet

if TYPE_CHECKING:
    from tests.lab.station import Station

pytestmark = [pytest.mark.full, pytest.mark.timeout(1800)]
ANNOUNCEMENTS = {
    "udev's and the kernel's": ((), {"kernel", "udev"}),
    # In a network of its own it may listen to udev as well, and hears nothing from it.
    "the kernel's alone": (("PrivateNetwork=yes",), {"kernel", "udev"}),
    "none": (('"RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6"',), set[str]()),
}


@pytest.mark.parametrize("announced", ANNOUNCEMENTS)
def test_scanners_of_each_kind_come_after_the_start_go_and_come_back(
    station: Station, announced: str
) -> None:
    fleet = Fleet(station.guest)
    fleet.create()
    # Without netlink libusb can't look for devices; hidraw needs none.
    station.configure(*fleet.tables(transport="hidraw"))
    properties, heard = ANNOUNCEMENTS[announced]
    station.start(*properties)
    assert station.netlink_groups() == heard
    for name in NAMES:
        station.wait_for("scanner_changed", scanner=name, state="disconnected")

    fleet.plug()
    station.wait_for_scanners(*NAMES)
    fleet.unplug()
    for name in NAMES:
        station.wait_for("scanner_changed", 2, scanner=name, state="disconnected")
    fleet.plug()
    station.wait_for_scanners(*NAMES)

    fleet.assert_all_are_booked(station)


def test_scanners_that_come_and_go_while_the_daemon_starts_are_used(station: Station) -> None:
    fleet = Fleet(station.guest)
    fleet.create()
    station.configure(*fleet.tables())

    fleet.plug()
    flapping = [each.begin_to_flap(40, period_s=0.2) for each in fleet.all]
    station.start()
    for each in flapping:
        each.result()
    station.wait_for_scanners(*NAMES)

    fleet.assert_all_are_booked(station)
