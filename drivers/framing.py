"""Splits serial byte streams into frames: by terminator, preamble, silence, length limit.

A USB packet has 64 bytes and a UART returns what it has, so one scan may take several reads, and one read
may contain two scans: where a read ends means nothing here. All times are from the chunks, never from a
clock, so a recording gives the same frames at any speed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drivers import options as option
from drivers.base import BrokenFrame, DeviceOptionError, Frame

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drivers.base import Chunk

LOGGED_BYTES = 64
"""How many bytes of a broken frame are kept for the log."""
SUSPECT_S = 1.0
"""A frame that begins this soon after an incomplete scan may be the rest of that scan."""
MAY_BE_THE_REST = "may be the rest of the scan before, which came incomplete"

_TERMINATOR_LIKE = {b"\r\n": "CR LF", b"\r": "CR", b"\n": "LF", b"\t": "TAB", b"\x03": "ETX"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FramingOptions:
    """How a scanner marks the beginning and the end of a scan."""

    terminator: bytes = b"\r"
    """Ends a frame; empty: silence of `gap_ms` ends it."""
    preamble: bytes = b""
    """Begins every frame; empty: none."""
    gap_ms: int = 0
    """Silence that ends a frame; with a terminator, silence that a frame can't contain. 0: off."""
    frame_timeout_ms: int = 1000
    """With a terminator and no `gap_ms`: the longest silence within a frame. 0: any."""
    max_length: int = 4096
    """Maximum length of a frame's data in bytes."""

    @classmethod
    def from_options(cls, options: Mapping[str, object]) -> FramingOptions:
        """Read a recording's options or a scanner's settings.

        Raises:
            DeviceOptionError: an option is wrong.
        """
        if options.get("protocol"):
            # Decoding another protocol's bytes as plain text could make a serial number of its framing.
            raise DeviceOptionError(f'protocol = {options["protocol"]!r}: a serial scanner has "ssi" or none')
        framing = cls(
            terminator=option.raw_bytes(options, "terminator", "\r"),
            preamble=option.raw_bytes(options, "preamble", ""),
            gap_ms=option.whole_number(options, "gap_ms", 0, range(60_001)),
            frame_timeout_ms=option.whole_number(options, "frame_timeout_ms", 1000, range(60_001)),
            max_length=option.whole_number(options, "max_length", 4096, range(1, 65_537)),
        )
        if not framing.terminator and not framing.gap_ms:
            raise DeviceOptionError('terminator = "": frames need a terminator or gap_ms above 0')
        return framing


