"""Packets of Zebra's Simple Serial Interface (SSI).

::

    length  opcode  source  status  payload …  checksum (2)

``length`` counts from itself to the end of the payload; ``source`` is 0 for the scanner, 4 for the host;
bit 0 of ``status`` marks a resent packet, bit 1 one that the next packet continues; the checksum is the
two's complement of the sum of all bytes before it, high byte first. Zebra: *Simple Serial Interface
Programmer's Guide*, 72E-40451.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

DECODE_DATA: Final = 0xF3
SEGMENT: Final = 0x73
SEGMENT_ACK: Final = 0x74
ACK: Final = 0xD0
NAK: Final = 0xD1
RESEND: Final = 0x01
"""Cause of a NAK: resend the packet."""

FROM_SCANNER: Final = 0
FROM_HOST: Final = 4
SENT_AGAIN: Final = 0x01
CONTINUED: Final = 0x02

_HEADER: Final = 4
_CHECKSUM: Final = 2


@dataclass(frozen=True, slots=True)
class SsiPacket:
    """One packet with a correct checksum."""

    opcode: int
    status: int
    payload: bytes

    @property
    def content(self) -> tuple[int, int, bytes]:
        """What is the same in a resent packet."""
        return self.opcode, self.status & ~SENT_AGAIN, self.payload


def pack(opcode: int, payload: bytes = b"", *, source: int = FROM_HOST, status: int = 0) -> bytes:
    """Encode a packet.

    Raises:
        ValueError: the payload is longer than 251 bytes.
    """
    head = bytes((_HEADER + len(payload), opcode, source, status)) + payload
    return head + (-sum(head) & 0xFFFF).to_bytes(_CHECKSUM, "big")


def take_packet(buffer: bytearray) -> SsiPacket | None:
    """Remove the scanner's packet at the front of the buffer; None: it is incomplete.

    Raises:
        ValueError: it is invalid; the message does not depend on how much has arrived.
    """
    length = buffer[0]
    if length < _HEADER or (len(buffer) > 2 and buffer[2] != FROM_SCANNER):  # noqa: PLR2004 - header's third
        raise ValueError("what came is no SSI packet")
    if len(buffer) < length + _CHECKSUM:
        return None
    raw = bytes(buffer[: length + _CHECKSUM])
    if (sum(raw[:length]) + int.from_bytes(raw[length:], "big")) & 0xFFFF:
        raise ValueError("the checksum is wrong")
    del buffer[: len(raw)]
    return SsiPacket(raw[1], raw[3], raw[_HEADER:length])


_FIRST_SEGMENT: Final = 10
"""Bytes before its data: number, opcode, four bytes, bar code type, one byte, length of all data (2)."""

_IDENTIFIERS: Final = {
    0x03: "]C0",
    0x0A: "]E4",
    0x0B: "]E0",
    0x0F: "]C1",
    0x30: "]e0",
    0x31: "]e0",
    0x32: "]e0",
}
"""Bar code types with a certain symbology identifier: others may be GS1 or not, checked or not."""


class BrokenScanError(Exception):
    """The packets of a scan don't fit together; the text says how."""


@dataclass(frozen=True, slots=True)
class Scan:
    """One whole scan."""

    kind: int
    """Bar code type, as numbered in the guide."""
    data: bytes

    @property
    def symbology_identifier(self) -> str | None:
        """``]C1``, if the type determines it."""
        return _IDENTIFIERS.get(self.kind)


class ScanParts:
    """The parts of an incomplete scan."""

    def __init__(self, max_length: int, suffix_length: int = 0) -> None:
        """Limit the scan to `max_length` bytes plus a suffix that is removed later."""
        self._max_length = max_length
        self._suffix_length = suffix_length
        self._kind: int | None = None
        self._announced: int | None = None
        """The data length in the first segment; None: the scan is in continued packets."""
        self._segments = 0
        self._data = bytearray()

    @property
    def begun(self) -> bytes:
        """The data of an incomplete scan after its bar code type; empty: there is none."""
        return b"" if self._kind is None else bytes((self._kind, *self._data))

    def clear(self) -> None:
        """Discard all parts."""
        self._kind = self._announced = None
        self._segments = 0
        self._data.clear()

    def add(self, packet: SsiPacket) -> Scan | None:
        """Take a packet; return the scan when it is complete. Other kinds of packets are ignored.

        Raises:
            BrokenScanError: it doesn't fit the previous packets.
        """
        if packet.opcode == DECODE_DATA:
            is_last = self._continue(packet)
        elif packet.opcode == SEGMENT:
            is_last = self._segment(packet.payload)
        else:
            return None
        if len(self._data) > self._max_length + self._suffix_length:
            raise BrokenScanError(f"longer than {self._max_length} bytes")
        if not is_last or self._kind is None:
            return None
        scan = Scan(self._kind, bytes(self._data))
        self.clear()
        return scan

    def _continue(self, packet: SsiPacket) -> bool:
        if not packet.payload:
            raise BrokenScanError("a packet of decode data is empty")
        kind = packet.payload[0]
        if self._announced is not None or self._kind not in (None, kind):
            raise BrokenScanError("packets of two scans are mixed")
        self._kind = kind
        self._data += packet.payload[1:]
        return not packet.status & CONTINUED

    def _segment(self, payload: bytes) -> bool:
        data = payload[1:]
        if payload[:1] == b"\0" and self._kind is None:
            if len(payload) < _FIRST_SEGMENT or payload[1] != DECODE_DATA:
                raise BrokenScanError("a first segment holds no decode data")
            self._kind, self._announced = payload[6], int.from_bytes(payload[8:10], "big")
            data = payload[_FIRST_SEGMENT:]
        if self._announced is None or payload[:1] != bytes((self._segments & 0xFF,)):
            raise BrokenScanError("a segment is missing")
        self._segments += 1
        self._data += data
        if len(self._data) > self._announced:
            raise BrokenScanError("segments hold more than they announced")
        return len(self._data) == self._announced
