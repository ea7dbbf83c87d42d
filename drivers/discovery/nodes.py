"""Device nodes of scanners: lists them, and finds the one that a ``match`` table identifies.

A serial port is a ``tty``, a keyboard wedge an ``input`` node, raw HID a ``hidraw`` node. Devices that are
not on USB (a mainboard port, Bluetooth, uinput) are found too, by what they report.
"""

from __future__ import annotations

import contextlib
import os
import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from drivers.base import DeviceGoneError
from drivers.discovery import usb_tree as tree
from drivers.discovery.match import DeviceMatch
from drivers.discovery.modes import is_desktop_descriptor, wrong_mode
from drivers.discovery.usb_tree import hidraw_link, usb_device

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from drivers.description import Subsystem

_CALLED: dict[Subsystem, tuple[str, str]] = {
    "tty": ("serial port", "in serial (USB COM) mode"),
    "input": ("keyboard", "in keyboard mode"),
    "hidraw": ("raw HID device", "in HID POS or IBM hand-held mode"),
}
"""A subsystem's kind of device for people, and the mode a scanner must be in to have such a node."""
_LINKS: dict[Subsystem, str] = {
    "tty": "dev/serial/by-id",
    "input": "dev/input/by-id",
    "hidraw": "dev/input/by-id",
}
_LETTERS_AND_ENTER = {*range(16, 26), *range(30, 39), *range(44, 51), 28}
"""Key codes of Q to P, A to L, Z to M, and Enter."""
_WORD_BITS = 8 * struct.calcsize("l")
"""Bits in one word of a bitmap in sysfs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceNode:
    """One device node that may be a scanner's."""

    path: str
    """The path to open: from ``match`` if set there, else the kernel's (``/dev/ttyACM0``)."""
    subsystem: Subsystem
    name: str = ""
    """The device's own name."""
    vid: int | None = None
    pid: int | None = None
    usb_serial: str = ""
    port_path: str = ""
    """``1-1.4``; empty: it isn't on USB."""
    interface: int | None = None
    """``bInterfaceNumber``; None: it isn't on USB."""
    interface_path: str = ""
    """``1-1.4:1.0``, which distinguishes several nodes of one device."""
    by_id: tuple[str, ...] = ()
    """Names for ``match.by_id``: those of udev's links. For hidraw only a new udev creates links
    (``60-persistent-hidraw.rules``); its names, ``usb-Maker_Model_Serial-hidraw``, or
    ``…-if01-hidraw`` for any interface except the first, work with an old udev too."""
    sysfs: Path | None = None
    """Its directory in sysfs; None: it isn't there (a pseudo-terminal)."""

    @property
    def report_descriptor(self) -> bytes:
        """The report descriptor of its HID device; empty: it has none, or was just unplugged."""
        if self.sysfs is None:
            return b""
        device = self.sysfs / "device"
        # An event node belongs to an input device, which belongs to the HID device.
        return tree.raw(device, "report_descriptor") or tree.raw(device / "device", "report_descriptor")

    def fits(self, match: DeviceMatch) -> bool:
        """Whether the device's identity fits `match`; ignores its ``path``."""
        return (
            match.vid in (None, self.vid)
            and match.pid in (None, self.pid)
            and match.usb_serial in ("", self.usb_serial)
            and (not match.port_path or match.port_path in (self.port_path, self.interface_path))
            and (not match.by_id or match.by_id in self.by_id)
        )


def find_node(subsystem: Subsystem, match: DeviceMatch, root: Path = tree.ROOT) -> DeviceNode:
    """The one node that fits.

    Raises:
        DeviceGoneError: none fits, or several do.
        WrongModeError: the scanner is plugged in, but has no such node in its current mode.
    """
    return only(find_nodes(subsystem, match, root), subsystem, match, root)


def only(
    found: Iterable[DeviceNode], subsystem: Subsystem, match: DeviceMatch, root: Path = tree.ROOT
) -> DeviceNode:
    """The only node in `found`, for a driver that has filtered the result of `find_nodes`.

    Raises:
        DeviceGoneError: there is none, or there are several.
        WrongModeError: the scanner is plugged in, but has no such node in its current mode.
    """
    nodes = list(found)
    called, mode = _CALLED[subsystem]
    if not nodes:
        if elsewhere := wrong_mode(match, subsystem, root):
            raise elsewhere
        if match.path and not os.path.lexists(match.path):
            raise DeviceGoneError(f"{match.path} is not there: is the scanner plugged in?")
        raise DeviceGoneError(f"no {called} is {match}: is the scanner plugged in, and {mode}?")
    if len(nodes) > 1:
        which = ", ".join(f"{node.path} at port_path {node.interface_path or 'none'}" for node in nodes)
        raise DeviceGoneError(
            f"several {called}s are {match} ({which}): add usb_serial or port_path to match"
        )
    return nodes[0]


