"""Assigns our own serial numbers (M5): counts up per prefix, and never assigns a number twice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from station import patterns
from station.i18n.messages import msg

if TYPE_CHECKING:
    from station.config.settings import Preferences
    from station.rules.context import Context
    from station.rules.model import Unit

AHEAD = 500
"""Numbers checked at once: imported units may already use many in a row."""


@dataclass(frozen=True, slots=True)
class Series:
    """The serial numbers of one prefix."""

    prefix: str
    digits: int

    @property
    def highest(self) -> int:
        """The highest number that fits."""
        return int(10**self.digits) - 1

    def text(self, number: int) -> str:
        """Return a number as printed."""
        return f"{self.prefix}{number:0{self.digits}}"


def numbered(context: Context, unit: Unit, row_id: str) -> Unit | str:
    """Store a unit with the location's next serial number, or return why there is none.

    `row_id`: its row of history, which follows in the same transaction.
    """
    series = _series(context)
    if reason := _misread(series.text(0), context.preferences):
        return reason
    number = _next_free(context, series)
    if number is None:
        return msg(
            "the serial numbers {first} to {last} are used up: set generate.digits or generate.prefix",
            first=series.text(0),
            last=series.text(series.highest),
        )
    new = replace(unit, serial_number=series.text(number))
    context.repository.add_generated(new, series.prefix, number, row_id)
    return new


def _series(context: Context) -> Series:
    home = context.home()
    generate = context.settings.generate
    return Series(generate.filled(home.code if home else context.settings.station.location), generate.digits)


def _misread(sample: str, preferences: Preferences) -> str | None:
    """Return why such a number couldn't be scanned; the location's code may be the cause."""
    if sample.startswith(preferences.command_prefix):
        return msg(
            "a serial number like {sample} would be read as a command: set generate.prefix", sample=sample
        )
    if patterns.linear(preferences.document_pattern).fullmatch(sample):
        return msg(
            "a serial number like {sample} would be read as a document's number: set generate.prefix",
            sample=sample,
        )
    return None


def _next_free(context: Context, series: Series) -> int | None:
    """Return the next unused number; None: the series is used up."""
    number = context.repository.last_number(series.prefix) + 1
    while number <= series.highest:
        ahead = range(number, min(number + AHEAD, series.highest + 1))
        taken = context.repository.taken(series.text(ahead[0]), series.text(ahead[-1]))
        for each in ahead:
            text = series.text(each)
            if text not in taken and not _is_in_use(context, text):
                return each
        number = ahead.stop
    return None


def _is_in_use(context: Context, text: str) -> bool:
    """Whether scanning it could find another unit: in other case, or by a manufacturer's number."""
    fold = context.preferences.fold_case
    return any(
        context.repository.units(text, field, fold=fold, gtin=None, limit=1)
        for field in ("serial", "mfr_serial")
    )
