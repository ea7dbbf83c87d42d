"""The lines of a recording, one for each thing a read returned, in the form of each driver.

::

    {"t": 0.0, "bytes": "534e2d310d"}                                           serial
    {"t": 0.0, "events": [[1, 31, 1], [0, 0, 0]], "keys": [], "leds": [0]}      evdev
    {"t": 0.0, "report": "0204…"}                                               usb

``keys`` and ``leds`` stand on an evdev line only when the kernel was asked for them just before: the codes of
the keys held down, and the numbers of the LEDs that are on.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from drivers.base import Chunk, InputEvent, KeyState

Number = Annotated[int, msgspec.Meta(ge=-(1 << 31), lt=1 << 31)]
"""A signed 32-bit number, as `struct input_event` holds a value."""
Code = Annotated[int, msgspec.Meta(ge=0, le=0xFFFF)]


class BytesLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one read of a serial port returned."""

    t: float
    bytes: str

    def chunk(self) -> Chunk:
        """The chunk.

        Raises:
            ValueError: it is not hex.
        """
        return Chunk(_unhex(self.bytes, "bytes"), self.t)


class ReportLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One interrupt-IN transfer of a USB scanner."""

    t: float
    report: str

    def chunk(self) -> Chunk:
        """The chunk.

        Raises:
            ValueError: it is not hex.
        """
        return Chunk(_unhex(self.report, "report"), self.t)


class EventsLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """The input events that one read of a keyboard returned."""

    t: float
    events: tuple[tuple[Code, Code, Number], ...]
    keys: tuple[Code, ...] | None = None
    leds: tuple[Code, ...] | None = None

    def chunk(self) -> Chunk:
        """The chunk."""
        events: tuple[InputEvent, ...] = self.events
        if self.keys is None and self.leds is None:
            return Chunk(b"", self.t, events)
        return Chunk(b"", self.t, events, KeyState(frozenset(self.keys or ()), frozenset(self.leds or ())))


Line = BytesLine | EventsLine | ReportLine

LINES: dict[str, type[Line]] = {"serial": BytesLine, "evdev": EventsLine, "usb": ReportLine}
"""Driver to its kind of line."""


def line_of(driver: str, chunk: Chunk, t: float) -> Line:
    """A chunk as its driver's line, with `t` as the line's time."""
    if driver == "usb":
        return ReportLine(t=t, report=chunk.data.hex())
    if driver == "evdev":
        state = chunk.key_state
        return EventsLine(
            t=t,
            events=chunk.events,
            keys=None if state is None else tuple(sorted(state.keys)),
            leds=None if state is None else tuple(sorted(state.leds)),
        )
    return BytesLine(t=t, bytes=chunk.data.hex())


def _unhex(text: str, key: str) -> bytes:
    try:
        data = bytes.fromhex(text)
    except ValueError:
        data = b""
    # fromhex lets spaces pass; the format does not.
    if 2 * len(data) != len(text):
        odd = "an odd number of digits" if len(text) % 2 else "something else than the digits 0-9, a-f"
        raise ValueError(f"{key}: is not hex: it has {odd}")
    return data
