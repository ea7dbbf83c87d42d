"""Lists plugged-in devices that may be scanners: the mode, the confidence, and a ``match`` table."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from drivers.discovery import usb_tree
from drivers.discovery.known import KNOWN, UsbMode, maker_of
from drivers.discovery.match import DeviceMatch
from drivers.discovery.modes import DRIVER_OF, HID, modes_of, switching
from drivers.discovery.nodes import find_nodes
from drivers.discovery.usb_tree import usb_devices

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from drivers.description import Subsystem
    from drivers.discovery.nodes import DeviceNode
    from drivers.discovery.usb_tree import UsbDevice

PREFERRED = (UsbMode.HIDPOS, UsbMode.SERIAL, UsbMode.IBM, UsbMode.SYMBOL_COM, UsbMode.KEYBOARD)
"""If a device has several modes at once, the first of these keeps most of a label's data."""
_WORDS = re.compile(r"scan|bar ?code|imager|\b[12]d reader", re.IGNORECASE)


class Confidence(StrEnum):
    """How sure it is that a device is a scanner."""

    KNOWN = "known scanner"
    """By its VID and PID, its maker, or a usage page that only scanners have."""
    LIKELY = "looks like a scanner"
    """It calls itself one."""
    MAYBE_KEYBOARD = "may be a keyboard"
    MAYBE_SERIAL = "may be any serial device"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedDevice:
    """One device, or one of its ports, that may be a scanner."""

    name: str
    sure: Confidence
    mode: UsbMode | None
    """None: it is from a maker of scanners, in a mode that no driver reads."""
    path: str = ""
    """Device node; empty: it has none, for example when libusb reads it."""
    vid: int | None = None
    pid: int | None = None
    usb_serial: str = ""
    port_path: str = ""
    match: Mapping[str, str | int] = field(default_factory=dict)
    """The best key: it stays the same after replugging and fits no other device."""
    remark: str = ""
    """A note or advice, one sentence."""

    @property
    def driver(self) -> str:
        """The driver that reads it; empty: none does."""
        return DRIVER_OF[self.mode].name if self.mode else ""

    @property
    def is_sure(self) -> bool:
        """Whether its table can be used as it is; a keyboard's would grab the keyboard someone types on."""
        return self.mode is not None and self.sure in (Confidence.KNOWN, Confidence.LIKELY)


def listed(root: Path = usb_tree.ROOT) -> list[ListedDevice]:
    """All devices that may be scanners: on USB in the order of their ports, then the others."""
    devices = usb_devices(root)
    found = [each for device in devices for each in _of_device(device, devices, root)]
    return [*found, *_beside_usb(root)]


def _of_device(device: UsbDevice, devices: list[UsbDevice], root: Path) -> Iterator[ListedDevice]:
    modes = modes_of(device)
    if not modes:
        if maker := maker_of(device.vid):
            yield replace(_about(device, Confidence.KNOWN, None), remark=_unread(device, maker.name))
        return
    mode = next(mode for mode in PREFERRED if mode in modes)
    about = _about(device, _sureness(device, mode), mode)
    nodes = _nodes(device, mode, root)
    if not nodes:
        yield replace(about, match=_by_port(device), remark=_hidden(mode))
    for node in nodes:
        match = _best_match(device, mode, node, devices, nodes)
        yield replace(about, path=node.path, match=match, remark=_advice(device, mode, modes))


def _about(device: UsbDevice, sure: Confidence, mode: UsbMode | None) -> ListedDevice:
    return ListedDevice(
        name=" ".join(word for word in (device.manufacturer, device.product) if word) or "USB device",
        sure=sure,
        mode=mode,
        vid=device.vid,
        pid=device.pid,
        usb_serial=device.usb_serial,
        port_path=device.port_path,
    )


def _sureness(device: UsbDevice, mode: UsbMode) -> Confidence:
    by_usage = mode in (UsbMode.HIDPOS, UsbMode.IBM, UsbMode.SYMBOL_COM)
    if by_usage or maker_of(device.vid) or (device.vid, device.pid) in KNOWN:
        return Confidence.KNOWN
    return _by_name(f"{device.manufacturer} {device.product}", mode)


