"""The lines of a recording: one per read, in a format per driver.

::

    {"t": 0.0, "bytes": "534e2d310d"}                                           serial
    {"t": 0.0, "events": [[1, 31, 1], [0, 0, 0]], "keys": [], "leds": [0]}      evdev
    {"t": 0.0, "report": "0204…"}                                               usb

An evdev line has ``keys`` and ``leds`` only if the kernel was queried just before: the codes of the keys held
down, and the numbers of the LEDs that are on.
"""

from __future__ import annotations

from typing import Annotated, Self

import msgspec

from drivers.base import Chunk, InputEvent, KeyState

Number = Annotated[int, msgspec.Meta(ge=-(1 << 31), lt=1 << 31)]
"""A signed 32-bit number, like the value in `struct input_event`."""
Code = Annotated[int, msgspec.Meta(ge=0, le=0xFFFF)]


class RecordingLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The result of one read; each kind of data has its own line type."""

    t: float

    @classmethod
    def of(cls, chunk: Chunk, t: float) -> Self:
        """Create a line from a chunk, with `t` as its time."""
        raise NotImplementedError

    def chunk(self) -> Chunk:
        """The chunk.

        Raises:
            ValueError: it is not hex.
        """
        raise NotImplementedError


class BytesLine(RecordingLine, frozen=True, kw_only=True):
    """The result of one read of a serial port."""

    bytes: str

    @classmethod
    def of(cls, chunk: Chunk, t: float) -> Self:
        """Create a line from a chunk of bytes."""
        return cls(t=t, bytes=chunk.data.hex())

    def chunk(self) -> Chunk:
        """The bytes."""
        return Chunk(_unhex(self.bytes, "bytes"), self.t)


class ReportLine(RecordingLine, frozen=True, kw_only=True):
    """One interrupt-IN transfer of a USB scanner."""

    report: str

    @classmethod
    def of(cls, chunk: Chunk, t: float) -> Self:
        """Create a line from a report."""
        return cls(t=t, report=chunk.data.hex())

    def chunk(self) -> Chunk:
        """The report."""
        return Chunk(_unhex(self.report, "report"), self.t)


class EventsLine(RecordingLine, frozen=True, kw_only=True):
    """The input events of one read of a keyboard."""

    events: tuple[tuple[Code, Code, Number], ...]
    keys: tuple[Code, ...] | None = None
    leds: tuple[Code, ...] | None = None

    @classmethod
    def of(cls, chunk: Chunk, t: float) -> Self:
        """Create a line from events."""
        if (state := chunk.key_state) is None:
            return cls(t=t, events=chunk.events)
        return cls(t=t, events=chunk.events, keys=tuple(sorted(state.keys)), leds=tuple(sorted(state.leds)))

    def chunk(self) -> Chunk:
        """The events."""
        events: tuple[InputEvent, ...] = self.events
        if self.keys is None and self.leds is None:
            return Chunk(b"", self.t, events)
        return Chunk(b"", self.t, events, KeyState(frozenset(self.keys or ()), frozenset(self.leds or ())))


def _unhex(text: str, key: str) -> bytes:
    try:
        data = bytes.fromhex(text)
    except ValueError:
        data = b""
    # fromhex accepts spaces; the format does not.
    if 2 * len(data) != len(text):
        odd = "an odd number of digits" if len(text) % 2 else "characters other than 0-9, a-f"
        raise ValueError(f"{key}: is not hex: it has {odd}")
    return data
