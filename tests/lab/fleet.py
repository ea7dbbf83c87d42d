"""One scanner of each kind, plugged in side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.lab.gadgets import Gadget, IbmScanner, Keyboard, PosScanner, SerialScanner
from tests.lab.station import scanner

if TYPE_CHECKING:
    from tests.lab.channel import Channel
    from tests.lab.station import Station

NAMES = ("serial", "keyboard", "pos", "ibm")
SERIAL_NUMBERS = ("PR400001", "PR400002", "PR400003", "PR400004")
"""Of units that are on the sample company's CM-1001."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """The scanners of a guest, by the names they are configured under."""

    guest: Channel

    @property
    def serial(self) -> SerialScanner:
        return SerialScanner(self.guest, 0)

    @property
    def keyboard(self) -> Keyboard:
        return Keyboard(self.guest, 1)

    @property
    def pos(self) -> PosScanner:
        return PosScanner(self.guest, 2)

    @property
    def ibm(self) -> IbmScanner:
        return IbmScanner(self.guest, 3)

    @property
    def all(self) -> tuple[Gadget, ...]:
        """In the order of `NAMES`."""
        return (self.serial, self.keyboard, self.pos, self.ibm)

    def create(self) -> None:
        """Bring them into being, unplugged."""
        for each in self.all:
            each.create()

    def assert_all_are_booked(self, station: Station) -> None:
        """Each scans a unit for CM-1001, one after the other; nothing else has been booked."""
        self.serial.scan("CM-1001")
        station.wait_for("session_opened")
        for count, (each, number) in enumerate(zip(self.all, SERIAL_NUMBERS, strict=True), start=1):
            each.scan(number)
            station.wait_for("history_added", count)
        expected = [(name, number, "Assigned") for name, number in zip(NAMES, SERIAL_NUMBERS, strict=True)]
        assert station.booked() == expected, f"booked: {station.booked()}"

    def plug(self) -> None:
        for each in self.all:
            each.plug()

    def unplug(self) -> None:
        for each in self.all:
            each.unplug()

    def tables(self, transport: str = "auto") -> list[str]:
        """Their ``[[scanner]]`` tables; `transport`: of the raw USB ones."""
        return [
            scanner("serial", "serial", {"by_id": self.serial.by_id}),
            scanner("keyboard", "evdev", {"by_id": self.keyboard.by_id}),
            scanner("pos", "usb", {"vid": 0x05E0, "pid": 0x1701}, transport=transport),
            scanner("ibm", "usb", {"usb_serial": "I-0001"}, transport=transport),
        ]
