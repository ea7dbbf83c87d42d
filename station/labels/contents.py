"""The contents of a label: its fields, and the serial numbers, GTIN and item codes among them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from station.i18n.messages import escape_unprintable, msg

AGAIN: Final = msg("scan again; if it repeats, the label is wrong")


class LabelError(ValueError):
    """The label violates its own format: the scan is rejected; the text says what is wrong."""

    def __init__(self, reason: str, advice: str = AGAIN) -> None:
        """`advice`: what to do; empty if the reason already says it, as with a scanner's settings."""
        super().__init__(reason)
        self.advice = advice


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a label."""

    identifier: str
    """``21``, ``1P``, ``SER``, or the name of a house format's group."""
    title: str
    value: str


@dataclass(frozen=True, slots=True)
class Contents:
    """The contents of one label in any format."""

    form: str
    """The name of the format, for people."""
    fields: tuple[Field, ...] = ()
    serials: tuple[str, ...] = ()
    """In the label's order, without duplicates."""
    gtin: str | None = None
    """14 digits."""
    items: tuple[str, ...] = ()
    """Item codes in the label's order, without duplicates; a customer's and a supplier's code are two."""
    sscc: str | None = None
    notes: tuple[str, ...] = field(default=())
    """Remarks for people, such as why a field that looks like a serial number is not one."""


def only(values: list[str], name: str) -> str | None:
    """The value that all of these have in common; None: there are no values.

    Raises:
        LabelError: they differ.
    """
    if not values:
        return None
    if any(value != values[0] for value in values):
        differing = next(value for value in values if value != values[0])
        raise LabelError(
            msg(
                "{name_text} appears twice, as {first} and as {second}",
                name_text=name,
                first=values[0],
                second=differing,
            )
        )
    return values[0]


def distinct(values: list[str]) -> tuple[str, ...]:
    """Each value once, in order."""
    return tuple(dict.fromkeys(values))


NAMES: Final = {"GS": "\x1d", "RS": "\x1e", "EOT": "\x04", "FS": "\x1c", "US": "\x1f"}
"""The only control characters that pass `normalise`."""

_WRITTEN: Final = str.maketrans({character: f"<{name}>" for name, character in NAMES.items()})


def visible(text: str) -> str:
    """The text with ``<GS>`` and the like for control characters; others that don't print are escaped."""
    return text if text.isprintable() else escape_unprintable(text.translate(_WRITTEN))
