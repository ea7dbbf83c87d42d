"""Zebra's Simple Serial Interface: packets with checksum and acknowledgement to frames.

The scanner waits for an answer to each packet, so a line that is out of step falls silent by itself: what
does not fit is thrown away up to the next silence, then asked for again. The layout of segments (opcode 0x73)
and a scanner's behaviour after our answers are not backed by a capture: what does not fit is rejected.
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
    Packet,
    ScanParts,
    pack,
    take_packet,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drivers.base import Chunk

_SILENCE_S: Final = 0.05
"""Ends what is thrown away; a byte takes 1 ms at 9600 baud."""
_SENT_AGAIN_WITHIN_S: Final = 3.0
"""A scanner that misses an answer sends again after its time-out, 2 s unless it is set otherwise."""


class SsiDecoder:
    """The decoder of one scanner that speaks SSI."""

    def __init__(
        self, *, terminator: bytes = b"\r", frame_timeout_ms: int = 1000, max_length: int = 4096
    ) -> None:
        """Set it up.

        Args:
            terminator: A suffix the scanner adds inside its packets; taken off when it is there.
            frame_timeout_ms: Longest wait for the rest of a packet or scan. 0: 1000.
            max_length: Most bytes a frame's data can have.
        """
        self._terminator = terminator
        self._timeout_s = (frame_timeout_ms or 1000) / 1000
        self._buffer = bytearray()
        self._out_of_step = ""
        """Why bytes are thrown away up to the next silence; empty: they aren't."""
        self._asked_again = ""
        """Why a packet was asked for again that has not come yet; empty: none was."""
        self._headless = False
        """Decode data may be the rest of a scan that lost its beginning, up to its end or a long silence."""
        self._last: Packet | None = None
        self._known_until = 0.0
        self._parts = ScanParts(max_length, suffix_length=len(terminator))
        self._last_t = 0.0

    @classmethod
    def from_options(cls, options: Mapping[str, object]) -> SsiDecoder:
        """Take what is ours from a recording's options or a scanner's settings.

        Raises:
            DeviceOptionError: an option is wrong.
        """
        return cls(
            terminator=option.raw_bytes(options, "terminator", "\r"),
            frame_timeout_ms=option.whole_number(options, "frame_timeout_ms", 1000, range(60_001)),
            max_length=option.whole_number(options, "max_length", 4096, range(1, 65_537)),
        )

    def feed(self, chunk: Chunk) -> list[Found]:
        """Take one chunk; give each frame that is now complete or known to be broken, and what to answer."""
        found = self.idle(chunk.t)
        if chunk.data:
            self._last_t = chunk.t
            self._buffer += chunk.data
            found += self._packets(chunk.t)
        return found

    def deadline(self) -> float | None:
        """When silence decides about what is under way; None: nothing is."""
        if self._out_of_step:
            return self._last_t + _SILENCE_S
        if self._buffer or self._asked_again or self._parts.begun or self._headless:
            return self._last_t + self._timeout_s
        return None

    def idle(self, t: float) -> list[Found]:
        """No chunk has come up to `t`."""
        found: list[Found] = []
        while (deadline := self.deadline()) is not None and deadline <= t:
            # The deadline, not t: how late the caller looked must not show in the result.
            self._last_t = deadline
            found += self._silence(deadline)
        return found

    def reset(self, t: float) -> list[Found]:
        """The stream ended: what was under way is broken."""
        found = self.idle(t)
        if self._buffer or self._out_of_step or self._asked_again or self._parts.begun:
            found.append(self._give_up("the connection ended in the middle of a scan", t))
        self._last, self._headless = None, False
        return found

    def _silence(self, t: float) -> list[Found]:
        if self._out_of_step:
            # Now that the line is silent the scanner hears us, and sends the packet again.
            self._asked_again, self._out_of_step = self._asked_again or self._out_of_step, ""
            self._buffer.clear()
            return [Reply(pack(NAK, bytes((RESEND,))))]
        if self._buffer:
            self._out_of_step = "a packet stopped half-way"
            return []
        # What comes before the next silence may be the rest of the scan that is given up here.
        self._headless = bool(self._asked_again or self._parts.begun)
        if not self._headless:
            return []
        why = "it was not sent again" if self._asked_again else "a continued scan never completed"
        return [self._give_up(why, t)]

    def _packets(self, t: float) -> list[Found]:
        """Take whole packets off the buffer."""
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
            # Its beginning is kept for the log.
            del self._buffer[LOGGED_BYTES:]
        return found

    def _take(self, packet: Packet, t: float) -> list[Found]:
        found: list[Found] = []
        if packet.status & SENT_AGAIN:
            if not self._asked_again and self._is_known(packet, t):
                # Our answer was lost, not the packet.
                return [_answer(packet)]
            self._asked_again = ""
        elif self._asked_again:
            found.append(self._give_up("it was not sent again", t))
            self._headless = True
        self._last, self._known_until = packet, t + _SENT_AGAIN_WITHIN_S
        if packet.opcode in (ACK, NAK):
            return found
        # The answer last: the scan is in the queue before the scanner beeps.
        return [*found, *self._scanned(packet, t), _answer(packet)]

    def _is_known(self, packet: Packet, t: float) -> bool:
        """Whether a packet that is sent again came before; a label may be scanned again much later."""
        return self._last is not None and self._last.content == packet.content and t < self._known_until

    def _scanned(self, packet: Packet, t: float) -> list[Found]:
        is_continued = packet.opcode == DECODE_DATA and bool(packet.status & CONTINUED)
        if self._headless and packet.opcode == DECODE_DATA:
            self._headless = is_continued
            # Told at its end, so that a scan of many packets is one rejection.
            return [] if is_continued else [self._give_up("the beginning of the scan is lost", t)]
        try:
            scan = self._parts.add(packet)
        except BrokenScanError as error:
            self._headless = is_continued
            return [self._give_up(str(error), t)]
        if scan is None:
            return []
        data = scan.data.removesuffix(self._terminator) if self._terminator else scan.data
        # With the identifier in the data, as the scanner may be set, the setting aim reads it.
        return [Frame(data, t, None if data.startswith(b"]") else scan.symbology_identifier)]

    def _give_up(self, why: str, t: float) -> BrokenFrame:
        first = self._asked_again or self._out_of_step
        data = (self._parts.begun or bytes(self._buffer))[:LOGGED_BYTES]
        self._asked_again = self._out_of_step = ""
        self._parts.clear()
        return BrokenFrame(f"{first}, and {why}" if first else why, t, data)


def _answer(packet: Packet) -> Reply:
    return Reply(pack(SEGMENT_ACK if packet.opcode == SEGMENT else ACK))
