"""Zebra's Simple Serial Interface: turns packets with checksum and acknowledgement into frames.

The scanner waits for a response to each packet, so a line that is out of step falls silent by itself: invalid
data is discarded up to the next silence, then requested again. No capture confirms the layout of segments
(opcode 0x73) and a scanner's behaviour after our responses: anything unexpected is rejected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from drivers import options as option
from drivers.base import BrokenFrame, Found, Frame, Reply
from drivers.framing import LOGGED_BYTES
from drivers.serial_line.ssi_packets import (
    ACK,
    CONTINUED,
    DECODE_DATA,
    NAK,
    RESEND,
    SEGMENT,
    SEGMENT_ACK,
    SENT_AGAIN,
    BrokenScanError,
    ScanParts,
    SsiPacket,
    pack,
    take_packet,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drivers.base import Chunk

_SILENCE_S: Final = 0.05
"""The silence that ends discarded data; a byte takes 1 ms at 9600 baud."""
_SENT_AGAIN_WITHIN_S: Final = 3.0
"""A scanner without a response resends after its timeout, 2 s by default."""


class SsiDecoder:
    """The decoder of one scanner that speaks SSI."""

    def __init__(
        self, *, terminator: bytes = b"\r", frame_timeout_ms: int = 1000, max_length: int = 4096
    ) -> None:
        """Set it up.

        Args:
            terminator: A suffix that the scanner adds inside its packets; removed if present.
            frame_timeout_ms: Longest wait for the rest of a packet or scan. 0 means 1000.
            max_length: Maximum length of a frame's data in bytes.
        """
        self._terminator = terminator
        self._timeout_s = (frame_timeout_ms or 1000) / 1000
        self._buffer = bytearray()
        self._out_of_step = ""
        """Why bytes are discarded up to the next silence; empty: they aren't."""
        self._resend_reason = ""
        """Why a missing packet was requested again; empty: none is missing."""
        self._headless = False
        """Decode data, up to its end or a long silence, may be the rest of a scan that lost its beginning."""
        self._last: SsiPacket | None = None
        self._known_until = 0.0
        self._parts = ScanParts(max_length, suffix_length=len(terminator))
        self._last_t = 0.0

    @classmethod
    def from_options(cls, options: Mapping[str, object]) -> SsiDecoder:
        """Read a recording's options or a scanner's settings.

        Raises:
            DeviceOptionError: an option is wrong.
        """
        return cls(
            terminator=option.raw_bytes(options, "terminator", "\r"),
            frame_timeout_ms=option.whole_number(options, "frame_timeout_ms", 1000, range(60_001)),
            max_length=option.whole_number(options, "max_length", 4096, range(1, 65_537)),
        )

    def feed(self, chunk: Chunk) -> list[Found]:
        """Take one chunk; return each frame that is now complete or known to be broken, and the responses."""
        found = self.idle(chunk.t)
        if chunk.data:
            self._last_t = chunk.t
            self._buffer += chunk.data
            found += self._packets(chunk.t)
        return found

    def deadline(self) -> float | None:
        """When silence ends the current packet or scan; None: there is none."""
        if self._out_of_step:
            return self._last_t + _SILENCE_S
        if self._buffer or self._resend_reason or self._parts.begun or self._headless:
            return self._last_t + self._timeout_s
        return None

    def idle(self, t: float) -> list[Found]:
        """Take note that no chunk has arrived up to `t`."""
        found: list[Found] = []
        while (deadline := self.deadline()) is not None and deadline <= t:
            # The deadline, not t: the result must not depend on when the caller looks.
            self._last_t = deadline
            found += self._silence(deadline)
        return found

    def reset(self, t: float) -> list[Found]:
        """End the stream: an unfinished frame is broken."""
        found = self.idle(t)
        if self._buffer or self._out_of_step or self._resend_reason or self._parts.begun:
            found.append(self._give_up("the connection ended in the middle of a scan", t))
        self._last, self._headless = None, False
        return found

    def _silence(self, t: float) -> list[Found]:
        if self._out_of_step:
            # The line is silent, so the scanner listens and resends the packet.
            self._resend_reason, self._out_of_step = self._resend_reason or self._out_of_step, ""
            self._buffer.clear()
            return [Reply(pack(NAK, bytes((RESEND,))))]
        if self._buffer:
            self._out_of_step = "a packet stopped half-way"
            return []
        # Data before the next silence may be the rest of the scan that is rejected here.
        self._headless = bool(self._resend_reason or self._parts.begun)
        if not self._headless:
            return []
        why = "it was not sent again" if self._resend_reason else "a continued scan never completed"
        return [self._give_up(why, t)]

    def _packets(self, t: float) -> list[Found]:
        """Remove complete packets from the buffer."""
        found: list[Found] = []
        while self._buffer and not self._out_of_step:
            try:
                packet = take_packet(self._buffer)
            except ValueError as error:
                self._out_of_step = str(error)
                break
            if packet is None:
                break
            found += self._take(packet, t)
        if self._out_of_step:
            # Keep its beginning for the log.
            del self._buffer[LOGGED_BYTES:]
        return found

    def _take(self, packet: SsiPacket, t: float) -> list[Found]:
        found: list[Found] = []
        if packet.status & SENT_AGAIN:
            if not self._resend_reason and self._is_known(packet, t):
                # Our response was lost, not the packet.
                return [_answer(packet)]
            self._resend_reason = ""
        elif self._resend_reason:
            found.append(self._give_up("it was not sent again", t))
            self._headless = True
        self._last, self._known_until = packet, t + _SENT_AGAIN_WITHIN_S
        if packet.opcode in (ACK, NAK):
            return found
        # The response comes last: the scan is in the queue before the scanner beeps.
        return [*found, *self._scanned(packet, t), _answer(packet)]

    def _is_known(self, packet: SsiPacket, t: float) -> bool:
        """Whether a resent packet has already arrived; a label may be scanned again much later."""
        return self._last is not None and self._last.content == packet.content and t < self._known_until

    def _scanned(self, packet: SsiPacket, t: float) -> list[Found]:
        is_continued = packet.opcode == DECODE_DATA and bool(packet.status & CONTINUED)
        if self._headless and packet.opcode == DECODE_DATA:
            self._headless = is_continued
            # Report it at the end, so that a scan of many packets is rejected once.
            return [] if is_continued else [self._give_up("the beginning of the scan is lost", t)]
        try:
            scan = self._parts.add(packet)
        except BrokenScanError as error:
            self._headless = is_continued
            return [self._give_up(str(error), t)]
        if scan is None:
            return []
        data = scan.data.removesuffix(self._terminator) if self._terminator else scan.data
        # The scanner may be set to put the identifier into the data; the setting aim handles it there.
        return [Frame(data, t, None if data.startswith(b"]") else scan.symbology_identifier)]

    def _give_up(self, why: str, t: float) -> BrokenFrame:
        first = self._resend_reason or self._out_of_step
        data = (self._parts.begun or bytes(self._buffer))[:LOGGED_BYTES]
        self._resend_reason = self._out_of_step = ""
        self._parts.clear()
        return BrokenFrame(f"{first}, and {why}" if first else why, t, data)


def _answer(packet: SsiPacket) -> Reply:
    return Reply(pack(SEGMENT_ACK if packet.opcode == SEGMENT else ACK))
