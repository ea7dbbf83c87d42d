"""The kiosk's unit on a real screen: a graphics card, a compositor, a browser, and the station's page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.lab.documented import Script
from tests.lab.fleet import Fleet
from tests.lab.packaged import Package
from tests.lab.screen import wait_for_codes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.lab.machine import Machine
    from tests.lab.saved import Saved

pytestmark = [pytest.mark.full, pytest.mark.release, pytest.mark.timeout(3600)]

KIOSK = "scanstation-kiosk"
DROP_INS = f"/etc/systemd/system/{KIOSK}.service.d"
NO_3D = "[Service]\nEnvironment=WLR_RENDERER=pixman\n"
"""As docs/install.md says of virtual machines."""


@pytest.fixture
def guest(dock: Saved) -> Iterator[Machine]:
    with dock.restored() as machine:
        yield machine


def test_the_screen_shows_the_page_and_what_is_scanned_in_front_of_it(guest: Machine, tmp_path: Path) -> None:
    package, keyboard, script = Package(guest), Fleet(guest).keyboard, Script("install.md")
    script.skip("sudo apt install ./", "sudo scanstation import", "echo 'SUBSYSTEM")

    guest.put(f"{DROP_INS}/drawn-by-the-processor.conf", NO_3D)

    script.run(guest, "sudo apt install cage xwayland chromium libpam-systemd polkitd")
    package.wait_for(lambda: package.shown("ActiveState", KIOSK) == "active", "the kiosk")
    guest.put("/etc/scanstation/config.d/unsigned.toml", "[preferences]\nsigned_commands = false\n")
    guest.run("systemctl reload scanstation")
    keyboard.scan("CM-1001")
    keyboard.scan("HB-0001")

    seen = wait_for_codes(guest, "$$YES", "$$NO")
    seen.save(tmp_path / "screen.png")
    assert len(seen.getcolors(seen.width * seen.height) or ()) > 100, "letters and colours, not codes alone"
    assert package.shown("User", KIOSK) == "scanstation-kiosk"
    assert package.shown("NRestarts", KIOSK) == "0"

    keyboard.scan("$$YES")

    wait_for_codes(guest)
    package.wait_for_serial_numbers("HB-0001")
