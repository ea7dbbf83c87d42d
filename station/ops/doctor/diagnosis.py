"""All checks, in the order in which a person would do them."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from station.errors import ConfigError, PublishError, PublishRefusedError
from station.ops.doctor.access import udev_rule
from station.ops.doctor.machine import Finding, Machine, ok, warning, wrong
from station.ops.doctor.place import database, running_station, state_directory
from station.ops.doctor.scanners import really_open, scanner
from station.outputs.publishers.publishers import sender_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from station.config.publishing import PublishSettings
    from station.config.schema import Config
    from station.config.settings import ScannerSettings

_NO_WAY = (
    "nothing is lost in the meantime; make the receiver reachable; if the service has no network, see "
    "examples/network.conf"
)
_REFUSED = "correct what it refuses, here or at the receiver; nothing is lost in the meantime"


def publishers(config: Config) -> list[Finding]:
    """One finding per publisher."""
    return [
        _publisher(each, number, config.station.name) for number, each in enumerate(config.publish, start=1)
    ]


def _publisher(settings: PublishSettings, number: int, station: str) -> Finding:
    check = f"publisher {settings.name}"
    try:
        where = sender_for(settings, number, station).check()
    except ConfigError as error:
        return wrong(check, str(error), "correct it: docs/publishing.md explains each key")
    except PublishRefusedError as error:
        return wrong(check, str(error), _REFUSED)
    except PublishError as error:
        return wrong(check, str(error), _NO_WAY)
    return ok(check, f"{where} can be reached")


UNIT = "scanstation.service"
_FIRST_YEAR, _LAST_YEAR = 2026, 2100
"""No history row can be older than the program; a clock far ahead is just as wrong."""


def clock(machine: Machine, now_s: float | None = None) -> Finding:
    """Whether the time is right: history rows keep it forever."""
    check = "clock"
    now = datetime.fromtimestamp(time.time() if now_s is None else now_s, UTC)
    shown = now.isoformat(timespec="seconds").replace("+00:00", "Z")
    if not _FIRST_YEAR <= now.year <= _LAST_YEAR:
        return wrong(check, f"the clock shows {shown}", "set it: sudo timedatectl set-ntp true")
    by_service = (machine.root / "run/systemd/timesync/synchronized").exists()
    if by_service or machine.synchronised():
        return ok(check, f"{shown}, synchronised")
    return warning(
        check,
        f"{shown}, but not synchronised: history rows keep this time forever",
        "sudo timedatectl set-ntp true, or install chrony",
    )


def unit(machine: Machine) -> Iterator[Finding]:
    """Whether systemd runs the station, if the machine has systemd."""
    if not (machine.root / "run/systemd/system").exists():
        return
    shown = machine.run(["systemctl", "show", UNIT, "-p", "LoadState,ActiveState,UnitFileState"])
    state = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
    if not state:
        yield warning("unit", "systemctl does not respond", "run systemctl status")
    elif state.get("LoadState") != "loaded":
        yield warning(
            "unit",
            f"{UNIT} is not installed: nothing starts the station at boot",
            f"write a unit {UNIT} that runs scanstation run, and sudo systemctl enable --now {UNIT}",
        )
    else:
        yield _loaded(state)


def _loaded(state: dict[str, str]) -> Finding:
    active, enabled = state.get("ActiveState", ""), state.get("UnitFileState", "")
    shown = f"{UNIT} is {active}, {enabled or 'not enabled'}"
    if active == "failed":
        return wrong("unit", shown, f"see journalctl -u {UNIT}; then sudo systemctl restart {UNIT}")
    if active not in ("active", "activating", "reloading") or enabled != "enabled":
        return warning("unit", shown, f"sudo systemctl enable --now {UNIT}")
    return ok("unit", shown)


def diagnosis(
    load: Callable[[], Config],
    machine: Machine | None = None,
    try_open: Callable[[ScannerSettings], None] = really_open,
) -> Iterator[Finding]:
    """Run all checks; with a wrong configuration, those that need none."""
    machine = machine or Machine()
    try:
        config = load()
        yield ok("configuration", f'station "{config.station.name}", {len(config.scanner)} scanners')
    except ConfigError as error:
        yield wrong("configuration", str(error), "correct it: config.example.toml explains each key")
    else:
        yield from _of_station(config, machine, try_open)
    yield from udev_rule(machine)
    yield clock(machine)
    yield from unit(machine)


def _of_station(
    config: Config, machine: Machine, try_open: Callable[[ScannerSettings], None]
) -> Iterator[Finding]:
    try:
        directory = config.state_directory()
    except ConfigError as error:
        yield wrong("state directory", str(error), "set station.state_directory")
        return
    yield state_directory(directory)
    yield database(config)
    running, display = running_station(config)
    yield display
    if not config.scanner:
        yield warning(
            "scanners", "none is configured", "scanstation devices prints tables for plugged-in scanners"
        )
    for settings in config.scanner:
        yield from scanner(settings, machine, running, try_open)
    yield from publishers(config)
