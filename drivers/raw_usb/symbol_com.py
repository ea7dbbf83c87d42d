"""Symbol's "simple COM port emulation" (05e0:0600): a length byte, then up to 63 bytes, in each report.

The kernel's driver, ``drivers/usb/serial/symbolserial.c``, reads it the same way. Nothing marks a scan's
end: a report that is not full ends it, and so does the scanner's suffix at the end of a full one. If nothing
follows a full report without a suffix, the scan may be truncated, so it is rejected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from drivers import options as option
from drivers.base import DeviceOptionError, Frame
from drivers.raw_usb import USB, hid_pos, ibm
from drivers.raw_usb.descriptor import ReportDescriptor, parse
from drivers.raw_usb.hid_pos import HidPosDecoder
from drivers.raw_usb.ibm import IbmDecoder
from drivers.raw_usb.items import DescriptorError
from drivers.raw_usb.reassembly import Joiner, JoiningOptions, Part

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drivers.base import Chunk, Decoder, Found

VID_PID: Final = (0x05E0, 0x0600)
_FULL: Final = 63
_REST: Final = (
    "fills its last report, and none came behind it, so it may be cut: set the scanner to send CR at the end"
)


class SymbolComDecoder:
    """The decoder of one scanner in this mode."""

    def __init__(self, options: JoiningOptions) -> None:
        self._options = options
        self._joiner = Joiner(options, _finished, _REST)

    def feed(self, chunk: Chunk) -> list[Found]:
        """Take one report; return the frame that is now complete or known to be broken."""
        if not chunk.data:
            return []
        length, data = chunk.data[0], chunk.data[1:]
        if length > min(len(data), _FULL):
            reason = (
                f"report says that it holds {length} bytes, where there is room for {min(len(data), _FULL)}"
            )
            return self._joiner.reject(reason, chunk.t, chunk.data, has_more=None)
        return self._joiner.add(self._part(data[:length]), chunk.t)

    def deadline(self) -> float | None:
        """The deadline for the next part of a continued scan."""
        return self._joiner.deadline()

    def idle(self, t: float) -> list[Found]:
        """Take note that no report has arrived up to `t`."""
        return self._joiner.idle(t)

    def reset(self, t: float) -> list[Found]:
        """End the reports: an unfinished scan is broken."""
        return self._joiner.reset(t)

    def _part(self, data: bytes) -> Part:
        terminator = self._options.terminator
        is_ended = bool(terminator) and data.endswith((terminator, terminator + b"\n"))
        return Part(data, has_more=len(data) == _FULL and not is_ended)


def _finished(data: bytes, t: float, _kind: str) -> Found:
    return Frame(data, t)


def report_decoder(options: Mapping[str, object]) -> Decoder:
    """Create a decoder from ``protocol`` and ``report_descriptor`` (hex) of a recording or `Driver.learnt`.

    Raises:
        DeviceOptionError: an option is wrong, or they don't determine the protocol.
    """
    protocol = option.one_of(options, "protocol", "", ("", *USB.protocols))
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
        'report_descriptor: is not a known scanner\'s; set protocol = "hidpos", "ibm" or "symbol_com"'
        if descriptor
        else 'protocol = "": the reports of a USB scanner need protocol or report_descriptor'
    )


def protocol_of(descriptor: ReportDescriptor | None) -> str:
    """A device's protocol, from its usage pages; empty: unknown."""
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
