"""Packets of SSI to scans: one packet, packets continued by their status bit, or segments of a long one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from drivers.ssi_packets import CONTINUED, DECODE_DATA, SEGMENT, Packet

_FIRST_SEGMENT: Final = 10
"""Bytes in front of its data: number, opcode, four bytes, bar code type, one byte, length of all data (2)."""

_IDENTIFIERS: Final = {
    0x03: "]C0",
    0x0A: "]E4",
    0x0B: "]E0",
    0x0F: "]C1",
    0x30: "]e0",
    0x31: "]e0",
    0x32: "]e0",
}
"""Bar code types whose symbology identifier is certain: others may be GS1 or not, checked or not."""


class BrokenScanError(Exception):
    """The packets of a scan don't fit together; the text says how."""


@dataclass(frozen=True, slots=True)
class Scan:
    """One whole scan."""

    kind: int
    """Bar code type, as the guide numbers them."""
    data: bytes

    @property
    def symbology_identifier(self) -> str | None:
        """``]C1``, where the type says it for certain."""
        return _IDENTIFIERS.get(self.kind)


class ScanParts:
    """The scan of which not all has come."""

    def __init__(self, max_length: int, suffix_length: int = 0) -> None:
        """At most `max_length` bytes, and a suffix that is taken off later."""
        self._max_length = max_length
        self._suffix_length = suffix_length
        self._kind: int | None = None
        self._announced: int | None = None
        """Bytes of data, as the first segment said; None: the scan comes in continued packets."""
        self._segments = 0
        self._data = bytearray()

    @property
    def begun(self) -> bytes:
        """What is there of an unfinished scan, its bar code type in front; empty: none is under way."""
        return b"" if self._kind is None else bytes((self._kind, *self._data))

    def clear(self) -> None:
        """Forget it."""
        self._kind = self._announced = None
        self._segments = 0
        self._data.clear()

    def add(self, packet: Packet) -> Scan | None:
        """Take a packet; give the scan when it is whole. Packets about other things are left alone.

        Raises:
            BrokenScanError: it doesn't fit to what came before.
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

    def _continue(self, packet: Packet) -> bool:
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
