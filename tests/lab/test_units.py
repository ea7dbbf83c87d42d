"""The packaged service on a real systemd: supervised, sandboxed, and still a scanning station."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.lab.fleet import NAMES, Fleet
from tests.lab.packaged import Package
from tests.lab.station import CONFIG
from tests.service import standstill

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.lab.machine import Machine
    from tests.lab.saved import Saved

pytestmark = [pytest.mark.full, pytest.mark.release, pytest.mark.timeout(1800)]
PROBE = Path(__file__).parent / "probe.py"
ALLOWED = ["write its own state", "reach this machine", "the password"]
ANOTHER_MACHINE = """\
import fcntl, socket, struct
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
    address = struct.pack("16sHH4s8x", b"lo:1", socket.AF_INET, 0, socket.inet_aton("192.0.2.1"))
    fcntl.ioctl(end, 0x8916, address)  # SIOCSIFADDR
with socket.socket() as end:
    assert end.connect_ex(("192.0.2.1", 9)) == 111  # ECONNREFUSED: it can be reached
"""
"""An address that isn't loopback's, within the guest: it has no network."""
SHORTER_WATCHDOG = "[Service]\nWatchdogSec=10\n"
"""Than the packaged one, to wait less for it."""


@pytest.fixture(scope="module")
def dock(lab: Saved, deb: Path) -> Iterator[Saved]:
    """The package installed, the sample company imported, four scanners plugged in."""

    def set_up(guest: Machine) -> None:
        package = Package(guest)
        guest.run(f"rm -rf /var/lib/scanstation {CONFIG}; userdel stationer; groupdel scanstation")
        package.bring(deb)
        package.install()
        package.import_sample()
        package.log_to_a_file()
        fleet = Fleet(guest)
        fleet.create()
        fleet.plug()

    with lab.later(set_up) as saved:
        yield saved


@pytest.fixture
def package(dock: Saved) -> Iterator[Package]:
    with dock.restored() as guest:
        yield Package(guest)


@pytest.mark.parametrize("transport", ["hidraw", "libusb"])
def test_every_kind_of_scanner_is_read_inside_the_sandbox_and_found_again(
    package: Package, transport: str
) -> None:
    station, fleet = package.station, Fleet(package.guest)
    station.configure(*fleet.tables(transport))

    package.start()
    station.wait_for_scanners(*NAMES)
    fleet.unplug()
    for name in NAMES:
        station.wait_for("scanner_changed", scanner=name, state="disconnected")
    fleet.plug()
    station.wait_for_scanners(*NAMES)

    fleet.assert_all_are_booked(station)


def test_what_the_station_must_not_be_able_to_do_fails_inside_its_unit(package: Package) -> None:
    package.guest.put("/run/probe.py", PROBE.read_bytes())
    package.guest.put("/run/address.py", ANOTHER_MACHINE)
    package.guest.run("python3 /run/address.py")
    package.guest.put("/run/secret", "the password\n", mode=0o600)
    package.drop_in(
        "probe",
        "[Service]\nType=oneshot\nRestart=no\nLoadCredential=database-password:/run/secret\nStandardOutput=truncate:/run/probe.out\n"
        "ExecStart=\nExecStart=/usr/bin/python3 /run/probe.py\n",
    )

    package.start()

    assert package.guest.get("/run/probe.out").decode().splitlines() == ALLOWED


def test_a_station_that_dies_or_stands_still_is_started_again(package: Package) -> None:
    guest, fleet = package.guest, Fleet(package.guest)
    package.station.configure(*fleet.tables())
    package.drop_in("watchdog", SHORTER_WATCHDOG)
    package.start()

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
    assert "station/desk/desk.py" in package.station.text()

    package.wait_for_scanners(len(NAMES))
    fleet.assert_all_are_booked(package.station)


def test_stopping_books_what_is_queued_within_five_seconds(package: Package) -> None:
    serial = Fleet(package.guest).serial
    package.station.configure(*Fleet(package.guest).tables())
    package.start()
    package.station.wait_for_scanners(*NAMES)
    serial.scan("CM-1001")
    package.station.wait_for("session_opened")

    serial.send(*(f"PR4000{number:02}\r".encode() for number in range(1, 9)))
    package.guest.run("systemctl stop scanstation")

    assert package.shown("Result") == "success"
    read = package.station.events("history_added")
    assert [row["serial_number"] for row in package.rows()] == [event["serial_number"] for event in read]
    assert package.station.events("station_stopped")


def test_several_stations_of_one_machine_do_not_see_each_other(package: Package) -> None:
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
