"""``[[scanner]]`` tables for plugged-in devices, ready to paste into the configuration."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import msgspec

from drivers import DRIVERS
from drivers.discovery import usb_tree
from drivers.discovery.known import MODE_NAMES, UsbMode
from drivers.discovery.listing import Confidence, listed
from drivers.discovery.match import DeviceMatch
from drivers.discovery.modes import WANTED, meant_in_another_mode, switching
from drivers.discovery.nodes import find_node, find_nodes
from drivers.discovery.usb_tree import usb_devices
from station.i18n.messages import escape_unprintable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from drivers.discovery.listing import ListedDevice
    from drivers.discovery.nodes import DeviceNode
    from station.config.settings import ScannerSettings

MAX_NAME = 64


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A device and its table; also a line of ``devices --json``."""

    name: str
    """The scanner's name in the table; if it is configured, its configured name."""
    device: str
    """The device's own name."""
    driver: str
    mode: str
    sure: str
    path: str
    vid: int | None
    pid: int | None
    usb_serial: str
    port_path: str
    configured: bool
    remark: str
    table: str
    """TOML; empty: no driver can read it in this mode."""
    commented: bool
    """Commented out: it may be another kind of device, or it is already configured."""

    def text(self) -> str:
        """A description in comments, and the table."""
        lines = [f"# {escape_unprintable(line)}" for line in self._about()]
        table = self.table.splitlines()
        return "\n".join([*lines, *(f"#{line}" for line in table)] if self.commented else [*lines, *table])

    def _about(self) -> Iterable[str]:
        usb_id = "" if self.vid is None else f" ({self.vid:04x}:{self.pid:04x})"
        port = f" at port {self.port_path}" if self.port_path else ""
        is_maybe = self.sure in (Confidence.MAYBE_KEYBOARD, Confidence.MAYBE_SERIAL)
        mode = f" in {MODE_NAMES[UsbMode(self.mode)]} mode" if self.mode and not is_maybe else ""
        yield f"{self.device}{usb_id}{port}: {self.sure}{mode}{self.path and f', {self.path}'}"
        if self.configured:
            yield f'configured as "{self.name}"'
        elif self.commented and self.table:
            yield "remove the # if it is the scanner"
        if self.remark:
            yield self.remark


def offers(configured: Sequence[ScannerSettings], root: Path = usb_tree.ROOT) -> list[Offer]:
    """The plugged-in devices, each with a table with a free name."""
    taken = {settings.name for settings in configured}
    found = []
    for each in listed(root):
        own = next((settings for settings in configured if _is(settings, each, root)), None)
        name = own.name if own else _free_name(each.name, taken)
        taken.add(name)
        found.append(_offer(each, name, _wrong(configured, each, root), is_configured=own is not None))
    return found


def _offer(each: ListedDevice, name: str, wrong: str, *, is_configured: bool) -> Offer:
    return Offer(
        name=name,
        device=each.name,
        driver=each.driver,
        mode=each.mode or "",
        sure=each.sure,
        path=each.path,
        vid=each.vid,
        pid=each.pid,
        usb_serial=each.usb_serial,
        port_path=each.port_path,
        configured=is_configured,
        remark=wrong or each.remark,
        table=_table(each, name) if each.mode else "",
        commented=is_configured or not each.is_sure,
    )


def _table(each: ListedDevice, name: str) -> str:
    match = ", ".join(f"{key} = {_toml(key, value)}" for key, value in each.match.items())
    lines = ["[[scanner]]", f'name = "{name}"', f'driver = "{each.driver}"', f"match = {{ {match} }}"]
    if each.mode is UsbMode.SYMBOL_COM:
        lines.append('protocol = "symbol_com"')
    return "\n".join(lines)


def _toml(key: str, value: str | int) -> str:
    if isinstance(value, int):
        return f"0x{value:04x}" if key in ("vid", "pid") else str(value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{"".join(_character(character) for character in escaped)}"'


def _character(character: str) -> str:
    return character if character.isprintable() else f"\\U{ord(character):08X}"


def _free_name(wanted: str, taken: set[str]) -> str:
    """A valid name that no other scanner has."""
    base = re.sub(r"[^a-z0-9]+", "-", wanted.lower()).strip("-")[: MAX_NAME - 4].strip("-") or "scanner"
    number = 1
    while (name := base if number == 1 else f"{base}-{number}") in taken:
        number += 1
    return name


def _is(settings: ScannerSettings, each: ListedDevice, root: Path) -> bool:
    """Whether a configured scanner is this device, in this mode."""
    if settings.driver != each.driver:
        return False
    if each.path:
        nodes = nodes_of(settings, root)
        return any(os.path.realpath(node.path) == os.path.realpath(each.path) for node in nodes)
    match = match_of(settings)
    return any(device.fits(match) for device in usb_devices(root) if device.port_path == each.port_path)


def _wrong(configured: Sequence[ScannerSettings], each: ListedDevice, root: Path) -> str:
    """A note if a configured scanner is this device, but its driver can't read this mode; else empty."""
    for settings in configured:
        subsystem = DRIVERS[settings.driver].subsystem
        if each.vid is None or subsystem is None or nodes_of(settings, root):
            continue
        device = meant_in_another_mode(match_of(settings), subsystem, root)
        if device is not None and device.port_path == each.port_path:
            return (
                f'scanner "{settings.name}" is configured with driver = "{settings.driver}", which can\'t '
                f"read this mode: {switching(device.vid, WANTED[subsystem])}, "
                "or replace its table with this one"
            )
    return ""


def match_of(settings: ScannerSettings) -> DeviceMatch:
    """The ``match`` table of a configured scanner."""
    return DeviceMatch.from_options(msgspec.to_builtins(settings.match))


def nodes_of(settings: ScannerSettings, root: Path) -> list[DeviceNode]:
    """The device nodes that fit a configured scanner; empty if its driver's devices have none."""
    subsystem = DRIVERS[settings.driver].subsystem
    return find_nodes(subsystem, match_of(settings), root) if subsystem else []


def node_of(settings: ScannerSettings, root: Path) -> DeviceNode | None:
    """The one device node of a configured scanner; None: its driver's devices have none.

    Raises:
        DeviceGoneError: there is none, or several fit.
    """
    subsystem = DRIVERS[settings.driver].subsystem
    return find_node(subsystem, match_of(settings), root) if subsystem else None
