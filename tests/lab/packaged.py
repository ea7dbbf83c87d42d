"""The Debian package in the guest: installed, its units, and what they say."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.lab.channel import HANG_S, done
from tests.lab.documented import HOME, Script
from tests.lab.fleet import Fleet
from tests.lab.saved import put_sample
from tests.lab.station import CONFIG, Station
from tests.packaging.revision import revision

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.lab.channel import Channel, Done
    from tests.lab.machine import Machine

DATABASE = "/var/lib/scanstation/scanstation.db"
_NEWER = "0.2.0-1"
_COMMAND = "/usr/bin/scanstation"
_INSTALL_S = 900
"""Compiling three thousand modules takes minutes in the guest."""
_PART_BYTES = 1 << 20
_LOG = "[Service]\nStandardError=append:/run/scanstation.log\n"


def set_up_as_documented(guest: Machine, deb: Path) -> None:
    """What docs/install.md begins with: the package installed, its station at work, with four scanners."""
    # What the lab itself has put there.
    guest.run(f"rm -rf /var/lib/scanstation {CONFIG}; userdel stationer; groupdel scanstation")
    fleet = Fleet(guest)
    fleet.create()
    fleet.plug()
    bring(guest, deb)
    put_sample(guest, f"{HOME}/documents")
    script = Script("install.md")
    script.run(guest, "sudo apt install ./scanstation_")
    Package(guest).wait_for_scanners(len(fleet.all))
    said = script.run(guest, "sudo scanstation import documents")
    assert "4 of 4 scanners connected" in said.out


def bring(guest: Channel, deb: Path) -> None:
    """Put the file where the one who installs it is."""
    content = deb.read_bytes()
    for at in range(0, len(content), _PART_BYTES):
        guest.put("/run/part", content[at : at + _PART_BYTES])
        guest.run(f"cat /run/part >>{HOME}/{deb.name}")


def bring_newer(guest: Channel, deb: Path) -> str:
    """A later version, made of the first one where both lie; its file's name."""
    newer = revision(deb, _NEWER)
    guest.put("/run/beginning", newer.beginning)
    name = f"scanstation_{_NEWER}_amd64.deb"
    guest.run(f"(cat /run/beginning; tail -c +{newer.files_at + 1} {HOME}/{deb.name}) >{HOME}/{name}")
    return name


@dataclass(frozen=True, slots=True)
class Package:
    """The package, and the service that it brings."""

    guest: Channel

    def install(self, deb: str) -> Done:
        """``dpkg -i``, without a network."""
        command = f"DEBIAN_FRONTEND=noninteractive dpkg --install {HOME}/{deb}"
        result = done(self.guest.begin(command, timeout_s=_INSTALL_S), _INSTALL_S)
        assert result.code == 0, f"{command}: {result.out}{result.err}"
        return result

    def command(self, arguments: str, *, code: int = 0) -> Done:
        """The packaged command, as root."""
        return self.guest.run(f"{_COMMAND} {arguments}", code=code)

    @property
    def station(self) -> Station:
        """What the service does and says, once it has been `configured`."""
        return Station(self.guest)

    def configured(self, *tables: str) -> Station:
        """Begin with a configuration of the test's own; what the service says goes where `Station` finds it.

        Args:
            tables: Of the scanners, as `scanner` makes them.
        """
        self.station.configure(*tables)
        self.drop_in("log", _LOG)
        self.guest.run("systemctl restart scanstation")
        return self.station

    def drop_in(self, name: str, text: str) -> None:
        """What ``systemctl edit`` makes."""
        self.guest.put(f"/etc/systemd/system/scanstation.service.d/{name}.conf", text)
        self.guest.run("systemctl daemon-reload")

    def shown(self, name: str, unit: str = "scanstation") -> str:
        """A property of a unit, as systemd shows it."""
        return self.guest.run(f"systemctl show --property={name} --value {unit}").out.strip()

    @property
    def pid(self) -> int:
        """Of the service's process; 0: there is none."""
        return int(self.shown("MainPID"))

    def wait_for(self, condition: Callable[[], bool], what: str) -> None:
        """Until it holds."""
        end = time.monotonic() + HANG_S
        while not condition():
            state = self.guest.run("systemctl status scanstation; tail -5 /run/scanstation.log", code=None)
            assert time.monotonic() < end, f"waited {HANG_S} s in vain for {what}: {state.out}{state.err}"
            time.sleep(0.5)

    def wait_until_restarted(self, old: int, count: int) -> None:
        """Until systemd has started another process than `old` because that one failed; it is ready then."""
        self.wait_for(
            lambda: self.shown("ActiveState") == "active" and self.pid not in {0, old},
            f"another process than {old}",
        )
        assert self.shown("NRestarts") == str(count)

    def wait_for_scanners(self, count: int) -> None:
        """Until so many are there, all that are configured."""
        self.wait_for(
            lambda: self.shown("StatusText") == f"{count} of {count} scanners connected", f"{count} scanners"
        )

    def rows(self, document: str = "CM-1001") -> list[dict[str, Any]]:
        """The document's history."""
        return [
            json.loads(line)
            for line in self.command(f"history --document {document} --json").out.splitlines()
        ]

    def serial_numbers(self) -> list[str]:
        """Those of its history, in order."""
        return [row["serial_number"] for row in self.rows()]

    def wait_for_serial_numbers(self, *numbers: str) -> None:
        """Until its history has exactly these."""
        self.wait_for(lambda: self.serial_numbers() == list(numbers), f"rows of {numbers}")

    def journal(self, event: str) -> list[dict[str, Any]]:
        """What the service has told the journal of one kind of event."""
        told = self.guest.run(f"journalctl --output=json SCANSTATION_EVENT={event}", code=None).out
        return [json.loads(line) for line in told.splitlines()]
