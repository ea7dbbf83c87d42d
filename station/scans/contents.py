"""What a label holds: its fields, and among them serial numbers, GTIN and item codes."""

from __future__ import annotations

from dataclasses import dataclass, field


class LabelError(ValueError):
    """The label contradicts its own format: the scan is rejected; the text says what is wrong."""


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
        raise LabelError(f"{name} stands there twice, as {values[0]} and as {differing}")
    return values[0]


def distinct(values: list[str]) -> tuple[str, ...]:
    """Each value once, in order."""
    return tuple(dict.fromkeys(values))