class SerialFraming:
    """The decoder of one serial scanner.

    A frame that ends by silence instead of its terminator is incomplete. A frame that begins soon after it
    may be its rest, so it is broken too. After a frame over the limit, everything up to the next terminator
    or silence is discarded, so its end is never taken for a scan.
    """

    def __init__(self, options: FramingOptions) -> None:
        self._options = options
        self._limit = options.max_length + len(options.preamble)
        self._logged_bytes = min(LOGGED_BYTES, self._limit)
        with_gap = options.gap_ms or not options.terminator
        self._silence_ms = options.gap_ms if with_gap else options.frame_timeout_ms
        self._buffer = bytearray()
        self._searched = 0
        """No terminator in the buffer begins before this index; keeps one-byte chunks linear."""
        self._discarding = False
        self._spoiled = ""
        """Why the current frame is already broken."""
        self._held = False
        self._suspect_until = 0.0
        self._last_t = 0.0

    def feed(self, chunk: Chunk) -> list[Frame | BrokenFrame]:
        """Take one chunk; return each frame that is now complete or known to be broken."""
        if chunk.late and self.under_way:
            # Nobody can know whether the scanner paused or the station did.
            self.spoil("the station stood still in the middle of a scan", chunk.t)
        found = self.idle(chunk.t)
        if chunk.data:
            self._doubt(chunk.t)
            self._last_t = chunk.t
            self._buffer += chunk.data
            if self._options.terminator:
                found += self._split(chunk.t)
            found += self._check_length(chunk.t)
        return found

    def deadline(self) -> float | None:
        """When silence ends the current frame; None: there is none, or its silences have no limit."""
        return self._last_t + self._silence_ms / 1000 if self._silence_ms and self.under_way else None

    @property
    def under_way(self) -> bool:
        """Whether a frame has begun."""
        return bool(self._buffer or self._discarding or self._spoiled or self._held)

    def hold(self, t: float) -> None:
        """Take note of a part of a frame that isn't a byte yet: silence counts from here."""
        self._doubt(t)
        self._held = True
        self._last_t = t

    def spoil(self, reason: str, t: float) -> None:
        """Mark the current frame, or else the next one, as broken: a part of it was wrong or missing.

        It is returned as broken when it ends (by terminator, silence or the stream's end), with the first
        reason.
        """
        self._spoiled = self._spoiled or reason
        self._last_t = t

    def idle(self, t: float) -> list[Frame | BrokenFrame]:
        """Take note that no chunk has arrived up to `t`."""
        deadline = self.deadline()
        if deadline is None or t < deadline:
            return []
        # The deadline, not t: the result must not depend on when the caller looks.
        is_incomplete = bool(self._options.terminator) and self._buffer != b"\n"
        if self._options.terminator and not self._discarding:
            found: list[Frame | BrokenFrame] = [self._broken(self._incomplete(), deadline)]
        else:
            found = self._finish(bytes(self._buffer), deadline)
        self._clear()
        self._suspect_until = deadline + SUSPECT_S if is_incomplete else 0.0
        return found

    def reset(self, t: float) -> list[Frame | BrokenFrame]:
        """End the stream: an unfinished frame is broken."""
        found = self.idle(t)
        if self._spoiled or (self._buffer and not self._discarding):
            reason = self._spoiled or "the connection ended in the middle of a scan"
            found.append(self._broken(reason, t))
        self._clear()
        self._suspect_until = 0.0
        return found

    def _doubt(self, t: float) -> None:
        """Spoil a frame that begins now, if it may be the rest of the previous one."""
        if t < self._suspect_until and not self.under_way:
            self.spoil(MAY_BE_THE_REST, t)

    def _split(self, t: float) -> list[Frame | BrokenFrame]:
        terminator = self._options.terminator
        found: list[Frame | BrokenFrame] = []
        start, search_from = 0, self._searched
        while (end := self._buffer.find(terminator, search_from)) >= 0:
            found += self._finish(bytes(memoryview(self._buffer)[start:end]), t)
            start = search_from = end + len(terminator)
        del self._buffer[:start]
        self._searched = max(0, len(self._buffer) - len(terminator) + 1)
        return found

    def _finish(self, data: bytes, t: float) -> list[Frame | BrokenFrame]:
        reason, discarding = self._spoiled, self._discarding
        self._spoiled, self._discarding, self._held = "", False, False
        self._suspect_until = 0.0
        if reason:
            return [BrokenFrame(reason, t, data[: self._logged_bytes])]
        if discarding:
            return []
        if not data:
            # The second half of a CR LF pair, or a scanner that sends its terminator twice.
            return []
        if len(data) > self._limit:
            return [self._overlong(data, t)]
        preamble = self._options.preamble
        if not data.startswith(preamble):
            reason = f"does not begin with the preamble {_printable(preamble)}"
            return [BrokenFrame(reason, t, data[: self._logged_bytes])]
        return [Frame(data[len(preamble) :], t)]

    def _check_length(self, t: float) -> list[Frame | BrokenFrame]:
        """Keep the buffer bounded; the limit doesn't depend on how the bytes were cut into chunks."""
        found: list[Frame | BrokenFrame] = []
        terminator_length = len(self._options.terminator)
        if not self._discarding:
            # The last bytes may be part of a terminator, so they don't count yet.
            if len(self._buffer) < self._limit + max(1, terminator_length):
                return found
            found.append(self._overlong(self._buffer, t))
            self._discarding = True
        keep = min(len(self._buffer), max(0, terminator_length - 1))
        del self._buffer[: len(self._buffer) - keep]
        self._searched = 0
        return found

    def _overlong(self, data: bytes | bytearray, t: float) -> BrokenFrame:
        logged = bytes(data[: self._logged_bytes])
        reason, self._spoiled = self._spoiled, ""
        return BrokenFrame(reason or f"longer than {self._options.max_length} bytes", t, logged)

    def _incomplete(self) -> str:
        if self._spoiled:
            return self._spoiled
        ours = self._options.terminator
        if self._buffer == b"\n" and ours == b"\r":
            return 'a lone LF: the scanner seems to send CR LF; set terminator = "\\r\\n"'
        reason = f"no terminator after {self._silence_ms} ms: the scan came incomplete"
        for ending, name in _TERMINATOR_LIKE.items():
            if self._buffer.endswith(ending):
                return (
                    f"{reason}, or the scanner ends its scans with {name}; the setting is {_printable(ours)}"
                )
        return reason

    def _broken(self, reason: str, t: float) -> BrokenFrame:
        return BrokenFrame(reason, t, bytes(self._buffer[: self._logged_bytes]))

    def _clear(self) -> None:
        self._buffer.clear()
        self._searched = 0
        self._spoiled, self._discarding, self._held = "", False, False


def _printable(data: bytes) -> str:
    return '"' + repr(data)[2:-1] + '"'
