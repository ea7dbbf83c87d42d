"""Checks the configured scanners: plugged in, in the right mode, permitted, not used by another program."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from drivers import DRIVERS, driver_class
from drivers.base import DeviceBusyError, DeviceGoneError, DriverError, WrongModeError
from drivers.discovery import usb_tree
from drivers.discovery.usb_tree import usb_devices
from station.events import ScannerState
from station.inputs.scanner_table import match_of, node_of
from station.ops.doctor.access import INSTALL_RULE, permission, rule_for
from station.ops.doctor.machine import Finding, State, ok, warning, wrong

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from drivers.discovery.nodes import DeviceNode
    from station.config.settings import ScannerSettings
    from station.ops.doctor.machine import Machine, Process
    from station.outputs.display.state import ScannerShown

_USB_MAJOR = 189
"""Major number of the nodes in ``/dev/bus/usb``; their minors count 128 per bus."""


def really_open(settings: ScannerSettings) -> None:
    """Open the device as the station does, and close it.

    Raises:
        DriverError: it can't be opened; the text says why.
    """
    driver = driver_class(settings.driver).from_options(msgspec.to_builtins(settings))
    driver.open()
    driver.close()


@dataclass(frozen=True, slots=True)
class Running:
    """The running station."""

    pid: int
    scanners: Mapping[str, ScannerShown] = field(default_factory=dict)
    """The state of its scanners, by name."""


def scanner(
    settings: ScannerSettings,
    machine: Machine,
    running: Running | None = None,
    try_open: Callable[[ScannerSettings], None] = really_open,
) -> Iterator[Finding]:
    """Check one scanner; a device that the running station reads is left alone."""
    check = f"scanner {settings.name}"
    shown = running.scanners.get(settings.name) if running else None
    if running and shown and shown.state is ScannerState.CONNECTED:
        yield ok(check, f"{shown.detail} is read by the running station (process {running.pid})")
        try_open = _leave_alone
    driver = DRIVERS[settings.driver]
    try:
        node = node_of(settings, machine.root)
    except DeviceGoneError as error:
        if not driver.uses_libusb or isinstance(error, WrongModeError):
            yield _absent(check, error)
            return
        # A program that reads it with libusb has removed its node; opening it will show that.
        node = None
    if node is not None:
        allowed = permission(check, node.path, machine, write=driver.takes_replies, remedy=rule_for(node))
        yield allowed
        yield from _other_users(check, node, machine)
        if allowed.state is State.WRONG:
            return
    if try_open is not _leave_alone:
        yield _opening(settings, node, machine, running, try_open)


def _leave_alone(settings: ScannerSettings) -> None:
    """Don't open a device that the station reads."""


def _absent(check: str, error: DeviceGoneError) -> Finding:
    what, _, way_out = str(error).partition(": ")
    if isinstance(error, WrongModeError) or way_out.startswith("add "):
        return wrong(check, what, way_out)
    return wrong(check, what, f"{way_out} Plug it in, or correct match: see `scanstation devices`")


def _opening(
    settings: ScannerSettings,
    node: DeviceNode | None,
    machine: Machine,
    running: Running | None,
    try_open: Callable[[ScannerSettings], None],
) -> Finding:
    check = f"scanner {settings.name}"
    if running is not None:
        return _unread(check, settings, running)
    driver = DRIVERS[settings.driver]
    match = str(match_of(settings)) if driver.subsystem else "it"
    named = node.path if node else match
    holders = " and ".join(str(process) for process in _holders(settings, node, machine))
    try:
        try_open(settings)
    except DeviceBusyError as error:
        if holders:
            return wrong(
                check, f"{named} is held by {holders}", "stop that program, or give it another device"
            )
        what, _, _ = str(error).partition("; ")
        return wrong(check, what, "run sudo scanstation doctor, which shows the other program")
    except DriverError as error:
        what, _, way_out = str(error).partition("; ")
        return wrong(check, what, way_out or "plug the scanner in again")
    if holders and driver.is_split_among_readers:
        return warning(
            check, f"{named} is also read by {holders}, which takes scans away", "stop that program"
        )
    return ok(check, f"{named} opens")


def _unread(check: str, settings: ScannerSettings, running: Running) -> Finding:
    shown = running.scanners.get(settings.name)
    if shown is None:
        return warning(
            check,
            f"the running station (process {running.pid}) was started without it",
            "restart the station: it reads its configuration when it starts",
        )
    what, _, way_out = shown.detail.partition("; ")
    return wrong(
        check,
        f"the running station (process {running.pid}) does not read it: {what or shown.state}",
        way_out or "see the findings above; otherwise restart the station",
    )


def _holders(settings: ScannerSettings, node: DeviceNode | None, machine: Machine) -> list[Process]:
    paths = {node.path} if node else set()
    if DRIVERS[settings.driver].uses_libusb:
        match = match_of(settings)
        paths |= {device.node for device in usb_devices(machine.root) if device.fits(match)}
    found = {process.pid: process for path in paths for process in machine.holders(path)}
    return list(found.values())


def _other_users(check: str, node: DeviceNode, machine: Machine) -> Iterator[Finding]:
    """A console or ModemManager on a serial port; nothing uses other nodes on its own."""
    if node.subsystem != "tty":
        return
    if node.sysfs is not None and usb_tree.text(node.sysfs, "console") == "Y":
        yield wrong(
            check,
            f"{node.path} is a kernel console, which writes to it",
            f"take console={os.path.basename(node.path)} out of the kernel's command line, and reboot",  # noqa: PTH119
        )
    if node.port_path and _manages_modems(machine) and not _is_ignored(node, machine):
        yield warning(
            check,
            f"ModemManager runs and may hold {node.path} for some seconds after it is plugged in",
            f"{INSTALL_RULE}; or, without modems: sudo systemctl disable --now ModemManager",
        )


def _manages_modems(machine: Machine) -> bool:
    return any(process.name == "ModemManager" for process in machine.processes())


def _is_ignored(node: DeviceNode, machine: Machine) -> bool:
    """Whether a udev rule tells ModemManager to leave the port or its USB device alone."""
    numbers = [usb_tree.text(node.sysfs, "dev")] if node.sysfs else []
    numbers += [
        f"{_USB_MAJOR}:{(device.bus - 1) * 128 + device.address - 1}"
        for device in usb_devices(machine.root)
        if device.port_path == node.port_path
    ]
    database = machine.root / "run/udev/data"
    return any(
        "E:ID_MM_DEVICE_IGNORE=1" in usb_tree.text(database, f"c{number}").split("\n") for number in numbers
    )
