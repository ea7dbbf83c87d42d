"""HID POS bar code scanners: the report descriptor locates a scan in a report.

USB HID Point of Sale Usage Tables 1.02, usage page 0x8C: Decoded Data, Symbology Identifier 1 to 3, Data
Continued; Byte Count of usage page 0x01 is the used length of Decoded Data. Scanners differ from that,
as others have reported (not verified by our own captures):

- The identifier is one byte later than declared, its last character in the first byte of Decoded Data.
- Identifier and suffix are within the counted data.
- There is no Byte Count; NULs pad the end.
- The suffix is in a separate report.
- Responses to commands are scans with the identifier ``]X0`` or ``]Z6``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from drivers.base import BrokenFrame, Frame
from drivers.framing import LOGGED_BYTES
from drivers.raw_usb.items import DescriptorError
from drivers.raw_usb.reassembly import NEVER_COMPLETED, Joiner, Part

if TYPE_CHECKING:
    from drivers.base import Chunk, Found
    from drivers.raw_usb.descriptor import BitSpan, ReportDescriptor
    from drivers.raw_usb.reassembly import JoiningOptions

DECODED_DATA: Final = 0x8C00FE
_DATA_CONTINUED: Final = 0x8C00FF
_IDENTIFIERS: Final = (0x8C00FB, 0x8C00FC, 0x8C00FD)
_BYTE_COUNT: Final = 0x1003B

COMMON: Final = bytes.fromhex(
    "058c 0902 a101 8502 150026ff00 7508 9501 0501 093b 8102 058c 9503 09fb09fc09fd 8102"
    "9538 09fe 8102 9502 8103 7501 2501 9501 09ff 8102 9507 8103 c0"
)
"""The common layout, for a recording without a descriptor: report id 2, count, identifier (3), data (56),
a vendor-defined byte, a reserved one, and one whose bit 0 is Data Continued."""

_IDENTIFIER_BYTES: Final = 3
_IDENTIFIER: Final = re.compile(rb"\][A-Za-z][0-9A-Za-z]")
_ANSWER: Final = re.compile(r"\][XYZ][0-9A-Za-z]")
"""Not a bar code, or one without an identifier (ISO/IEC 15424): a scanner's response, not a scan."""


@dataclass(frozen=True, slots=True)
class ScanReport:
    """Where the parts of a scan are in one report."""

    data: tuple[BitSpan, ...]
    identifier: tuple[BitSpan, ...] = ()
    """Three bytes in all; empty: it has none."""
    count: BitSpan | None = None
    continued: BitSpan | None = None

    @property
    def bits(self) -> int:
        """The minimum length of a report with all parts."""
        others = [span for span in (self.count, self.continued) if span is not None]
        return max(span.end for span in (*self.data, *self.identifier, *others))

    def part(self, report: bytes) -> Part:
        """Read a report, without its report id.

        Raises:
            ValueError: it does not fit the descriptor.
        """
        if len(report) * 8 < self.bits:
            raise ValueError(f"has {len(report)} bytes, its fields {-(-self.bits // 8)}")
        data = b"".join(span.data(report) for span in self.data)
        kind, data = _identified(b"".join(span.data(report) for span in self.identifier), data)
        count = len(data) if self.count is None else self.count.value(report)
        if count > len(data):
            raise ValueError(f"says that it holds {count} bytes, where there is room for {len(data)}")
        if not count and any(data):
            raise ValueError("says that it holds nothing, and holds something")
        has_more = self.continued is not None and bool(self.continued.value(report))
        held = data.rstrip(b"\0") if self.count is None and not has_more else data[:count]
        if self.continued is None and len(held) == len(data):
            raise ValueError("is full, and the scanner doesn't say whether it goes on")
        return Part(held, has_more, kind)

    def says_more(self, report: bytes) -> bool | None:
        """Whether another report continues it, even if it doesn't fit; None: unknown."""
        if self.continued is None or len(report) * 8 < self.continued.end:
            return None
        return bool(self.continued.value(report))


