"""A machine's ``/sys`` and ``/dev`` in a directory, with the layout of Linux."""

from __future__ import annotations

import itertools
import os
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drivers.raw_usb.hid_pos import COMMON

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

KEYBOARD_KEYS = "1000000000007 ff800000000007ff febeffdff3cfffff fffffffffffffffe"
"""``capabilities/key`` of an ordinary USB keyboard."""
MEDIA_KEYS = "3f0003000 0 0 0 0 483ffff17aff32d bfd4444600000000 1 130ff38b17d000 677bfad9415fed"
"""The same for its media keys: no letters."""

KEYBOARD_DESCRIPTOR = bytes.fromhex(
    "05010906a101050719e029e71500250175019508810295017508810195067508150025650507190029658100c0"
)
HIDPOS_DESCRIPTOR = COMMON
IBM_DESCRIPTOR = bytes.fromhex("0645ff0a004ba101150026ff00750895400a014b8102c0")
MOUSE_DESCRIPTOR = bytes.fromhex(
    "05010902a1010901a100050919012903150025019503750181029501750581010501093009311581257f750895028106c0c0"
)

Part = str | bytes
"""A part of an interface: its report descriptor or a node (``tty``, ``hidraw``, ``input``, ``media``)."""
WEDGE: Sequence[Part] = (KEYBOARD_DESCRIPTOR, "hidraw", "input")


