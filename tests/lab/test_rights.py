"""What a user who isn't root may do, by the udev rule that comes with the station."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.lab.fleet import NAMES, Fleet

if TYPE_CHECKING:
    from tests.lab.station import Station

pytestmark = [pytest.mark.full, pytest.mark.timeout(1800)]
RULES = Path(__file__).parents[2] / "systemd/70-scanstation.rules"


def install_rules(station: Station) -> None:
    station.guest.put("/etc/udev/rules.d/70-scanstation.rules", RULES.read_bytes())
    station.guest.run("udevadm control --reload")


@pytest.mark.parametrize("transport", ["auto", "libusb", "hidraw"])
def test_a_member_of_the_rules_group_scans_with_each_kind(station: Station, transport: str) -> None:
    install_rules(station)
    fleet = Fleet(station.guest)
    fleet.create()
    station.configure(*fleet.tables(transport))

    station.start(user="stationer")
    fleet.plug()
    station.wait_for_scanners(*NAMES)

    fleet.assert_all_are_booked(station)


def test_without_the_rule_each_refusal_says_what_to_do(station: Station) -> None:
    fleet = Fleet(station.guest)
    fleet.create()
    fleet.plug()
    station.configure(*fleet.tables())

    station.start(user="stationer")

    for name in NAMES:
        (said,) = station.wait_for("scanner_changed", scanner=name, state="disconnected")
        assert "scanstation" in said["detail"] or "dialout" in said["detail"]


def test_others_may_not_open_what_the_rule_gives_to_the_group(station: Station) -> None:
    install_rules(station)
    fleet = Fleet(station.guest)
    fleet.create()
    fleet.plug()

    opened = station.guest.run(
        "for node in /dev/hidraw* /dev/input/by-id/* /dev/ttyACM* /dev/bus/usb/*/*; do "
        'runuser -u nobody2 -- sh -c "exec 3<>$node" 2>/dev/null && echo $node; done; true'
    )

    assert opened.out == ""