def scan_reports(descriptor: ReportDescriptor) -> dict[int, ScanReport]:
    """A device's reports with scans, by report id.

    Raises:
        DescriptorError: there is none.
    """
    found = {}
    for report_id in descriptor.report_bits:
        data = descriptor.spans(report_id, DECODED_DATA)
        if not data:
            continue
        if any(span.bit_size % 8 for span in data):
            raise DescriptorError("has Decoded Data that is not whole bytes")
        found[report_id] = ScanReport(
            data,
            _identifier(descriptor, report_id),
            next(iter(descriptor.spans(report_id, _BYTE_COUNT)), None),
            next(iter(descriptor.spans(report_id, _DATA_CONTINUED)), None),
        )
    if not found:
        raise DescriptorError(
            "has no Decoded Data (usage 0xFE of usage page 0x8C), so it is not a HID POS scanner's"
        )
    return found


class HidPosDecoder:
    """The decoder of one HID POS scanner."""

    def __init__(self, descriptor: ReportDescriptor, options: JoiningOptions) -> None:
        """Set it up.

        Raises:
            DescriptorError: the descriptor is not a HID POS scanner's.
        """
        self._descriptor = descriptor
        self._scan_reports = scan_reports(descriptor)
        self._joiner = Joiner(options, _finished, NEVER_COMPLETED)

    def feed(self, chunk: Chunk) -> list[Found]:
        """Take one report; return the frame that is now complete or known to be broken."""
        if not chunk.data:
            return []
        report_id, report = 0, chunk.data
        if self._descriptor.is_numbered:
            report_id, report = report[0], report[1:]
        scan = self._scan_reports.get(report_id)
        if scan is None:
            return self._other(report_id, chunk)
        try:
            part = scan.part(report)
        except ValueError as error:
            return self._joiner.reject(
                f"report {error}", chunk.t, chunk.data, has_more=scan.says_more(report)
            )
        return self._joiner.add(part, chunk.t)

    def deadline(self) -> float | None:
        """The deadline for the next part of a continued scan."""
        return self._joiner.deadline()

    def idle(self, t: float) -> list[Found]:
        """Take note that no report has arrived up to `t`."""
        return self._joiner.idle(t)

    def reset(self, t: float) -> list[Found]:
        """End the reports: an unfinished scan is broken."""
        return self._joiner.reset(t)

    def _other(self, report_id: int, chunk: Chunk) -> list[Found]:
        """Take a report without a scan (trigger, status), or one that the device hasn't declared."""
        if report_id in self._descriptor.report_bits:
            return []
        return [BrokenFrame(f"report id {report_id} is not declared", chunk.t, chunk.data[:LOGGED_BYTES])]


def _identifier(descriptor: ReportDescriptor, report_id: int) -> tuple[BitSpan, ...]:
    spans = tuple(span for usage in _IDENTIFIERS for span in descriptor.spans(report_id, usage))
    is_whole = sum(span.bits for span in spans) == _IDENTIFIER_BYTES * 8
    return spans if is_whole and not any(span.bits % 8 for span in spans) else ()


def _identified(identifier: bytes, data: bytes) -> tuple[str, bytes]:
    """The identifier, empty if there is none, and the data after it."""
    if _IDENTIFIER.fullmatch(identifier):
        return identifier.decode(), data
    if identifier[1:2] != b"]":
        return "", data
    shifted = identifier[1:] + data[:1]
    if not _IDENTIFIER.fullmatch(shifted):
        raise ValueError(f"has the symbology identifier {shifted!r}, which is none")
    return shifted.decode(), data[1:]


def _finished(data: bytes, t: float, kind: str) -> Found:
    identifier = kind or data[:_IDENTIFIER_BYTES].decode("latin-1")
    if _ANSWER.fullmatch(identifier):
        reason = f"an answer of the scanner to a command ({identifier}), or a code it has no identifier for"
        return BrokenFrame(reason, t, data[:LOGGED_BYTES])
    if data.startswith(kind.encode()):
        # If the identifier is also, or only, in front of the data, the setting `aim` removes it there.
        return Frame(data, t)
    return Frame(data, t, kind)
