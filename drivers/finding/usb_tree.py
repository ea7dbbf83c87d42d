"""The USB devices that are plugged in, as sysfs shows them.

What each file holds: ``Documentation/ABI/{stable,testing}/sysfs-bus-usb`` of the kernel; a HID device's
``report_descriptor``: ``Documentation/ABI/testing/sysfs-driver-hid``.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from drivers.finding import sysfs

if TYPE_CHECKING:
    from drivers.finding.match import DeviceMatch

HUB = 0x09
"""``bDeviceClass`` of a hub."""
_NODE_SUBSYSTEMS = ("tty", "input", "hidraw")


@dataclass(frozen=True, slots=True, kw_only=True)
class UsbInterface:
    """One interface of the configuration that a device is in."""

    number: int
    class_: int
    """``bInterfaceClass``: 0x03 HID, 0x02 and 0x0A communication (CDC), 0xFF the maker's own."""
    subclass: int
    protocol: int
    path: str
    """As the kernel names it, ``1-1.4:1.0``."""
    driver: str
    """The kernel driver that holds it (``usbhid``, ``cdc_acm``); empty: none does."""
    ttys: tuple[str, ...] = ()
    """Device nodes below it: ``/dev/ttyACM0`` …"""
    inputs: tuple[str, ...] = ()
    """… ``/dev/input/event3`` …"""
    hidraws: tuple[str, ...] = ()
    """… ``/dev/hidraw0``."""
    report_descriptor: bytes = b""
    """Of the HID device; empty: it is none, or no kernel driver holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsbDevice:
    """One device that is plugged in."""

    vid: int
    pid: int
    manufacturer: str
    product: str
    usb_serial: str
    """Empty: it has none."""
    port_path: str
    """``1-1.4``: bus 1, port 1 of it, port 4 of the hub there."""
    bus: int
    address: int
    """With `bus`, what libusb calls it; changes with each plugging in."""
    node: str
    """``/dev/bus/usb/001/004``, which libusb opens."""
    interfaces: tuple[UsbInterface, ...]

    @property
    def by_id(self) -> str:
        """How udev's by-id links name it, before the interface: ``usb-Maker_Model_Serial``.

        As udev's built-in ``usb_id`` does: each part with blanks joined and other characters replaced by
        underscores; a serial number with characters that are none of printable ASCII is left out.
        """
        vendor = udev_word(self.manufacturer) or f"{self.vid:04x}"
        model = udev_word(self.product) or f"{self.pid:04x}"
        serial = udev_word(self.usb_serial) if re.fullmatch(r"[ -~]*", self.usb_serial) else ""
        return f"usb-{vendor}_{model}" + (f"_{serial}" if serial else "")

    def fits(self, match: DeviceMatch) -> bool:
        """Whether all that `match` says holds of the device or one of its interfaces."""
        interfaces = self.interfaces
        names = {self.by_id, *(hidraw_link(self, interface.number) for interface in interfaces)}
        nodes = {
            self.node,
            *(node for each in interfaces for node in (*each.ttys, *each.inputs, *each.hidraws)),
        }
        return (
            match.vid in (None, self.vid)
            and match.pid in (None, self.pid)
            and match.usb_serial in ("", self.usb_serial)
            and match.port_path in {"", self.port_path, *(interface.path for interface in interfaces)}
            and (not match.by_id or match.by_id in names)
            and (not match.path or os.path.realpath(match.path) in nodes)
        )

    def __str__(self) -> str:
        name = " ".join(word for word in (self.manufacturer, self.product) if word)
        return f"{name or 'a USB device'} ({self.vid:04x}:{self.pid:04x}) at port {self.port_path}"


def usb_devices(root: Path = sysfs.ROOT) -> list[UsbDevice]:
    """The devices that are plugged in, hubs left out, in the order of their ports; empty: no USB here."""
    directories = [sysfs.real(link) for link in sysfs.children(root / "sys/bus/usb/devices")]
    devices = [usb_device(directory, root) for directory in directories if directory]
    return sorted(filter(None, devices), key=lambda device: _port_order(device.port_path))


def usb_device(directory: Path, root: Path = sysfs.ROOT) -> UsbDevice | None:
    """The device of a directory of sysfs; None: it is a hub, an interface, or has just gone."""
    vid, pid = sysfs.hexadecimal(directory, "idVendor"), sysfs.hexadecimal(directory, "idProduct")
    bus, address = sysfs.decimal(directory, "busnum"), sysfs.decimal(directory, "devnum")
    if None in (vid, pid, bus, address) or sysfs.hexadecimal(directory, "bDeviceClass") == HUB:
        return None
    interfaces = [_interface(each, root) for each in sysfs.children(directory) if ":" in each.name]
    return UsbDevice(
        vid=vid or 0,
        pid=pid or 0,
        manufacturer=sysfs.text(directory, "manufacturer"),
        product=sysfs.text(directory, "product"),
        usb_serial=sysfs.text(directory, "serial"),
        port_path=directory.name,
        bus=bus or 0,
        address=address or 0,
        node=str(root / f"dev/bus/usb/{bus:03}/{address:03}"),
        interfaces=tuple(each for each in interfaces if each is not None),
    )


def hidraw_link(device: UsbDevice, interface: int) -> str:
    """The name of the link that a new udev makes for a hidraw node (``60-persistent-hidraw.rules``)."""
    return device.by_id + (f"-if{interface:02x}" if interface else "") + "-hidraw"


def udev_word(value: str) -> str:
    """A descriptor's text as udev writes it into a link's name; letters beyond ASCII stay."""
    return re.sub(r"[^A-Za-z0-9#+\-.:=@_\u0080-\U0010ffff]", "_", re.sub(r"\s+", "_", value.strip()))


def _interface(directory: Path, root: Path) -> UsbInterface | None:
    number = sysfs.hexadecimal(directory, "bInterfaceNumber")
    if number is None:
        return None
    nodes, descriptor = _below(directory, root)
    driver = sysfs.real(directory / "driver")
    return UsbInterface(
        number=number,
        class_=sysfs.hexadecimal(directory, "bInterfaceClass") or 0,
        subclass=sysfs.hexadecimal(directory, "bInterfaceSubClass") or 0,
        protocol=sysfs.hexadecimal(directory, "bInterfaceProtocol") or 0,
        path=directory.name,
        driver=driver.name if driver else "",
        ttys=tuple(nodes["tty"]),
        inputs=tuple(nodes["input"]),
        hidraws=tuple(nodes["hidraw"]),
        report_descriptor=descriptor,
    )


def _below(directory: Path, root: Path) -> tuple[dict[str, list[str]], bytes]:
    """The device nodes and the report descriptor below an interface."""
    nodes: dict[str, list[str]] = {subsystem: [] for subsystem in _NODE_SUBSYSTEMS}
    descriptor = b""
    for name, names, files in os.walk(directory):
        names.sort()
        here = Path(name)
        if "report_descriptor" in files:
            descriptor = descriptor or sysfs.raw(here, "report_descriptor")
        # A node lies in a directory named after its subsystem; an input device's event nodes, one deeper.
        subsystem = "input" if here.name.startswith("event") else here.parent.name
        if subsystem in nodes and (device := sysfs.uevent(here).get("DEVNAME")):
            nodes[subsystem].append(str(root / "dev" / device))
    return nodes, descriptor


def _port_order(port_path: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", port_path)]
