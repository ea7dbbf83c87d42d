"""Ranges of serial numbers (M2): same prefix, numeric last part of equal width."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from station.i18n.messages import listed, msg, msg_count

if TYPE_CHECKING:
    from collections.abc import Sequence

_NUMBERED = re.compile(r"(.*?)([0-9]+)", re.DOTALL)

MAX_SPAN = 100_000
"""A range is one transaction with a row per unit: a larger one would block the station for many seconds."""

MAX_NAMED = 20
"""Gaps named at the end of a range."""


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

    def text(self, number: int) -> str:
        """Return a number of it as printed."""
        return f"{self.prefix}{number:0{self.width}}"

    def gaps(self, held: Sequence[str]) -> list[Span]:
        """Return the numbers that none of these serial numbers has, as spans; `held` is in order."""
        found, number = [], self.first
        for each in held:
            place = int(each[len(self.prefix) :])
            if place > number:
                found.append(replace(self, first=number, last=place - 1))
            number = place + 1
        if number <= self.last:
            found.append(replace(self, first=number))
        return found

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


def retrieved(whole: Span, held: Sequence[str], taken: int) -> str:
    """Return the end of a range in words: ``5 of 6 retrieved; SD100014 is unknown``.

    `held`: its units' serial numbers in order; `taken`: how many of them were attached.
    """
    text = msg("{taken} of {size} retrieved", taken=taken, size=whole.size)
    gaps = whole.gaps(held)
    if gaps:
        text = _with_gaps(text, gaps[:MAX_NAMED], sum(gap.size for gap in gaps[MAX_NAMED:]))
    if len(held) > taken:
        text = msg_count(
            "{end_text}; {count} was skipped or refused",
            "{end_text}; {count} were skipped or refused",
            len(held) - taken,
            end_text=text,
        )
    return text


def _with_gaps(text: str, named: Sequence[Span], others: int) -> str:
    numbers = listed(_named(gap) for gap in named)
    if others:
        return msg_count(
            "{end_text}; {numbers_list} and {count} more are unknown",
            "{end_text}; {numbers_list} and {count} more are unknown",
            others,
            end_text=text,
            numbers_list=numbers,
        )
    if len(named) == 1 and named[0].size == 1:
        return msg("{end_text}; {numbers_list} is unknown", end_text=text, numbers_list=numbers)
    return msg("{end_text}; {numbers_list} are unknown", end_text=text, numbers_list=numbers)


def _named(gap: Span) -> str:
    first, last = gap.text(gap.first), gap.text(gap.last)
    return first if gap.size == 1 else msg("{first} to {last}", first=first, last=last)
