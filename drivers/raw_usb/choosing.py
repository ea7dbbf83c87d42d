"""Finds the plugged-in raw USB scanner that a ``match`` table identifies.

Several interfaces share a VID:PID (Honeywell has a second one for its own tools), so the report descriptor
decides.
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from drivers.base import DeviceBusyError, DeviceGoneError, WrongModeError
from drivers.discovery import usb_tree
from drivers.discovery.modes import HID, WANTED, is_desktop_descriptor, switching, wrong_mode
from drivers.discovery.nodes import find_nodes, only
from drivers.discovery.usb_tree import usb_devices
from drivers.raw_usb.descriptor import parse
from drivers.raw_usb.items import DescriptorError
from drivers.raw_usb.symbol_com import VID_PID, protocol_of

if TYPE_CHECKING:
    from pathlib import Path

    from drivers.discovery.match import DeviceMatch
    from drivers.discovery.nodes import DeviceNode
    from drivers.discovery.usb_tree import UsbDevice, UsbInterface

_NO_BOOT_PROTOCOL: Final = 0
"""``bInterfaceProtocol`` of devices other than keyboards and mice."""


@dataclass(frozen=True, slots=True)
class WantedDevice:
    """The device in a scanner's settings."""

    match: DeviceMatch
    protocol: str = ""
    """Empty: the descriptor decides."""
    root: Path = usb_tree.ROOT

    def nodes(self) -> list[DeviceNode]:
        """The hidraw nodes that may be the device."""
        nodes = find_nodes("hidraw", self.match, self.root)
        exactly = [node for node in nodes if self._speaks(node.report_descriptor, node.vid, node.pid)]
        return exactly or [
            node for node in nodes if self._may_be(node.report_descriptor, unknown=node.sysfs is None)
        ]

    def node(self) -> DeviceNode:
        """The device's only hidraw node.

        Raises:
            DeviceGoneError: there is none, or there are several.
        """
        nodes = self.nodes()
        if not nodes and (unsuited := self._unsuited()):
            raise unsuited
        return only(nodes, "hidraw", self.match, self.root)

    def interface(self) -> tuple[UsbDevice, UsbInterface]:
        """The device's only interface, whether bound to a kernel driver or not.

        Raises:
            DeviceGoneError: there is none, or there are several.
        """
        found = self._interfaces()
        if len(found) > 1:
            which = ", ".join(interface.path for _, interface in found)
            raise DeviceGoneError(
                f"several USB scanners are {self.match} ({which}): add usb_serial or port_path to match"
            )
        if found:
            return found[0]
        raise (
            self._unsuited()
            or wrong_mode(self.match, "hidraw", self.root)
            or DeviceGoneError(
                f"no USB scanner is {self.match}: is it plugged in, and in HID POS or IBM hand-held mode?"
            )
        )

    def protocol_for(self, descriptor: bytes, vid: int | None, pid: int | None) -> str:
        """The device's protocol; empty: it is unknown or not the wanted one."""
        spoken = spoken_by(descriptor, vid, pid)
        if not self.protocol or spoken in ("", self.protocol):
            return spoken or self.protocol
        return ""

    def _interfaces(self) -> list[tuple[UsbDevice, UsbInterface]]:
        found = [
            (device, interface)
            for device in self._devices()
            for interface in device.interfaces
            if interface.class_ == HID and self.match.is_at(device.port_path, interface.path)
        ]
        exactly = [
            (device, interface)
            for device, interface in found
            if self._speaks(interface.report_descriptor, device.vid, device.pid)
        ]
        return exactly or [
            (device, interface)
            for device, interface in found
            if self._may_be(interface.report_descriptor, unknown=interface.protocol == _NO_BOOT_PROTOCOL)
        ]

    def _devices(self) -> list[UsbDevice]:
        devices = (device for device in usb_devices(self.root) if device.fits(self.match))
        return [device for device in devices if not self.match.path or self.match.path in _paths(device)]

    def _speaks(self, descriptor: bytes, vid: int | None, pid: int | None) -> bool:
        spoken = spoken_by(descriptor, vid, pid)
        return bool(spoken) and self.protocol in ("", spoken)

    def _may_be(self, descriptor: bytes, *, unknown: bool) -> bool:
        """Whether a device with an unknown protocol is worth opening.

        Args:
            descriptor: Its report descriptor; empty: not visible before opening.
            unknown: The result without a descriptor.
        """
        if not descriptor:
            return unknown
        if is_desktop_descriptor(descriptor) or spoken_by(descriptor, None, None):
            return False
        return self.protocol in ("ibm", "symbol_com")

    def _unsuited(self) -> WrongModeError | None:
        """Why a plugged-in device is not the wanted one; None: it has no raw USB mode."""
        for device in self._devices():
            spoken = [spoken_by(each.report_descriptor, device.vid, device.pid) for each in device.interfaces]
            if self.protocol and any(spoken):
                other = next(protocol for protocol in spoken if protocol)
                return WrongModeError(
                    f'{device} speaks "{other}", and protocol = "{self.protocol}" is set: '
                    f"leave protocol out, or {switching(device.vid, WANTED['hidraw'])}"
                )
        return None


def spoken_by(descriptor: bytes, vid: int | None, pid: int | None) -> str:
    """A device's protocol, from its report descriptor or else its VID and PID; empty: unknown."""
    if (vid, pid) == VID_PID:
        return "symbol_com"
    try:
        return protocol_of(parse(descriptor))
    except DescriptorError:
        return ""


def _paths(device: UsbDevice) -> set[str]:
    return {device.node, *(path for interface in device.interfaces for path in interface.hidraws)}


_GONE: Final = (errno.ENODEV, errno.ENOENT, errno.ENXIO, errno.EIO)


class NotPermittedError(DeviceGoneError):
    """The device exists, but this user may not open it."""


def why_not(path: str, number: int | None) -> DeviceGoneError:
    """The error to raise after opening a device failed.

    Args:
        path: The device node.
        number: The errno; None: unknown.
    """
    if number in (errno.EACCES, errno.EPERM):
        return NotPermittedError(
            f"{path}: permission denied; install the udev rule systemd/70-scanstation.rules, put the user "
            'into the group "scanstation" and plug the scanner in again'
        )
    if number in (errno.EBUSY, errno.EWOULDBLOCK):
        return DeviceBusyError(f"{path} is in use by another program; `fuser -v {path}` names it")
    if number in _GONE:
        return DeviceGoneError(f"{path} is not there: is the scanner plugged in?")
    why = os.strerror(number) if number else "the system doesn't say why"
    return DeviceGoneError(f"{path} can't be opened: {why}")


def went_away(name: str, number: int | None) -> DeviceGoneError:
    """The error to raise after reading failed; unplugging appears as ENODEV or EIO."""
    return DeviceGoneError(f"{name} went away: {os.strerror(number) if number else 'it no longer answers'}")