@dataclass
class Tree:
    """A machine on which devices are plugged in and unplugged."""

    root: Path
    _numbers: dict[str, itertools.count[int]] = field(default_factory=dict)
    _address: itertools.count[int] = field(default_factory=lambda: itertools.count(2))

    def __post_init__(self) -> None:
        for name in ("sys/bus/usb/devices", "sys/devices", "dev"):
            (self.root / name).mkdir(parents=True)

    # Plugging in

    def plug_in(
        self, port_path: str, vid: int, pid: int, *interfaces: Sequence[Part], **strings: str
    ) -> list[str]:
        """Plug in a USB device; return its device nodes.

        `strings`: manufacturer, product, serial.
        """
        device = self._usb_directory(port_path)
        address = next(self._address)
        ids = {"idVendor": f"{vid:04x}", "idProduct": f"{pid:04x}", "bDeviceClass": "00"}
        _write(device, **ids, busnum="1", devnum=str(address), **strings)
        self._link(self.root / "sys/bus/usb/devices" / port_path, device)
        usb_node = self.root / f"dev/bus/usb/001/{address:03}"
        usb_node.parent.mkdir(parents=True, exist_ok=True)
        usb_node.touch()
        named = {"manufacturer": f"{vid:04x}", "product": f"{pid:04x}", **strings}
        name = "_".join(named[key] for key in ("manufacturer", "product", "serial") if key in named)
        nodes: list[str] = []
        for number, parts in enumerate(interfaces):
            nodes += self._interface(device, number, parts, name.replace(" ", "_"))
        return nodes

    def unplug(self, port_path: str) -> None:
        """Remove a device with its nodes and links."""
        device = self._usb_directory(port_path)
        for uevent in device.rglob("uevent"):
            for line in uevent.read_text().splitlines():
                if line.startswith("DEVNAME="):
                    (self.root / "dev" / line.removeprefix("DEVNAME=")).unlink(missing_ok=True)
        shutil.rmtree(device)
        for links in ("sys/bus/usb/devices", "sys/class/*", "dev/*/by-id"):
            for link in self.root.glob(f"{links}/*"):
                if link.is_symlink() and not link.exists():
                    link.unlink()

    def serial_port(self, name: str, *, is_fitted: bool = True) -> str:
        """Add a mainboard port."""
        directory = self.root / "sys/devices/platform/serial8250/tty" / name
        (self.root / "sys/devices/platform/serial8250").mkdir(parents=True, exist_ok=True)
        self._node("tty", directory, name, directory.parent.parent)
        _write(directory, type="4" if is_fitted else "0")
        return str(self.root / "dev" / name)

    def virtual_keyboard(self, vid: int, pid: int, name: str) -> str:
        """Add a uinput keyboard, not on USB."""
        directory = self.root / "sys/devices/virtual/input"
        parent = self._input(directory, f"{vid:04x}", f"{pid:04x}", name, KEYBOARD_KEYS)
        event = f"event{parent.name.removeprefix('input')}"
        return self._node("input", parent / event, f"input/{event}", parent)

    # Parts

    def _interface(self, device: Path, number: int, parts: Sequence[Part], name: str) -> list[str]:
        interface = device / f"{device.name}:1.{number}"
        is_tty = "tty" in parts
        _write(
            interface,
            bInterfaceNumber=f"{number:02x}",
            bInterfaceClass="02" if is_tty else "03",
            bInterfaceSubClass="02" if is_tty else "01",
            bInterfaceProtocol="01" if "input" in parts or is_tty else "00",
        )
        driver = self.root / "sys/bus/usb/drivers" / ("cdc_acm" if is_tty else "usbhid")
        driver.mkdir(parents=True, exist_ok=True)
        self._link(interface / "driver", driver)
        self._link(self.root / "sys/bus/usb/devices" / interface.name, interface)
        return [self._tty(interface, name)] if is_tty else self._hid(interface, parts, name)

    def _tty(self, interface: Path, name: str) -> str:
        tty = f"ttyACM{self._next('tty')}"
        path = self._node("tty", interface / "tty" / tty, tty, interface)
        self._by_id("serial", f"usb-{name}-if{_number(interface):02x}", path)
        return path

    def _hid(self, interface: Path, parts: Sequence[Part], name: str) -> list[str]:
        vid, pid = (interface.parent.joinpath(key).read_text().strip() for key in ("idVendor", "idProduct"))
        hid = interface / f"0003:{vid.upper()}:{pid.upper()}.{self._next('hid') + 1:04X}"
        _write(hid, uevent=f"HID_ID=0003:0000{vid.upper()}:0000{pid.upper()}\nHID_NAME={name}")
        (hid / "report_descriptor").write_bytes(b"".join(part for part in parts if isinstance(part, bytes)))
        nodes = []
        if "hidraw" in parts:
            hidraw = f"hidraw{self._next('hidraw')}"
            nodes.append(self._node("hidraw", hid / "hidraw" / hidraw, hidraw, hid))
        for kind, keys in (("input", KEYBOARD_KEYS), ("media", MEDIA_KEYS)):
            if kind in parts:
                parent = self._input(hid / "input", vid, pid, name, keys)
                self._link(parent / "device", hid)
                event = f"event{parent.name.removeprefix('input')}"
                nodes.append(self._node("input", parent / event, f"input/{event}", parent))
                part = f"-if{number:02x}" if (number := _number(interface)) else ""
                self._by_id(
                    "input", f"usb-{name}{part}-event-{'kbd' if kind == 'input' else kind}", nodes[-1]
                )
        return nodes

    def _input(self, directory: Path, vid: str, pid: str, name: str, keys: str) -> Path:
        parent = directory / f"input{self._next('input')}"
        _write(parent, name=name)
        _write(parent / "id", vendor=vid, product=pid)
        _write(parent / "capabilities", key=keys)
        return parent

    def _node(self, subsystem: str, directory: Path, devname: str, parent: Path) -> str:
        _write(directory, uevent=f"MAJOR=1\nMINOR=1\nDEVNAME={devname}")
        self._link(directory / "device", parent)
        self._link(self.root / "sys/class" / subsystem / directory.name, directory)
        path = self.root / "dev" / devname
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        return str(path)

    def _by_id(self, kind: str, name: str, path: str) -> None:
        link = self.root / "dev" / kind / "by-id" / name
        link.unlink(missing_ok=True)
        self._link(link, self.root / path.removeprefix(f"{self.root}/"))

    def _usb_directory(self, port_path: str) -> Path:
        hubs = port_path.split(".")
        parts = [".".join(hubs[: depth + 1]) for depth in range(len(hubs))]
        return self.root.joinpath("sys/devices/pci0000:00/0000:00:14.0/usb1", *parts)

    def _link(self, link: Path, target: Path) -> None:
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(os.path.relpath(target, link.parent))

    def _next(self, kind: str) -> int:
        return next(self._numbers.setdefault(kind, itertools.count()))


def _write(directory: Path, **attributes: str) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for name, value in attributes.items():
        (directory / name).write_text(value + "\n")


def _number(interface: Path) -> int:
    return int(interface.name.rpartition(".")[2])
