"""Joins the parts of a scan, each in its own report, into one frame; never into a truncated one.

Times are from the chunks. If a part arrives late and `idle` was not called before, the machine was stalled:
the part may be the rest of the previous scan or a new scan, so it is rejected.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from drivers import options as option
from drivers.base import BrokenFrame
from drivers.framing import LOGGED_BYTES, MAY_BE_THE_REST, SUSPECT_S

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Self

    from drivers.base import Found

SETTLING_S: Final = 0.1
"""Reports of one scan follow at each poll of the endpoint; a person scans more slowly."""

MOST_TIMEOUT_MS: Final = 500
"""Longer than any pause within a scan, shorter than between two scans."""

STANDSTILL_S: Final = 3.0
"""How long a machine may be stalled; a later part is a new scan."""

NEVER_COMPLETED: Final = "continued report never completed: its next part did not come in time"

_LINE_ENDS: Final = (b"\r\n", b"\r", b"\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class JoiningOptions:
    """A scanner's settings for its scans."""

    terminator: bytes = b"\r"
    """The scanner's suffix, removed if present."""
    frame_timeout_ms: int = MOST_TIMEOUT_MS
    """The longest wait for the next part."""
    max_length: int = 4096
    """Maximum length of a frame's data in bytes."""

    @classmethod
    def from_options(cls, options: Mapping[str, object]) -> Self:
        """Read a recording's options or a scanner's settings.

        Raises:
            DeviceOptionError: an option is wrong.
        """
        timeout_ms = option.whole_number(options, "frame_timeout_ms", 1000, range(60_001))
        return cls(
            terminator=option.raw_bytes(options, "terminator", "\r"),
            frame_timeout_ms=min(timeout_ms or MOST_TIMEOUT_MS, MOST_TIMEOUT_MS),
            max_length=option.whole_number(options, "max_length", 4096, range(1, 65_537)),
        )

    def without_terminator(self, data: bytes) -> bytes:
        """A scan's data without the scanner's suffix: the configured one, or else a line end."""
        for suffix in (self.terminator, *_LINE_ENDS):
            if suffix and data.endswith(suffix):
                return data[: -len(suffix)]
        return data


@dataclass(frozen=True, slots=True)
class Part:
    """One report's part of a scan."""

    data: bytes
    has_more: bool
    """Another report continues it."""
    kind: str = ""
    """What each part of the scan names as its kind; empty: nothing."""


class Joiner:
    """The current scan of one scanner."""

    def __init__(
        self, options: JoiningOptions, finish: Callable[[bytes, float, str], Found], rest: str
    ) -> None:
        """Set it up.

        Args:
            options: The scanner's settings.
            finish: Turns a complete scan's data, time and kind into the decoder's result.
            rest: The reason for a scan whose next part did not arrive in time.
        """
        self._options = options
        self._finish = finish
        self._rest = rest
        self._timeout_s = options.frame_timeout_ms / 1000
        self._data = bytearray()
        self._kind = ""
        self._under_way = False
        self._deadline: float | None = None
        self._discarding = False
        """The following parts are the rest of a scan that is already rejected."""
        self._suspect_until = 0.0

    def add(self, part: Part, t: float) -> list[Found]:
        """Take a part; return the frame after the last one."""
        found: list[Found] = []
        if self._deadline is not None and t > self._deadline + STANDSTILL_S:
            found = self.idle(t)
        if reason := self._why_not(part, t):
            return [*found, *self.reject(reason, t, part.data, has_more=part.has_more)]
        if self._discarding:
            self._go_on(t, has_more=part.has_more)
            return found
        self._kind = self._kind or part.kind
        self._data += part.data
        if len(self._data) > self._options.max_length + max(2, len(self._options.terminator)):
            return [*found, *self._overlong(t, has_more=part.has_more)]
        self._go_on(t, has_more=part.has_more)
        return found if part.has_more else [*found, *self._whole(t)]

    def reject(self, reason: str, t: float, data: bytes, *, has_more: bool | None) -> list[Found]:
        """Reject the current scan because of a report that can't be part of one.

        Args:
            reason: What is wrong.
            t: When it arrived.
            data: The report, for the log.
            has_more: Whether another report of the scan follows; None: unknown.
        """
        self._clear()
        if has_more is None:
            self._deadline = t + SETTLING_S
        else:
            self._discarding = has_more
            self._deadline = t + self._timeout_s if has_more else None
        return [BrokenFrame(reason, t, data[:LOGGED_BYTES])]

    def deadline(self) -> float | None:
        """When silence ends the current scan; None: there is none."""
        return self._deadline

    def idle(self, t: float) -> list[Found]:
        """Take note that no report has arrived up to `t`."""
        deadline = self._deadline
        if deadline is None or t < deadline:
            return []
        found = self._incomplete(self._rest, deadline)
        was_cut = self._under_way or self._discarding
        self._clear()
        self._suspect_until = deadline + SUSPECT_S if was_cut else 0.0
        return found

    def reset(self, t: float) -> list[Found]:
        """End the reports: an unfinished scan is broken."""
        found = self._incomplete("the connection ended in the middle of a scan", t)
        self._clear()
        return found

    def _why_not(self, part: Part, t: float) -> str:
        """Why a part can't be accepted; empty: it can."""
        if self._deadline is None:
            return MAY_BE_THE_REST if t < self._suspect_until else ""
        if self._under_way or self._discarding:
            if t > self._deadline:
                return "came so late that it may be the rest of another scan"
        elif t <= self._deadline:
            return "came right behind a report that does not fit, so it may be the rest of that scan"
        if part.kind and self._kind and part.kind != self._kind:
            return f"its parts are of different kinds, {self._kind} and {part.kind}: two scans ran into one"
        return ""

    def _go_on(self, t: float, *, has_more: bool) -> None:
        self._deadline = t + self._timeout_s if has_more else None
        self._under_way = has_more and not self._discarding
        self._discarding = has_more and self._discarding

    def _whole(self, t: float) -> list[Found]:
        data, kind = self._options.without_terminator(bytes(self._data)), self._kind
        self._clear()
        if not data:
            # A separate report with only the terminator.
            return []
        if len(data) > self._options.max_length:
            return self.reject(f"longer than {self._options.max_length} bytes", t, data, has_more=False)
        return [self._finish(data, t, kind)]

    def _overlong(self, t: float, *, has_more: bool) -> list[Found]:
        reason = f"longer than {self._options.max_length} bytes"
        return self.reject(reason, t, bytes(self._data), has_more=has_more)

    def _incomplete(self, reason: str, t: float) -> list[Found]:
        if not self._under_way:
            return []
        return [BrokenFrame(reason, t, bytes(self._data[:LOGGED_BYTES]))]

    def _clear(self) -> None:
        self._data.clear()
        self._kind = ""
        self._under_way = False
        self._discarding = False
        self._deadline = None
        self._suspect_until = 0.0
