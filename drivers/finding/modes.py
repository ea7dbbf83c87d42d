"""In which modes a USB device can be read: by its interfaces, report descriptors and VID:PID.

Usage pages: "HID Usage Tables" 1.4 (Generic Desktop 0x01 with Keyboard 0x06, Consumer 0x0C), "USB HID Point
of Sale Usage Tables" 1.02 (Bar Code Scanner page 0x8C); IBM's hand-held scanners use the page 0xFF45.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.finding.known import KNOWN, Mode
from drivers.raw_usb.descriptor import parse
from drivers.raw_usb.items import DescriptorError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from drivers.finding.usb_tree import UsbDevice, UsbInterface

HID = 0x03
_CDC = 0x02
_ABSTRACT_CONTROL = 0x02
"""``bInterfaceSubClass`` of CDC-ACM."""
_KEYBOARD_PROTOCOL = 0x01
_KEYBOARD = 0x1_0006
_POS_PAGE, _IBM_PAGE = 0x8C, 0xFF45
_DESKTOP_PAGES = frozenset({0x01, 0x0C})
"""Of keyboards, mice and media keys."""


def modes_of(device: UsbDevice) -> tuple[Mode, ...]:
    """The modes a device can be read in as it is; most scanners have one, an ordinary device none."""
    found = [mode for interface in device.interfaces for mode in _modes(interface)]
    _, known = KNOWN.get((device.vid, device.pid), ("", None))
    # Symbol's COM emulation has a descriptor of the maker's own; and below a device that a driver has taken
    # from the kernel nothing shows. Then VID and PID alone tell.
    if known is not None and (known is Mode.SYMBOL_COM or not found):
        found.append(known)
    return tuple(dict.fromkeys(found))


def is_scanner_descriptor(descriptor: bytes) -> bool:
    """Whether a report descriptor is certainly a scanner's: of HID POS, or of IBM's hand-held ones."""
    return bool(_pages(descriptor) & {_POS_PAGE, _IBM_PAGE})


def is_desktop_descriptor(descriptor: bytes) -> bool:
    """Whether a report descriptor is of keyboards, mice and media keys only: nothing to read raw."""
    pages = _pages(descriptor)
    return bool(pages) and pages <= _DESKTOP_PAGES


def _modes(interface: UsbInterface) -> Iterator[Mode]:
    if interface.ttys or (interface.class_ == _CDC and interface.subclass == _ABSTRACT_CONTROL):
        yield Mode.SERIAL
    if interface.class_ != HID:
        return
    pages = _pages(interface.report_descriptor)
    if _POS_PAGE in pages:
        yield Mode.HIDPOS
    if _IBM_PAGE in pages:
        yield Mode.IBM
    is_boot_keyboard = interface.protocol == _KEYBOARD_PROTOCOL and not interface.report_descriptor
    if _KEYBOARD in _applications(interface.report_descriptor) or is_boot_keyboard:
        yield Mode.KEYBOARD


def _pages(descriptor: bytes) -> set[int]:
    return {usage >> 16 for usage in _applications(descriptor)}


def _applications(descriptor: bytes) -> tuple[int, ...]:
    """Usages of the application collections; none: it can't be read, as a device's word may be."""
    try:
        return parse(descriptor).applications
    except DescriptorError:
        return ()
