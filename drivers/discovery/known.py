"""Scanners by VID:PID, and what each maker's guide calls the modes.

The PID changes with the mode. Sources: the VIDs, ``usb.ids``; VID:PID as seen in the field, none verified by
our own captures; the names of the modes, Zebra's "Product Reference Guide" (parameter "USB Device Type"),
Honeywell's "User Guide" ("Terminal ID Table"), Datalogic's "Product Reference Guide" (interface selection),
Newland's "User Guide" (chapter "USB Interface"). See ``docs/scanners``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class UsbMode(StrEnum):
    """How a scanner presents itself to the computer."""

    SERIAL = "serial"
    KEYBOARD = "keyboard"
    HIDPOS = "hidpos"
    IBM = "ibm"
    SYMBOL_COM = "symbol_com"


MODE_NAMES: Mapping[UsbMode, str] = {
    UsbMode.SERIAL: "serial (USB COM)",
    UsbMode.KEYBOARD: "keyboard",
    UsbMode.HIDPOS: "HID POS",
    UsbMode.IBM: "IBM hand-held",
    UsbMode.SYMBOL_COM: "simple COM emulation",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """A maker of scanners."""

    name: str
    vids: frozenset[int]
    labels: Mapping[UsbMode, str] = field(default_factory=dict)
    """The programming label in its guides that switches to a mode."""


MAKERS = (
    Maker(
        name="Zebra",
        vids=frozenset({0x05E0}),
        labels={
            UsbMode.SERIAL: "USB CDC Host",
            UsbMode.KEYBOARD: "USB Keyboard HID",
            UsbMode.HIDPOS: "USB HID POS",
            UsbMode.IBM: "IBM Hand-Held USB",
            UsbMode.SYMBOL_COM: "Simple COM Port Emulation",
        },
    ),
    Maker(
        name="Honeywell",
        vids=frozenset({0x0C2E, 0x0536, 0x23D0}),
        labels={
            UsbMode.SERIAL: "USB Serial (terminal 130)",
            UsbMode.KEYBOARD: "USB PC Keyboard (terminal 124)",
            UsbMode.HIDPOS: "USB HID POS (terminal 131)",
            UsbMode.IBM: "IBM SurePos Handheld (terminal 128)",
        },
    ),
    Maker(
        name="Datalogic",
        vids=frozenset({0x05F9}),
        labels={
            UsbMode.SERIAL: "USB-COM-STD",
            UsbMode.KEYBOARD: "USB Standard Keyboard",
            UsbMode.HIDPOS: "USB HID POS",
            UsbMode.IBM: "USB-OEM",
        },
    ),
    Maker(
        name="Newland",
        vids=frozenset({0x1EAB}),
        labels={
            UsbMode.SERIAL: "USB CDC",
            UsbMode.KEYBOARD: "USB HID-KBW",
            UsbMode.HIDPOS: "HID POS",
            UsbMode.IBM: "IBM SurePOS Handheld",
        },
    ),
)

KNOWN: Mapping[tuple[int, int], tuple[str, UsbMode | None]] = {
    (0x05E0, 0x1200): ("Zebra", UsbMode.KEYBOARD),
    (0x05E0, 0x1300): ("Zebra", UsbMode.IBM),
    (0x05E0, 0x0600): ("Zebra", UsbMode.SYMBOL_COM),
    (0x05E0, 0x1701): ("Zebra", None),  # CDC in one guide, HID POS elsewhere: unverified
    (0x0C2E, 0x0907): ("Honeywell", None),
    (0x0C2E, 0x0B87): ("Honeywell", None),
    (0x0C2E, 0x1007): ("Honeywell", None),
    (0x0C2E, 0x10D3): ("Honeywell", None),
    (0x05F9, 0x4204): ("Datalogic", UsbMode.SERIAL),
    (0x1EAB, 0x1D06): ("Newland", None),
    (0x1EAB, 0x0C06): ("Newland", None),
    (0xFFFF, 0x0035): ("a maker without name", None),
    (0x0581, 0x020C): ("a maker without name", None),
    (0xF126, 0x0288): ("a maker without name", None),
}
"""Maker and mode by VID and PID; mode None: its interfaces decide."""


def maker_of(vid: int) -> Maker | None:
    """The maker with a VID, if it makes scanners."""
    return next((maker for maker in MAKERS if vid in maker.vids), None)
