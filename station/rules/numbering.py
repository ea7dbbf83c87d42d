"""Serial numbers of our own making (M5): each prefix is counted up, and no number is given twice."""

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
"""Numbers that are looked at together: many in a row may be borne already, by units that were imported."""


@dataclass(frozen=True, slots=True)
class Series:
    """The serial numbers of one prefix."""

    prefix: str
    digits: int

    @property
    def highest(self) -> int:
        """The last number that fits."""
        return int(10**self.digits) - 1

    def text(self, number: int) -> str:
        """A number as it is printed."""
        return f"{self.prefix}{number:0{self.digits}}"


def numbered(context: Context, unit: Unit, row_id: str) -> Unit | str:
    """Store a unit with the location's next serial number; or why there is none.

    `row_id`: the row of history that will tell of it, in the same transaction.
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
    made = replace(unit, serial_number=series.text(number))
    context.repository.add_generated(made, series.prefix, number, row_id)
    return made


def _series(context: Context) -> Series:
    home = context.home()
    generate = context.settings.generate
    return Series(generate.filled(home.code if home else context.settings.station.location), generate.digits)


def _misread(sample: str, preferences: Preferences) -> str | None:
    """Why nobody could scan such a number; the location's code may be what makes it so."""
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
    """The next number that no unit bears; None: there is none left."""
    number = context.repository.last_number(series.prefix) + 1
    while number <= series.highest:
        ahead = range(number, min(number + AHEAD, series.highest + 1))
        taken = context.repository.taken(series.text(ahead[0]), series.text(ahead[-1]))
        for each in ahead:
            text = series.text(each)
            if text not in taken and not _is_borne(context, text):
                return each
        number = ahead.stop
    return None


def _is_borne(context: Context, text: str) -> bool:
    """Whether a scan of it could mean another unit: in other case, or by the manufacturer's number."""
    fold = context.preferences.fold_case
    return any(
        context.repository.units(text, field, fold=fold, gtin=None, limit=1)
        for field in ("serial", "mfr_serial")
    )
