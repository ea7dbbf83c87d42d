"""Ranges of serial numbers (M2): same prefix, numeric last part of equal width."""

from __future__ import annotations

import re
from dataclasses import dataclass

from station.i18n.messages import msg, msg_count

_NUMBERED = re.compile(r"(.*?)([0-9]+)", re.DOTALL)

MAX_SPAN = 100_000
"""A range is one transaction with a row per unit: a larger one would block the station for many seconds."""


@dataclass(frozen=True, slots=True)
class Span:
    """The numbers from first to last."""

    prefix: str
    width: int
    """Digits of the numeric part."""
    first: int
    last: int

    @property
    def size(self) -> int:
        """The count of numbers from first to last, with or without units."""
        return self.last - self.first + 1

    def holds(self, serial_number: str) -> bool:
        """Whether a serial number is between first and last."""
        tail = serial_number[len(self.prefix) :]
        return (
            serial_number.startswith(self.prefix)
            and len(tail) == self.width
            and tail.isascii()
            and tail.isdigit()
            and self.first <= int(tail) <= self.last
        )


def span(first: str, last: str) -> Span | str:
    """Return the span between two serial numbers, or why they form none."""
    start, end = _NUMBERED.fullmatch(first), _NUMBERED.fullmatch(last)
    if start is None or end is None:
        return msg("range: {number} does not end in a number", number=first if start is None else last)
    if len(start[2]) != len(end[2]):
        return msg("range: first and last end in numbers of different width")
    if start[1] != end[1]:
        return msg("range: first and last begin differently")
    if int(start[2]) > int(end[2]):
        return msg("range: first is above last")
    found = Span(start[1], len(start[2]), int(start[2]), int(end[2]))
    if found.size > MAX_SPAN:
        return msg_count("range: more than {count} number", "range: more than {count} numbers", MAX_SPAN)
    return found