def find_nodes(
    subsystem: Subsystem, match: DeviceMatch | None = None, root: Path = tree.ROOT
) -> list[DeviceNode]:
    """All nodes that fit and may be a scanner's, sorted by name.

    For ``input``, these are event nodes with letter keys and Enter; for ``hidraw``, all except keyboards,
    mice and media keys; for ``tty``, ports with hardware.

    A node in ``match.path`` that sysfs doesn't know (a pseudo-terminal) is accepted, unless `match` also
    has an identity.
    """
    nodes = [node for node in _present(subsystem, root) if match is None or node.fits(match)]
    if match is None or not match.path:
        return nodes
    named = _led_to(match.path)
    at_path = [node for node in nodes if _led_to(node.path) == named]
    if not at_path and _is_path_alone(match) and os.path.exists(match.path):  # noqa: PTH110 - nodes are text
        if any(_led_to(path) == named for path in _all_paths(subsystem, root)):
            return []
        return [DeviceNode(path=match.path, subsystem=subsystem)]
    return [_renamed(node, match.path) for node in at_path]


def _is_path_alone(match: DeviceMatch) -> bool:
    return match == DeviceMatch(path=match.path)


def _renamed(node: DeviceNode, path: str) -> DeviceNode:
    """Keep a link's name from the configuration: it says more than its current target."""
    return replace(node, path=path)


def _all_paths(subsystem: Subsystem, root: Path) -> Iterator[str]:
    for link in tree.children(root / "sys/class" / subsystem):
        if device := tree.uevent(link).get("DEVNAME"):
            yield str(root / "dev" / device)


def _present(subsystem: Subsystem, root: Path) -> list[DeviceNode]:
    links = _links(subsystem, root)
    found = []
    for link in tree.children(root / "sys/class" / subsystem):
        directory = tree.real(link)
        device = tree.uevent(link).get("DEVNAME")
        if directory is None or not device or not _may_be_a_scanner(subsystem, directory):
            continue
        found.append(_node(subsystem, directory, str(root / "dev" / device), links, root))
    return found


def _may_be_a_scanner(subsystem: Subsystem, directory: Path) -> bool:
    if subsystem == "input":
        return directory.name.startswith("event") and _has_letters(directory / "device")
    if subsystem == "tty":
        # Without a device it is a console or a pseudo-terminal; type 0 is a port without hardware.
        return (directory / "device").exists() and tree.text(directory, "type") != "0"
    return not is_desktop_descriptor(tree.raw(directory / "device", "report_descriptor"))


def _has_letters(device: Path) -> bool:
    words = tree.text(device, "capabilities/key").split()
    try:
        bits = sum(int(word, 16) << (_WORD_BITS * place) for place, word in enumerate(reversed(words)))
    except ValueError:
        return False
    return all(bits >> code & 1 for code in _LETTERS_AND_ENTER)


def _node(
    subsystem: Subsystem, directory: Path, path: str, links: Mapping[str, list[str]], root: Path
) -> DeviceNode:
    by_id = tuple(links.get(_led_to(path), ()))
    interface = device = None
    for above in tree.upwards(directory, root):
        if interface is None and (above / "bInterfaceNumber").exists():
            interface = above
        if (device := usb_device(above, root)) is not None:
            break
    if device is None:
        return _without_usb(subsystem, directory, path, by_id)
    number = tree.hexadecimal(interface, "bInterfaceNumber") if interface else None
    if subsystem == "hidraw":
        by_id = tuple(dict.fromkeys((*by_id, hidraw_link(device, number or 0))))
    return DeviceNode(
        path=path,
        subsystem=subsystem,
        name=_own_name(directory) or " ".join(filter(None, (device.manufacturer, device.product))),
        vid=device.vid,
        pid=device.pid,
        usb_serial=device.usb_serial,
        port_path=device.port_path,
        interface=number,
        interface_path=interface.name if interface else "",
        by_id=by_id,
        sysfs=directory,
    )


def _without_usb(subsystem: Subsystem, directory: Path, path: str, by_id: tuple[str, ...]) -> DeviceNode:
    """A node that is not on USB, with what its input or HID device reports."""
    device = directory / "device"
    hid_id = tree.uevent(device).get("HID_ID", "").split(":")
    vid, pid = tree.hexadecimal(device, "id/vendor"), tree.hexadecimal(device, "id/product")
    if len(hid_id) == 3:  # noqa: PLR2004 - bus, vendor, product
        with contextlib.suppress(ValueError):
            vid, pid = int(hid_id[1], 16) & 0xFFFF, int(hid_id[2], 16) & 0xFFFF
    return DeviceNode(
        path=path,
        subsystem=subsystem,
        name=_own_name(directory),
        vid=vid,
        pid=pid,
        usb_serial=tree.text(device, "uniq") or tree.uevent(device).get("HID_UNIQ", ""),
        by_id=by_id,
        sysfs=directory,
    )


def _own_name(directory: Path) -> str:
    device = directory / "device"
    return tree.text(device, "name") or tree.uevent(device).get("HID_NAME", "")


def _links(subsystem: Subsystem, root: Path) -> dict[str, list[str]]:
    """Names of udev's links by their targets."""
    found: dict[str, list[str]] = {}
    for link in tree.children(root / _LINKS[subsystem]):
        found.setdefault(_led_to(link), []).append(link.name)
    return found


def _led_to(path: str | Path) -> str:
    """A link's target; the path itself if the link is removed meanwhile."""
    try:
        return os.path.realpath(path)
    except FileNotFoundError:
        return str(path)
