"""IBM hand-held (also: OEM, IBM USB) scanners: usage page 0xFF45, usage 0x4B00, reports of 64 bytes.

::

    length  status (3)  data …  trailer

``length`` includes itself. The trailer names the kind of code: one byte for an EAN or UPC code, else three,
``00 type 0B``; ``10 type 0B`` if the next report continues the scan. Status bits and types are those
that Datalogic's JavaPOS and Android POS services publish for "IBM-USB-OEM"; no capture of a scanner
confirms them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from drivers.base import Frame
from drivers.raw_usb.reassembly import NEVER_COMPLETED, Joiner, Part

if TYPE_CHECKING:
    from drivers.base import Chunk, Found
    from drivers.raw_usb.reassembly import JoiningOptions

HAND_HELD: Final = 0xFF454B00
_HEADER: Final = 4
_TRAILER: Final = 3
_TRAILER_END: Final = 0x0B
_LAST, _CONTINUED = 0x00, 0x10

_TROUBLE: Final = (
    (0, 0x01, "is being given new firmware"),
    (0, 0x20, "has a hardware error"),
    (0, 0x80, "is not ready"),
    (1, 0x04, "read a wrong check digit"),
    (0, 0x46, "answers a command"),
    (1, 0x80, "refuses a command"),
    (2, 0x3F, "answers a command"),
)
"""Status byte, its bits, and the meaning of any of them."""

_DIGIT_TYPES: Final = (*range(0x11, 0x18), 0x1D, *range(0x20, 0x24))
"""EAN and UPC with a supplement or as part of a composite code."""


@dataclass(frozen=True, slots=True)
class _Retail:
    """A code of digits with a one-byte trailer."""

    name: str
    lengths: range
    is_checked: bool
    """Its last digit is a check digit."""
    identifier: str = ""


_RETAIL: Final = {
    0x0D: _Retail("UPC-A", range(12, 13), is_checked=True, identifier="]E0"),
    0x16: _Retail("EAN-13", range(13, 14), is_checked=True, identifier="]E0"),
    0x0C: _Retail("EAN-8", range(8, 9), is_checked=True, identifier="]E4"),
    0x0A: _Retail("UPC-E", range(6, 9), is_checked=False, identifier="]E0"),
}

_IDENTIFIERS: Final = {
    "18": "]C0",
    "25": "]C1",
    "36": "]d2",
    "37": "]Q3",
    **{code.name: code.identifier for code in _RETAIL.values()},
}
"""Types with a certain symbology identifier; 0A Code 39 may have been checked or not, 32 Data Matrix may be
GS1 or not."""


class IbmDecoder:
    """The decoder of one IBM hand-held scanner."""

    def __init__(self, options: JoiningOptions, *, is_numbered: bool = False) -> None:
        """Set it up.

        Args:
            options: The scanner's settings.
            is_numbered: Each report begins with a report id.
        """
        self._joiner = Joiner(options, _finished, NEVER_COMPLETED)
        self._head = 1 if is_numbered else 0

    def feed(self, chunk: Chunk) -> list[Found]:
        """Take one report; return the frame that is now complete or known to be broken."""
        if not chunk.data:
            return []
        try:
            part = _part(chunk.data[self._head :])
        except ValueError as error:
            return self._joiner.reject(str(error), chunk.t, chunk.data, has_more=None)
        return [] if part is None else self._joiner.add(part, chunk.t)

    def deadline(self) -> float | None:
        """The deadline for the next part of a continued scan."""
        return self._joiner.deadline()

    def idle(self, t: float) -> list[Found]:
        """Take note that no report has arrived up to `t`."""
        return self._joiner.idle(t)

    def reset(self, t: float) -> list[Found]:
        """End the reports: an unfinished scan is broken."""
        return self._joiner.reset(t)


def _part(report: bytes) -> Part | None:
    """A report's part of a scan; None: the report is only a sign of life.

    Raises:
        ValueError: it is neither.
    """
    length = report[0] if report else 0
    if not _HEADER <= length <= len(report):
        raise ValueError(f"report says that it has {length} bytes; it has {len(report)}")
    status, body = report[1:_HEADER], report[_HEADER:length]
    for index, bits, trouble in _TROUBLE:
        if status[index] & bits:
            raise ValueError(f"the scanner {trouble} (status {status.hex(' ')})")
    if not body:
        return None
    if body[-1] in _RETAIL:
        # None of these bytes ends the longer trailer, so the two can't be confused.
        return _retail(body[:-1], body[-1])
    if body[-1] != _TRAILER_END or len(body) < _TRAILER or body[-_TRAILER] not in (_LAST, _CONTINUED):
        raise ValueError(f"report ends with {body[-_TRAILER:].hex(' ')}, which names no kind of code")
    kind, data = body[-2], body[:-_TRAILER]
    if kind in _DIGIT_TYPES:
        data = _as_text(data)
    return Part(data, body[-_TRAILER] == _CONTINUED, f"{kind:02X}")


def _retail(data: bytes, trailer: int) -> Part:
    code = _RETAIL[trailer]
    digits = _as_text(data)
    if not digits.isdigit() or len(digits) not in code.lengths:
        raise ValueError(_not_of(code, digits))
    if code.is_checked and not _check_digit_is_right(digits):
        raise ValueError(f"{code.name} has a wrong check digit")
    return Part(digits, has_more=False, kind=code.name)


def _not_of(code: _Retail, digits: bytes) -> str:
    shortest, longest = code.lengths[0], code.lengths[-1]
    if code.is_checked and digits.isdigit() and len(digits) == shortest - 1:
        return f"{code.name} came without its check digit: set the scanner to transmit it"
    wanted = f"{shortest}" if shortest == longest else f"{shortest} to {longest}"
    return f"{code.name} is {wanted} digits; what came is {digits!r}"


def _as_text(digits: bytes) -> bytes:
    """Convert digits sent as 0x00 to 0x09 to ASCII; leave anything else unchanged."""
    if digits and max(digits) <= 9:  # noqa: PLR2004 - the last digit
        return bytes(digit + ord("0") for digit in digits)
    return digits


def _check_digit_is_right(digits: bytes) -> bool:
    """Modulo 10 with the weights 3 and 1 from the right (GS1 General Specifications, 7.9)."""
    values = [digit - ord("0") for digit in reversed(digits)]
    return (sum(values[::2]) + 3 * sum(values[1::2])) % 10 == 0


def _finished(data: bytes, t: float, kind: str) -> Found:
    # The scanner may be set to put an AIM identifier into the data; the setting aim handles it there.
    return Frame(data, t, None if data.startswith(b"]") else _IDENTIFIERS.get(kind) or None)
