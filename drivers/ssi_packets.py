"""Packets of Zebra's Simple Serial Interface (SSI).

::

    length  opcode  source  status  payload …  checksum (2)

``length`` counts from itself to the end of the payload; ``source`` is 0 for the scanner, 4 for the host;
bit 0 of ``status`` marks a packet that is sent again, bit 1 one that is continued in the next; the checksum
is the two's complement of the sum of all bytes before it, high byte first. Zebra: *Simple Serial Interface
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
"""Cause of a NAK: send the packet again."""

FROM_SCANNER: Final = 0
FROM_HOST: Final = 4
SENT_AGAIN: Final = 0x01
CONTINUED: Final = 0x02

_HEADER: Final = 4
_CHECKSUM: Final = 2


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet whose checksum is right."""

    opcode: int
    status: int
    payload: bytes

    @property
    def content(self) -> tuple[int, int, bytes]:
        """What stays the same when it is sent again."""
        return self.opcode, self.status & ~SENT_AGAIN, self.payload


def pack(opcode: int, payload: bytes = b"", *, source: int = FROM_HOST, status: int = 0) -> bytes:
    """A packet as it goes over the line.

    Raises:
        ValueError: the payload is longer than 251 bytes.
    """
    head = bytes((_HEADER + len(payload), opcode, source, status)) + payload
    return head + (-sum(head) & 0xFFFF).to_bytes(_CHECKSUM, "big")


def take_packet(buffer: bytearray) -> Packet | None:
    """Take the scanner's packet at the front off the buffer; None: not all of it has come.

    Raises:
        ValueError: there is none; what is said does not depend on how much has come.
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
    return Packet(raw[1], raw[3], raw[_HEADER:length])
