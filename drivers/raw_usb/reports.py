"""The decoder for a raw USB scanner's reports: by the protocol that is set, or as its descriptor says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from drivers import options as option
from drivers.base import DeviceOptionError
from drivers.raw_usb import hid_pos, ibm
from drivers.raw_usb.descriptor import ReportDescriptor, parse
from drivers.raw_usb.hid_pos import HidPosDecoder
from drivers.raw_usb.ibm import IbmDecoder
from drivers.raw_usb.items import DescriptorError
from drivers.raw_usb.joining import JoiningOptions
from drivers.raw_usb.symbol_com import SymbolComDecoder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drivers.base import Decoder

PROTOCOLS: Final = ("hidpos", "ibm", "symbol_com")


def report_decoder(options: Mapping[str, object]) -> Decoder:
    """A decoder, by ``protocol`` and ``report_descriptor`` (hex) of a recording or of what the driver learnt.

    Raises:
        DeviceOptionError: an option is wrong, or they don't say what the reports are.
    """
    protocol = option.one_of(options, "protocol", "", ("", *PROTOCOLS))
    joining = JoiningOptions.from_options(options)
    try:
        descriptor = _descriptor(options)
        protocol = protocol or protocol_of(descriptor)
        if protocol == "hidpos":
            return HidPosDecoder(descriptor or parse(hid_pos.COMMON), joining)
    except DescriptorError as error:
        raise DeviceOptionError(f"report_descriptor: {error}") from error
    if protocol == "ibm":
        return IbmDecoder(joining, is_numbered=descriptor is not None and descriptor.is_numbered)
    if protocol == "symbol_com":
        return SymbolComDecoder(joining)
    raise DeviceOptionError(
        'report_descriptor: is of no scanner known here; set protocol = "hidpos", "ibm" or "symbol_com"'
        if descriptor
        else 'protocol = "": the reports of a USB scanner need protocol or report_descriptor'
    )


def protocol_of(descriptor: ReportDescriptor | None) -> str:
    """What a device speaks by its usage pages; empty: it can't be told."""
    if descriptor is None:
        return ""
    if any(any(field.of(hid_pos.DECODED_DATA)) for field in descriptor.fields):
        return "hidpos"
    return "ibm" if ibm.HAND_HELD in descriptor.applications else ""


def _descriptor(options: Mapping[str, object]) -> ReportDescriptor | None:
    text = option.text(options, "report_descriptor")
    try:
        return parse(bytes.fromhex(text)) if text else None
    except ValueError:
        raise DeviceOptionError(f"report_descriptor = {text!r}: is not hex") from None
