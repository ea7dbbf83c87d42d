"""What a label holds: its fields, and among them serial numbers, GTIN and item codes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from station.i18n.messages import escape_unprintable, msg

AGAIN: Final = msg("scan again; if it repeats, the label is wrong")


class LabelError(ValueError):
    """The label contradicts its own format: the scan is rejected; the text says what is wrong."""

    def __init__(self, reason: str, advice: str = AGAIN) -> None:
        """`advice`: what to do; empty where the reason says it itself, as it does of a scanner's settings."""
        super().__init__(reason)
        self.advice = advice


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a label, under its identifier."""

    identifier: str
    """``21``, ``1P``, ``SER``; a house format's group."""
    title: str
    value: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What one label says, whatever its format."""

    form: str
    """The format's name, for people."""
    fields: tuple[Field, ...] = ()
    serials: tuple[str, ...] = ()
    """In the label's order, each once."""
    gtin: str | None = None
    """14 digits."""
    items: tuple[str, ...] = ()
    """Item codes, in the label's order, each once: a customer's and a supplier's code are two."""
    sscc: str | None = None
    notes: tuple[str, ...] = field(default=())
    """Why a field that looks like a serial number is none, and the like; for people."""


def only(values: list[str], name: str) -> str | None:
    """The one value that all of these are; None: there are none.

    Raises:
        LabelError: they differ.
    """
    if not values:
        return None
    if any(value != values[0] for value in values):
        differing = next(value for value in values if value != values[0])
        raise LabelError(
            msg(
                "{name_text} stands there twice, as {first} and as {second}",
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
    """The text with ``<GS>`` and its like for control characters, and what else doesn't print written out."""
    return text if text.isprintable() else escape_unprintable(text.translate(_WRITTEN))