def _by_name(name: str, mode: UsbMode) -> Confidence:
    if _WORDS.search(name):
        return Confidence.LIKELY
    return Confidence.MAYBE_KEYBOARD if mode is UsbMode.KEYBOARD else Confidence.MAYBE_SERIAL


def _nodes(device: UsbDevice, mode: UsbMode, root: Path) -> list[DeviceNode]:
    match = DeviceMatch(vid=device.vid, pid=device.pid, port_path=device.port_path)
    subsystem = DRIVER_OF[mode].subsystem
    return find_nodes(subsystem, match, root) if subsystem else []


def _best_match(
    device: UsbDevice, mode: UsbMode, node: DeviceNode, devices: list[UsbDevice], nodes: list[DeviceNode]
) -> dict[str, str | int]:
    twins = [each for each in devices if _same(each, device) and each.usb_serial == device.usb_serial]
    if not device.usb_serial or len(twins) > 1:
        # Without a unique serial number, only the port distinguishes them.
        return _by_port(device, node.interface_path if len(nodes) > 1 else "")
    if not DRIVER_OF[mode].uses_libusb and node.by_id:
        return {"by_id": node.by_id[0]}
    match: dict[str, str | int] = {"vid": device.vid, "pid": device.pid, "usb_serial": device.usb_serial}
    return match if len(nodes) == 1 else {**match, "port_path": node.interface_path}


def _same(one: UsbDevice, other: UsbDevice) -> bool:
    return (one.vid, one.pid) == (other.vid, other.pid)


def _by_port(device: UsbDevice, interface_path: str = "") -> dict[str, str | int]:
    return {"vid": device.vid, "pid": device.pid, "port_path": interface_path or device.port_path}


def _advice(device: UsbDevice, mode: UsbMode, modes: tuple[UsbMode, ...]) -> str:
    if mode is UsbMode.KEYBOARD and maker_of(device.vid):
        return (
            f"for data that a keyboard can't type, {switching(device.vid, (UsbMode.SERIAL, UsbMode.HIDPOS))}"
        )
    others = [each.value for each in modes if each is not mode]
    return f"it is readable as {', '.join(others)} too" if others else ""


def _hidden(mode: UsbMode) -> str:
    if DRIVER_OF[mode].uses_libusb:
        return "it shows no device node: a program reads it by libusb, or the kernel module usbhid is missing"
    return "it shows no device node yet: look again in a second"


def _unread(device: UsbDevice, maker: str) -> str:
    if any(each.class_ == HID and not each.report_descriptor for each in device.interfaces):
        return f"is {maker}'s; a program has taken it from the kernel (libusb), so its mode can't be seen"
    wanted = (UsbMode.SERIAL, UsbMode.HIDPOS)
    return f"is {maker}'s, in a mode that no driver reads: {switching(device.vid, wanted)}"


def _beside_usb(root: Path) -> Iterator[ListedDevice]:
    """Serial ports on the mainboard, Bluetooth keyboards and the like."""
    subsystems: tuple[tuple[Subsystem, UsbMode], ...] = (("tty", UsbMode.SERIAL), ("input", UsbMode.KEYBOARD))
    for subsystem, mode in subsystems:
        for node in find_nodes(subsystem, root=root):
            if not node.port_path:
                kind = "serial port" if mode is UsbMode.SERIAL else "keyboard"
                yield ListedDevice(
                    name=node.name or kind,
                    sure=_by_name(node.name, mode),
                    mode=mode,
                    path=node.path,
                    vid=node.vid,
                    pid=node.pid,
                    usb_serial=node.usb_serial,
                    match=_without_port(node),
                )


def _without_port(node: DeviceNode) -> dict[str, Any]:
    if node.subsystem == "input" and node.vid is not None and node.pid is not None:
        own = {"usb_serial": node.usb_serial} if node.usb_serial else {}
        return {"vid": node.vid, "pid": node.pid, **own}
    return {"by_id": node.by_id[0]} if node.by_id else {"path": node.path}
