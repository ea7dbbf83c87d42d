"""docs/install.md from its first command to its last, and the commands of other pages, on a real system."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.docs.blocks import blocks, pages
from tests.lab.documented import Script, example, type_into_editors
from tests.lab.fleet import SERIAL_NUMBERS, Fleet
from tests.lab.packaged import DATABASE, bring_newer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lab.packaged import Package

pytestmark = [pytest.mark.full, pytest.mark.release, pytest.mark.timeout(3600)]
BLOCKS = [block for page in pages() for block in blocks(page) if block.where == "lab"]
OTHERS = sorted({block.path.name for block in BLOCKS} - {"install.md", "README.md"})


def test_what_is_typed_from_the_page_installs_runs_backs_up_upgrades_and_removes_a_station(
    package: Package, deb: Path
) -> None:
    guest, script = package.guest, Script("install.md")
    script.skip("sudo apt install ./scanstation_", "sudo scanstation import")  # `dock` has run them

    work(package)

    assert guest.run("stat -c %G /dev/ttyS0").out.strip() == "dialout"
    script.run(guest, "echo 'SUBSYSTEM")
    package.wait_for(
        lambda: guest.run("stat -c %G /dev/ttyS0").out.strip() == "scanstation", "the port's group"
    )

    script.skip("sudo apt install cage")  # tests/lab/test_kiosk.py
    script.skip("sudo install -m 0600", "sudo scanstation db upgrade")  # tests/lab/test_database_elsewhere.py

    guest.put("/etc/scanstation/left.toml", example("install.md", "# /etc/scanstation/left.toml"))
    script.run(guest, "sudo systemctl enable --now scanstation@left")
    assert package.shown("ActiveState", "scanstation@left") == "active"

    assert "scanstation-" in script.run(guest, "sudo systemctl start scanstation-backup").out

    bring_newer(guest, deb)
    old, left = package.pid, package.shown("MainPID", "scanstation@left")
    script.run(guest, "sudo apt install ./scanstation_0.2.0")
    assert package.pid not in {0, old}
    assert package.shown("MainPID", "scanstation@left") not in {"0", left}
    assert package.serial_numbers() == list(SERIAL_NUMBERS)

    script.run(guest, "sudo apt remove scanstation")
    assert package.shown("ActiveState") == "inactive"
    assert guest.run("ls -d /usr/lib/scanstation /usr/bin/scanstation", code=None).out == ""
    package.install(deb.name)
    assert package.serial_numbers() == list(SERIAL_NUMBERS)
    assert package.shown("UnitFileState") == "enabled"
    guest.run("systemctl start scanstation")
    package.wait_for_scanners(4)

    said = script.run(guest, "sudo apt purge scanstation")
    assert "deleting the stations' databases" in said.out + said.err
    assert guest.run(f"ls {DATABASE} /var/lib/scanstation /usr/lib/scanstation", code=None).out == ""
    assert guest.run("systemctl list-unit-files 'scanstation*' --no-legend", code=None).out == ""

    assert script.left == []


def work(package: Package) -> None:
    """A unit with each scanner, as the tables that `devices` printed configure them."""
    fleet = Fleet(package.guest)
    fleet.serial.scan("CM-1001")
    for count, (each, number) in enumerate(zip(fleet.all, SERIAL_NUMBERS, strict=True), start=1):
        each.scan(number)
        package.wait_for_serial_numbers(*SERIAL_NUMBERS[:count])
    rows = package.rows()
    assert [row["action"] for row in rows] == ["Assigned"] * len(SERIAL_NUMBERS)
    assert len({row["scanner"] for row in rows}) == len(SERIAL_NUMBERS)


@pytest.mark.parametrize("page", OTHERS)
def test_what_is_typed_from_another_page_at_a_station_at_work_ends_well(package: Package, page: str) -> None:
    Fleet(package.guest).serial.scan("CM-1001")
    Fleet(package.guest).serial.scan(SERIAL_NUMBERS[0])
    package.wait_for_serial_numbers(SERIAL_NUMBERS[0])
    type_into_editors(package.guest, "a secret")

    Script(page).run_all(package.guest)

    package.wait_for_scanners(4)
    assert package.serial_numbers() == [SERIAL_NUMBERS[0]]
