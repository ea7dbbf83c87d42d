"""The Debian package in the guest: installed, its units, and what they say."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.lab.channel import HANG_S, done
from tests.lab.station import Station
from tests.running import SAMPLE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.lab.channel import Channel, Done

DEB = "/run/scanstation.deb"
_COMMAND = "/usr/bin/scanstation"
_INSTALL_S = 900
"""Compiling three thousand modules takes minutes in the guest."""
_PART_BYTES = 1 << 20
_LOG = "[Service]\nStandardError=append:/run/scanstation.log\n"


@dataclass(frozen=True, slots=True)
class Package:
    """The package, and the service that it brings."""

    guest: Channel

    def bring(self, deb: Path) -> None:
        """Put the file into the guest."""
        content = deb.read_bytes()
        for at in range(0, len(content), _PART_BYTES):
            self.guest.put("/run/part", content[at : at + _PART_BYTES])
            self.guest.run(f"cat /run/part >>{DEB}")

    def install(self, deb: str = DEB) -> Done:
        """``dpkg -i``, without a network."""
        return self.dpkg(f"--install {deb}")

    def dpkg(self, arguments: str) -> Done:
        """Run it to its end, which must be good."""
        command = f"DEBIAN_FRONTEND=noninteractive dpkg {arguments}"
        result = done(self.guest.begin(command, timeout_s=_INSTALL_S), _INSTALL_S)
        assert result.code == 0, f"{command}: {result.out}{result.err}"
        return result

    def command(self, arguments: str, *, code: int = 0) -> Done:
        """The packaged command, as root."""
        return self.guest.run(f"{_COMMAND} {arguments}", code=code)

    def import_sample(self) -> None:
        """The sample company, by root, as the one who installs it does."""
        for file in (SAMPLE / "company").iterdir():
            self.guest.put(f"/run/company/{file.name}", file.read_bytes())
        self.command("import /run/company")

    @property
    def station(self) -> Station:
        """What the service does and says, once it has to `log_to_a_file`."""
        return Station(self.guest)

    def log_to_a_file(self) -> None:
        """Where `Station` finds what the service says."""
        self.drop_in("log", _LOG)

    def drop_in(self, name: str, text: str) -> None:
        """What ``systemctl edit`` makes."""
        self.guest.put(f"/etc/systemd/system/scanstation.service.d/{name}.conf", text)
        self.guest.run("systemctl daemon-reload")

    def start(self) -> None:
        """Start the service; it is ready afterwards."""
        self.guest.run("systemctl start scanstation")

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
