"""The installed command in the guest, and what it says there."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.lab.channel import HANG_S

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.lab.channel import Channel, Done

COMMAND = "/opt/scanstation/bin/scanstation"
CONFIG = "/etc/scanstation/config.toml"
UNIT = "scanstation"
_LOG = "/run/scanstation.log"
_LOOK_S = 0.1
_SETTINGS = (
    '[station]\nname = "dock-1"\n[preferences]\nsigned_commands = false\n'
    '[display]\nlisten = "127.0.0.1:8321"\n[log]\nformat = "json"\n'
)


def scanner(name: str, driver: str, match: Mapping[str, object], **settings: object) -> str:
    """A ``[[scanner]]`` table."""
    values = {"name": name, "driver": driver, "match": match, **settings}
    return "[[scanner]]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in values.items())


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items()) + " }"
    return json.dumps(value)


@dataclass(frozen=True, slots=True)
class Background:
    """A command that goes on."""

    guest: Channel
    unit: str

    @property
    def out(self) -> str:
        return self.guest.get(f"/run/{self.unit}.out").decode()

    @property
    def err(self) -> str:
        return self.guest.get(f"/run/{self.unit}.err").decode()

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Standard output as JSON, one value a line."""
        return [json.loads(line) for line in self.out.splitlines()]

    def wait_until(self, condition: Callable[[Background], bool]) -> None:
        """Until it has said enough."""
        _wait(lambda: condition(self), lambda: f"{self.unit} said: {self.out}{self.err}")

    def interrupt(self) -> None:
        """Ctrl-C; it has ended afterwards."""
        self.guest.run(
            f"systemctl kill --signal=SIGINT {self.unit}; "
            f"while systemctl is-active --quiet {self.unit}; do sleep 0.1; done"
        )


@dataclass(frozen=True, slots=True)
class Station:
    """The station of a guest."""

    guest: Channel

    def configure(self, *scanners: str) -> None:
        """Write the configuration; `scanners`: tables."""
        self.guest.put(CONFIG, _SETTINGS + "".join(scanners))

    def command(self, arguments: str, *, code: int | None = 0, user: str = "root") -> Done:
        """Run the command to its end."""
        done = self.guest.run(f"runuser -u {user} -- {COMMAND} {arguments}", code=code)
        assert "Traceback" not in done.err, done.err
        return done

    def begin(self, arguments: str, unit: str) -> Background:
        """Run a command that goes on until it is stopped."""
        outputs = (
            f"--property=StandardOutput=truncate:/run/{unit}.out",
            f"--property=StandardError=truncate:/run/{unit}.err",
        )
        self.guest.run(
            f"systemd-run --quiet --collect --unit={unit} {' '.join(outputs)} {COMMAND} {arguments}"
        )
        return Background(self.guest, unit)

    def start(self, *properties: str, user: str = "") -> None:
        """Start the daemon as a service; `properties`: of systemd's unit."""
        more = [*properties, *([f"User={user}"] if user else [])]
        options = " ".join(f"--property={each}" for each in ("StateDirectory=scanstation", *more))
        output = f"--property=StandardError=truncate:{_LOG}"
        self.guest.run(f"systemd-run --quiet --collect --unit={UNIT} {output} {options} {COMMAND} run")
        self.wait_for("station_started")

    def stop(self) -> None:
        """End it in order; it must end well."""
        self.guest.run(f"systemctl stop {UNIT}")
        assert self.events("station_stopped"), self.text()

    def kill(self) -> None:
        """``kill -9``; it is gone afterwards."""
        self.signal("SIGKILL")
        self.guest.run(f"while systemctl is-active --quiet {UNIT}; do sleep 0.1; done")

    def signal(self, name: str) -> None:
        """Send the daemon a signal."""
        self.guest.run(f"systemctl kill --signal={name} {UNIT}")

    def netlink_groups(self) -> set[str]:
        """Whose announcements of devices the daemon listens to: ``kernel``, ``udev``."""
        shown = self.guest.run(
            f"pid=$(systemctl show --property=MainPID --value {UNIT}); "
            "awk -v pid=$pid '$2 == 15 && $3 == pid { print $4 }' /proc/$pid/net/netlink"
        ).out
        bits = int(shown.strip() or "0", 16)
        return {name for bit, name in enumerate(("kernel", "udev")) if bits >> bit & 1}

    def text(self) -> str:
        """All that the daemon has said."""
        return self.guest.get(_LOG).decode()

    def events(self, name: str, **values: object) -> list[dict[str, Any]]:
        """What it has said of one kind of event."""
        text = self.text()
        assert "Traceback" not in text, text
        lines = [
            json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines() if line.startswith("{")
        ]
        return [
            line
            for line in lines
            if line["event"] == name and all(line.get(key) == value for key, value in values.items())
        ]

    def wait_for(self, name: str, count: int = 1, **values: object) -> list[dict[str, Any]]:
        """Until it has said `count` such events."""
        self._wait(lambda: len(self.events(name, **values)) >= count, f"{count} {name} {values}")
        return self.events(name, **values)

    def is_connected(self, scanner: str) -> bool:
        """Whether its last word about a scanner was that it is there."""
        said = self.events("scanner_changed", scanner=scanner)
        return bool(said) and said[-1]["state"] == "connected"

    def wait_for_scanners(self, *names: str) -> None:
        """Until all of them are there."""
        self._wait(lambda: all(self.is_connected(name) for name in names), f"{names} connected")

    def booked(self) -> list[tuple[str, str, str]]:
        """Scanner, text and action of each history row, in order."""
        return [(row["scanner"], row["text"], row["action"]) for row in self.events("history_added")]

    def wait_for_booked(self, *rows: tuple[str, str, str]) -> None:
        """Until there are as many history rows; they must be these."""
        self._wait(lambda: len(self.booked()) >= len(rows), f"{rows} booked")
        assert self.booked() == list(rows), f"booked: {self.booked()}"

    def wait_for_text(self, path: str, text: str) -> None:
        """Until a file holds a text, blanks aside."""
        _wait(
            lambda: text in self.guest.get(path).decode().replace(" ", ""),
            lambda: f"{text} in {path}: {self.guest.get(path).decode()}",
        )

    def history(self, document: str) -> Sequence[Mapping[str, Any]]:
        """The document's history as the command prints it."""
        return self.command(f"history --document {document} --json").rows

    def _wait(self, condition: Callable[[], bool], what: str) -> None:
        _wait(condition, lambda: f"{what}: {self.text()}")


def _wait(condition: Callable[[], bool], what: Callable[[], str]) -> None:
    end = time.monotonic() + HANG_S
    while not condition():
        assert time.monotonic() < end, f"waited {HANG_S} s in vain for {what()}"
        time.sleep(_LOOK_S)
