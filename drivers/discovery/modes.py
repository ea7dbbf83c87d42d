"""The modes in which a USB device can be read, from its interfaces, report descriptors and VID:PID.

Usage pages: "HID Usage Tables" 1.4 (Generic Desktop 0x01 with Keyboard 0x06, Consumer 0x0C), "USB HID Point
of Sale Usage Tables" 1.02 (Bar Code Scanner page 0x8C); IBM's hand-held scanners use the page 0xFF45.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from drivers import DRIVERS
from drivers.base import WrongModeError
from drivers.description import Subsystem
from drivers.discovery import usb_tree
from drivers.discovery.known import KNOWN, MODE_NAMES, UsbMode, maker_of
from drivers.discovery.usb_tree import UsbDevice, usb_devices
from drivers.raw_usb.descriptor import parse
from drivers.raw_usb.items import DescriptorError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from drivers.discovery.match import DeviceMatch
    from drivers.discovery.usb_tree import UsbInterface

HID = 0x03
_CDC = 0x02
_ABSTRACT_CONTROL = 0x02
"""``bInterfaceSubClass`` of CDC-ACM."""
_KEYBOARD_PROTOCOL = 0x01
_KEYBOARD = 0x1_0006
_POS_PAGE, _IBM_PAGE = 0x8C, 0xFF45
_DESKTOP_PAGES = frozenset({0x01, 0x0C})
"""The usage pages of keyboards, mice and media keys."""


def modes_of(device: UsbDevice) -> tuple[UsbMode, ...]:
    """The modes in which a device can be read now; most scanners have one, other devices none."""
    found = [mode for interface in device.interfaces for mode in _modes(interface)]
    _, known = KNOWN.get((device.vid, device.pid), ("", None))
    # Symbol's COM emulation has a vendor-defined descriptor, and sysfs shows nothing below a device that is
    # detached from its kernel driver. Then only VID and PID identify it.
    if known is not None and (known is UsbMode.SYMBOL_COM or not found):
        found.append(known)
    return tuple(dict.fromkeys(found))


def is_desktop_descriptor(descriptor: bytes) -> bool:
    """Whether a report descriptor has only keyboards, mice and media keys: nothing to read raw."""
    pages = _pages(descriptor)
    return bool(pages) and pages <= _DESKTOP_PAGES


def _modes(interface: UsbInterface) -> Iterator[UsbMode]:
    if interface.ttys or (interface.class_ == _CDC and interface.subclass == _ABSTRACT_CONTROL):
        yield UsbMode.SERIAL
    if interface.class_ != HID:
        return
    pages = _pages(interface.report_descriptor)
    if _POS_PAGE in pages:
        yield UsbMode.HIDPOS
    if _IBM_PAGE in pages:
        yield UsbMode.IBM
    is_boot_keyboard = interface.protocol == _KEYBOARD_PROTOCOL and not interface.report_descriptor
    if _KEYBOARD in _applications(interface.report_descriptor) or is_boot_keyboard:
        yield UsbMode.KEYBOARD


def _pages(descriptor: bytes) -> set[int]:
    return {usage >> 16 for usage in _applications(descriptor)}


def _applications(descriptor: bytes) -> tuple[int, ...]:
    """Usages of the application collections; empty: the descriptor is invalid."""
    try:
        return parse(descriptor).applications
    except DescriptorError:
        return ()


DRIVER_OF = {mode: driver for driver in DRIVERS.values() for mode in driver.modes}
"""The driver that reads a scanner in a mode."""
WANTED: dict[Subsystem, tuple[UsbMode, ...]] = {
    subsystem: tuple(mode for mode, driver in DRIVER_OF.items() if driver.subsystem == subsystem)
    for subsystem in get_args(Subsystem)
}
"""The modes with a device node in a subsystem, the recommended one first."""


def wrong_mode(match: DeviceMatch, subsystem: Subsystem, root: Path = usb_tree.ROOT) -> WrongModeError | None:
    """Why the scanner that `match` identifies has no node in a subsystem; None: it isn't found at all."""
    device = meant_in_another_mode(match, subsystem, root)
    if device is None:
        return None
    modes = modes_of(device)
    return WrongModeError(
        f"{device} is in {named(modes)} mode: {switching(device.vid, WANTED[subsystem])}, "
        f'or set driver = "{DRIVER_OF[modes[0]].name}" (`scanstation devices` prints the table)'
    )


def meant_in_another_mode(
    match: DeviceMatch, subsystem: Subsystem, root: Path = usb_tree.ROOT
) -> UsbDevice | None:
    """The scanner that `match` identifies, if it is in a mode without nodes in a subsystem.

    The PID and the name of a by-id link change with the mode. What doesn't change identifies the scanner: its
    port, its own serial number, or else its VID, if a maker of scanners has it.
    """
    for device in usb_devices(root):
        modes = modes_of(device)
        if modes and not set(modes) & set(WANTED[subsystem]) and _is_meant(match, device):
            return device
    return None


def named(modes: Iterable[UsbMode]) -> str:
    """Modes by their names for people."""
    return " and ".join(MODE_NAMES[mode] for mode in modes)


def switching(vid: int, wanted: tuple[UsbMode, ...]) -> str:
    """Advice which label switches a maker's scanner to one of the wanted modes, the first in its guide."""
    maker = maker_of(vid)
    for mode in wanted:
        if maker and (label := maker.labels.get(mode)):
            return f'scan the label "{label}" of {maker.name}\'s guide'
    return f"scan the label for {MODE_NAMES[wanted[0]]} mode of its guide"


def _is_meant(match: DeviceMatch, device: UsbDevice) -> bool:
    if match.vid not in (None, device.vid) or match.usb_serial not in ("", device.usb_serial):
        return False
    # The interface of the wanted mode isn't there now, so only its port counts.
    if match.port_path and match.port_path.partition(":")[0] != device.port_path:
        return False
    if match.by_id and not (device.usb_serial and device.usb_serial in match.by_id):
        return False
    if match.usb_serial or match.port_path or match.by_id:
        return True
    return not match.path and maker_of(device.vid) is not None
