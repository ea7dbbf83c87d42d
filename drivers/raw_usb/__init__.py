"""Raw USB scanners: HID POS, IBM hand-held, and Symbol's simple COM emulation.

A transport returns reports unchanged; `descriptor` locates the data in them, and each protocol has a decoder
that turns them into frames.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.description import DriverDescription
from drivers.discovery.known import UsbMode
from drivers.recording_lines import ReportLine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drivers.base import Decoder, DeviceDriver


def _device() -> type[DeviceDriver]:
    from drivers.raw_usb.usb_raw import UsbRaw  # noqa: PLC0415

    return UsbRaw


def _decoder(options: Mapping[str, object]) -> Decoder:
    from drivers.raw_usb.symbol_com import report_decoder  # noqa: PLC0415

    return report_decoder(options)


USB = DriverDescription(
    name="usb",
    extra="usb",
    device=_device,
    decoder=_decoder,
    line=ReportLine,
    subsystem="hidraw",
    modes=(UsbMode.HIDPOS, UsbMode.IBM, UsbMode.SYMBOL_COM),
    uses_libusb=True,
    settings={"encoding": "", "protocol": '"hidpos", "ibm", "symbol_com" or "" (as found)'},
    device_settings={"match": "", "transport": '"auto", "libusb" or "hidraw"'},
    protocols=("hidpos", "ibm", "symbol_com"),
    learns=("report_descriptor",),
)
