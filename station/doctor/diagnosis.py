"""All checks, in the order in which a person would look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.doctor.access import udev_rule
from station.doctor.finding import Finding, ok, warning, wrong
from station.doctor.machine import Machine
from station.doctor.place import database, running_station, state_directory
from station.doctor.publishers import publishers
from station.doctor.scanners import really_open, scanner
from station.doctor.system import clock, unit
from station.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from station.config import Config
    from station.settings import ScannerSettings


def diagnosis(
    load: Callable[[], Config],
    machine: Machine | None = None,
    try_open: Callable[[ScannerSettings], None] = really_open,
) -> Iterator[Finding]:
    """Everything that was looked at; with a wrong configuration, what can be told without one."""
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
            "scanners", "none is configured", "scanstation devices prints tables for what is plugged in"
        )
    for settings in config.scanner:
        yield from scanner(settings, machine, running, try_open)
    yield from publishers(config)
