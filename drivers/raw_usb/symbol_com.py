"""Symbol's "simple COM port emulation" (05e0:0600): a length byte, then up to 63 bytes, in each report.

So reads it the kernel's driver for it, ``drivers/usb/serial/symbolserial.c``. Nothing marks a scan's end:
a report that is not full ends it, and so does the scanner's suffix at the end of a full one. A full report
without a suffix, with nothing behind it, may have been cut, so that scan is rejected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from drivers.base import Frame
from drivers.raw_usb.joining import Joiner, Part

if TYPE_CHECKING:
    from drivers.base import Chunk, Found
    from drivers.raw_usb.joining import JoiningOptions

VID_PID: Final = (0x05E0, 0x0600)
_FULL: Final = 63
_REST: Final = (
    "fills its last report, and none came behind it, so it may be cut: set the scanner to send CR at the end"
)


class SymbolComDecoder:
    """The decoder of one such scanner."""

    def __init__(self, options: JoiningOptions) -> None:
        self._options = options
        self._joiner = Joiner(options, _finished, _REST)

    def feed(self, chunk: Chunk) -> list[Found]:
        """Take one report; give the frame that is now complete or known to be broken."""
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
        """When the next part of a continued scan must have come."""
        return self._joiner.deadline()

    def idle(self, t: float) -> list[Found]:
        """No report has come up to `t`."""
        return self._joiner.idle(t)

    def reset(self, t: float) -> list[Found]:
        """The reports ended: what was under way is broken."""
        return self._joiner.reset(t)

    def _part(self, data: bytes) -> Part:
        terminator = self._options.terminator
        is_ended = bool(terminator) and data.endswith((terminator, terminator + b"\n"))
        return Part(data, has_more=len(data) == _FULL and not is_ended)


def _finished(data: bytes, t: float, _kind: str) -> Found:
    return Frame(data, t)
