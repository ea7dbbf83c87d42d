"""The plugged-in USB devices, from sysfs.

The files are described in the kernel's ``Documentation/ABI/{stable,testing}/sysfs-bus-usb``, a HID
device's ``report_descriptor`` in ``Documentation/ABI/testing/sysfs-driver-hid``.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.discovery.match import DeviceMatch

ROOT = Path("/")
"""The directory with ``sys`` and ``dev``; tests use their own."""


def text(directory: Path, name: str) -> str:
    """An attribute without its line end; empty: it is missing."""
    try:
        raw = (directory / name).read_bytes()
    except OSError:
        return ""
    return raw.decode(errors="backslashreplace").strip(" \t\r\n\0")


def hexadecimal(directory: Path, name: str) -> int | None:
    """An attribute in hexadecimal digits; None: it is missing."""
    try:
        return int(text(directory, name), 16)
    except ValueError:
        return None


def decimal(directory: Path, name: str) -> int | None:
    """An attribute in decimal digits; None: it is missing."""
    try:
        return int(text(directory, name))
    except ValueError:
        return None


def raw(directory: Path, name: str) -> bytes:
    """A binary attribute; empty: it is missing."""
    try:
        return (directory / name).read_bytes()
    except OSError:
        return b""


def uevent(directory: Path) -> dict[str, str]:
    """What the kernel reported to udev about a device: ``DEVNAME``, ``HID_ID`` and the like."""
    lines = text(directory, "uevent").splitlines()
    return {key: value for key, equals, value in (line.partition("=") for line in lines) if equals}


def children(directory: Path) -> list[Path]:
    """A directory's entries, sorted by name; empty: it is missing."""
    try:
        return sorted(directory.iterdir())
    except OSError:
        return []


def real(path: Path) -> Path | None:
    """The target of a link in sysfs; None: it is missing."""
    try:
        return path.resolve(strict=True)
    except (OSError, RuntimeError):
        return None


def upwards(directory: Path, root: Path) -> Iterator[Path]:
    """The device and its parents, nearest first."""
    end = root / "sys"
    while directory not in (end, directory.parent):
        yield directory
        directory = directory.parent


HUB = 0x09
"""``bDeviceClass`` of a hub."""
_NODE_SUBSYSTEMS = ("tty", "input", "hidraw")


@dataclass(frozen=True, slots=True, kw_only=True)
class UsbInterface:
    """One interface of a device's active configuration."""

    number: int
    class_: int
    """``bInterfaceClass``: 0x03 HID, 0x02 and 0x0A communication (CDC), 0xFF vendor-defined."""
    subclass: int
    protocol: int
    path: str
    """The kernel's name, ``1-1.4:1.0``."""
    driver: str
    """The kernel driver bound to it (``usbhid``, ``cdc_acm``); empty: none."""
    ttys: tuple[str, ...] = ()
    """Device nodes below it: ``/dev/ttyACM0`` …"""
    inputs: tuple[str, ...] = ()
    """… ``/dev/input/event3`` …"""
    hidraws: tuple[str, ...] = ()
    """… ``/dev/hidraw0``."""
    report_descriptor: bytes = b""
    """The HID device's; empty: it isn't one, or no kernel driver is bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsbDevice:
    """One plugged-in device."""

    vid: int
    pid: int
    manufacturer: str
    product: str
    usb_serial: str
    """Empty: it has none."""
    port_path: str
    """``1-1.4``: bus 1, port 1, port 4 of the hub there."""
    bus: int
    address: int
    """With `bus`, libusb's name for it; changes each time it is plugged in."""
    node: str
    """``/dev/bus/usb/001/004``, which libusb opens."""
    interfaces: tuple[UsbInterface, ...]

    @property
    def by_id(self) -> str:
        """Its name in udev's by-id links, before the interface: ``usb-Maker_Model_Serial``.

        As udev's built-in ``usb_id`` does it: runs of blanks and other characters become underscores; a
        serial number with characters other than printable ASCII is left out.
        """
        vendor = udev_word(self.manufacturer) or f"{self.vid:04x}"
        model = udev_word(self.product) or f"{self.pid:04x}"
        serial = udev_word(self.usb_serial) if re.fullmatch(r"[ -~]*", self.usb_serial) else ""
        return f"usb-{vendor}_{model}" + (f"_{serial}" if serial else "")

    def fits(self, match: DeviceMatch) -> bool:
        """Whether the device or one of its interfaces fits `match`."""
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


def usb_devices(root: Path = ROOT) -> list[UsbDevice]:
    """The plugged-in devices without hubs, in the order of their ports; empty: no USB here."""
    directories = [real(link) for link in children(root / "sys/bus/usb/devices")]
    devices = [usb_device(directory, root) for directory in directories if directory]
    return sorted(filter(None, devices), key=lambda device: _port_order(device.port_path))


def usb_device(directory: Path, root: Path = ROOT) -> UsbDevice | None:
    """The device of a directory in sysfs; None: it is a hub, an interface, or was just unplugged."""
    vid, pid = hexadecimal(directory, "idVendor"), hexadecimal(directory, "idProduct")
    bus, address = decimal(directory, "busnum"), decimal(directory, "devnum")
    if None in (vid, pid, bus, address) or hexadecimal(directory, "bDeviceClass") == HUB:
        return None
    interfaces = [_interface(each, root) for each in children(directory) if ":" in each.name]
    return UsbDevice(
        vid=vid or 0,
        pid=pid or 0,
        manufacturer=text(directory, "manufacturer"),
        product=text(directory, "product"),
        usb_serial=text(directory, "serial"),
        port_path=directory.name,
        bus=bus or 0,
        address=address or 0,
        node=str(root / f"dev/bus/usb/{bus:03}/{address:03}"),
        interfaces=tuple(each for each in interfaces if each is not None),
    )


def hidraw_link(device: UsbDevice, interface: int) -> str:
    """The name of the link that a new udev creates for a hidraw node (``60-persistent-hidraw.rules``)."""
    return device.by_id + (f"-if{interface:02x}" if interface else "") + "-hidraw"


def udev_word(value: str) -> str:
    """A descriptor's text as it appears in the name of udev's link; non-ASCII letters stay."""
    return re.sub(r"[^A-Za-z0-9#+\-.:=@_\u0080-\U0010ffff]", "_", re.sub(r"\s+", "_", value.strip()))


def _interface(directory: Path, root: Path) -> UsbInterface | None:
    number = hexadecimal(directory, "bInterfaceNumber")
    if number is None:
        return None
    nodes, descriptor = _below(directory, root)
    driver = real(directory / "driver")
    return UsbInterface(
        number=number,
        class_=hexadecimal(directory, "bInterfaceClass") or 0,
        subclass=hexadecimal(directory, "bInterfaceSubClass") or 0,
        protocol=hexadecimal(directory, "bInterfaceProtocol") or 0,
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
            descriptor = descriptor or raw(here, "report_descriptor")
        # A node is in a directory named after its subsystem; an input device's event nodes are one deeper.
        subsystem = "input" if here.name.startswith("event") else here.parent.name
        if subsystem in nodes and (device := uevent(here).get("DEVNAME")):
            nodes[subsystem].append(str(root / "dev" / device))
    return nodes, descriptor


def _port_order(port_path: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", port_path)]
