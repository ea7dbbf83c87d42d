"""Device nodes of scanners: which there are, and which one a ``match`` table means.

A serial port is a ``tty``, a keyboard wedge an ``input`` node, raw HID a ``hidraw`` node. What is no USB
device (a port of the mainboard, Bluetooth, uinput) is found too, by what it tells of itself.
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
"""What a node of a subsystem is called, and the mode a scanner must be in to have one."""
_LINKS: dict[Subsystem, str] = {
    "tty": "dev/serial/by-id",
    "input": "dev/input/by-id",
    "hidraw": "dev/input/by-id",
}
_LETTERS_AND_ENTER = {*range(16, 26), *range(30, 39), *range(44, 51), 28}
"""Key codes of Q to P, A to L, Z to M, and Enter."""
_WORD_BITS = 8 * struct.calcsize("l")
"""Of one word of a bitmap in sysfs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceNode:
    """One device node that a scanner may be read from."""

    path: str
    """To open: as ``match`` names it, else as the kernel does (``/dev/ttyACM0``)."""
    subsystem: Subsystem
    name: str = ""
    """As the device calls itself."""
    vid: int | None = None
    pid: int | None = None
    usb_serial: str = ""
    port_path: str = ""
    """``1-1.4``; empty: it isn't on USB."""
    interface: int | None = None
    """``bInterfaceNumber``; None: it isn't on USB."""
    interface_path: str = ""
    """``1-1.4:1.0``, which tells several nodes of one device apart."""
    by_id: tuple[str, ...] = ()
    """Names that ``match.by_id`` may use: those of udev's links. For hidraw only a new udev makes links
    (``60-persistent-hidraw.rules``); the name it gives, ``usb-Maker_Model_Serial-hidraw``, or
    ``…-if01-hidraw`` for any interface but the first, holds with an old one too."""
    sysfs: Path | None = None
    """Its directory in sysfs; None: it isn't there (a pseudo-terminal)."""

    @property
    def report_descriptor(self) -> bytes:
        """Of the HID device it belongs to; empty: none, or it has just gone."""
        if self.sysfs is None:
            return b""
        device = self.sysfs / "device"
        # An event node hangs on an input device, which hangs on the HID device.
        return tree.raw(device, "report_descriptor") or tree.raw(device / "device", "report_descriptor")

    def fits(self, match: DeviceMatch) -> bool:
        """Whether all that `match` says of a device's identity holds; its ``path`` is not looked at."""
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
        WrongModeError: the scanner is there, and shows no such node in the mode it is in.
    """
    return only(find_nodes(subsystem, match, root), subsystem, match, root)


def only(
    found: Iterable[DeviceNode], subsystem: Subsystem, match: DeviceMatch, root: Path = tree.ROOT
) -> DeviceNode:
    """The one of `found`, for a driver that has sorted out some of what `find_nodes` gave.

    Raises:
        DeviceGoneError: there is none, or there are several.
        WrongModeError: the scanner is there, and shows no such node in the mode it is in.
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
    """All nodes that fit and may be a scanner's, in the order of their names.

    Of ``input``, those are event nodes with letter keys and Enter; of ``hidraw``, all but those of keyboards,
    mice and media keys; of ``tty``, ports that were fitted.

    A node that ``match.path`` names and sysfs doesn't know (a pseudo-terminal) is taken as it is, unless
    something is asked of its identity.
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
    """A link that the configuration names stays the name: it says more than where it leads today."""
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
        # Without a device it is a console or a pseudo-terminal; type 0 is a port that was never fitted.
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
    """A node that hangs on no USB device: what the input or HID device says of itself."""
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
    """Names of udev's links by where they lead."""
    found: dict[str, list[str]] = {}
    for link in tree.children(root / _LINKS[subsystem]):
        found.setdefault(_led_to(link), []).append(link.name)
    return found


def _led_to(path: str | Path) -> str:
    """Where a link leads; one that is taken away while it is followed leads nowhere else."""
    try:
        return os.path.realpath(path)
    except FileNotFoundError:
        return str(path)
