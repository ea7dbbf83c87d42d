"""The driver of raw USB scanners: finds the device, picks a transport, returns its reports."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from drivers import options as option
from drivers.base import Chunk, DeviceGoneError, DeviceOptionError, DriverError, WrongModeError
from drivers.discovery.match import DeviceMatch
from drivers.raw_usb import USB
from drivers.raw_usb.choosing import NotPermittedError, WantedDevice
from drivers.raw_usb.symbol_com import report_decoder
from drivers.raw_usb.transport_hidraw import HidrawReports

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drivers.discovery.usb_tree import UsbDevice

TRANSPORTS = ("auto", "libusb", "hidraw")


class Reports(Protocol):
    """An open device; one thread may call `read`, any thread `close`."""

    name: str
    """Its name for people."""
    descriptor: bytes
    """Its report descriptor."""

    def read(self, until: float | None) -> bytes | None:
        """Wait for a report, at most until `until` on `time.monotonic`; raises as `Driver.read`."""

    def close(self) -> None:
        """Release the device; a waiting `read` raises EOFError."""


def by_libusb(device: UsbDevice, interface: int) -> Reports:
    """Open an interface with libusb, whose packages are optional.

    Raises:
        DeviceGoneError: it is missing, not permitted, or in use.
        DeviceOptionError: libusb can't be used.
    """
    try:
        from drivers.raw_usb.transport_libusb import LibusbReports  # noqa: PLC0415
    except ImportError as error:
        raise DeviceOptionError(
            f"reading {device} with libusb needs the Python package {error.name}; "
            'pip install "scanstation[usb]"'
        ) from error
    return LibusbReports(device, interface)


@dataclass(frozen=True, slots=True)
class Transports:
    """How devices are opened."""

    hidraw: Callable[[str], Reports] = HidrawReports
    """Takes a device node."""
    libusb: Callable[[UsbDevice, int], Reports] = by_libusb
    """Takes a device and the number of its interface."""


class UsbRaw:
    """One raw USB scanner."""

    def __init__(
        self, wanted: WantedDevice, transport: str = "auto", transports: Transports | None = None
    ) -> None:
        self._wanted = wanted
        self._transport = transport
        self._transports = transports or Transports()
        self._reports: Reports | None = None
        self._is_open = False
        self._learnt: dict[str, object] = {}

    @classmethod
    def from_options(cls, options: Mapping[str, object]) -> UsbRaw:
        """Create a driver for the scanner in the settings.

        Raises:
            DeviceOptionError: an option is wrong.
        """
        match = DeviceMatch.from_options(options.get("match"))
        protocol = option.one_of(options, "protocol", "", ("", *USB.protocols))
        return cls(WantedDevice(match, protocol), option.one_of(options, "transport", "auto", TRANSPORTS))

    def open(self) -> None:
        """Open the device exclusively; labels scanned before are discarded.

        Raises:
            DeviceGoneError: it is missing, not permitted, in use, or in the wrong mode; the text says which.
            DeviceOptionError: libusb can't be used.
        """
        self.close()
        reports, vid, pid = self._opened()
        protocol = self._wanted.protocol_for(reports.descriptor, vid, pid)
        if not protocol:
            reports.close()
            raise WrongModeError(
                f"{reports.name} is not a scanner that can be read as raw USB, or not in that mode: "
                "scan the label for HID POS mode of its guide"
            )
        learnt: dict[str, object] = {"report_descriptor": reports.descriptor.hex(), "protocol": protocol}
        try:
            report_decoder(learnt)
        except DeviceOptionError as error:
            # The device is wrong, not the settings: another mode, or another device, helps.
            reports.close()
            raise WrongModeError(f"{reports.name} can't be read as {protocol}: {error}") from error
        self._learnt = learnt
        self._reports, self._is_open = reports, True

    def read(self, until: float | None) -> Chunk | None:
        """Wait for a report, at most until `until` on `time.monotonic`.

        Returns:
            The report, or None after `until`.

        Raises:
            DeviceGoneError: the device went away; it is released.
            EOFError: the device is closed, and what came before is read.
        """
        reports = self._reports
        if reports is None:
            raise EOFError
        try:
            report = reports.read(until)
        except DeviceGoneError:
            self.close()
            raise
        return None if report is None else Chunk(report, time.monotonic())

    def write(self, data: bytes) -> None:
        """Refuse a reply: raw USB scanners accept none.

        Raises:
            DriverError: always.
        """
        raise DriverError(f'{self.describe()} takes no reply of {len(data)} bytes: driver = "usb" only reads')

    def close(self) -> None:
        """Release the device; a `read` that waits in another thread ends with EOFError."""
        self._is_open = False
        if self._reports is not None:
            self._reports.close()

    def describe(self) -> str:
        """The open device, or else what identifies it."""
        reports = self._reports
        return reports.name if reports is not None and self._is_open else str(self._wanted.match)

    def learnt(self) -> Mapping[str, object]:
        """The report descriptor, in hex, and the device's protocol."""
        return self._learnt

    def _opened(self) -> tuple[Reports, int | None, int | None]:
        """Open the device; returns it with its VID and PID."""
        if self._transport == "hidraw" or (self._transport == "auto" and self._wanted.nodes()):
            node = self._wanted.node()
            try:
                return self._transports.hidraw(node.path), node.vid, node.pid
            except NotPermittedError as error:
                if self._transport == "hidraw":
                    raise
                return self._instead(error)
        device, interface = self._wanted.interface()
        return self._transports.libusb(device, interface.number), device.vid, device.pid

    def _instead(self, error: NotPermittedError) -> tuple[Reports, int | None, int | None]:
        """Open with libusb if hidraw is not permitted; if that fails too, raise hidraw's error."""
        try:
            device, interface = self._wanted.interface()
            return self._transports.libusb(device, interface.number), device.vid, device.pid
        except DriverError:
            raise error from None
