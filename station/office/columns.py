"""The files of `import DIR`: their columns, the allowed values, and the key of a row."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

CellValue = str | int | bool | None

MAX_REQUESTED = 1_000_000

_GTIN_LENGTHS = (8, 12, 13, 14)
_DATE_CHARACTERS = len("2026-11-23")


class BadValueError(ValueError):
    """A cell's text is wrong; the message is the reason and what to do."""


def _text(limit: int, *, invisible: bool) -> Callable[[str], str]:
    """Return a check for text of 1 to `limit` characters; `invisible` allows no-break spaces etc.."""

    def check(value: str) -> str:
        # This runs for each of millions of cells; valid ones pass the first line.
        if 0 < len(value) <= limit and value.isprintable() and " " not in (value[0], value[-1]):
            return value
        if not value:
            raise BadValueError("must not be empty; fill it in")
        if len(value) > limit:
            raise BadValueError(f"has {len(value)} characters, at most {limit} are allowed; shorten it")
        if value[0].isspace() or value[-1].isspace():
            raise BadValueError("starts or ends with a blank; remove the blank")
        for character in value:
            if _is_barred(character, invisible=invisible):
                raise BadValueError(f"contains the invisible character U+{ord(character):04X}; remove it")
        return value

    return check


def _is_barred(character: str, *, invisible: bool) -> bool:
    if invisible:
        return unicodedata.category(character) in ("Cc", "Zl", "Zp")
    return not character.isprintable()


code = lru_cache(1024)(_text(64, invisible=False))
"""Codes and document numbers; cached, as a million rows repeat a few of them."""
serial_number = _text(128, invisible=False)
name = _text(500, invisible=True)
"""Text for people: names, descriptions, customers."""


def optional(check: Callable[[str], CellValue], empty: CellValue) -> Callable[[str], CellValue]:
    """Return a check for a cell that may be empty; an empty cell has the value `empty`."""
    return lambda value: check(value) if value else empty


def one_of(*words: str) -> Callable[[str], str]:
    """Return a check for one of a few words."""
    allowed = ", ".join(words[:-1]) + " or " + words[-1]

    def check(value: str) -> str:
        if value in words:
            return value
        raise BadValueError(f"is not allowed; write {allowed}")

    return check


def yes_no(value: str) -> bool:
    """Convert yes or no."""
    if value not in ("yes", "no"):
        raise BadValueError("is neither yes nor no; write yes or no")
    return value == "yes"


def quantity(value: str) -> int:
    """Convert a requested quantity."""
    if value.isascii() and value.isdigit() and len(value) <= len(str(MAX_REQUESTED)):
        number = int(value)
        if 1 <= number <= MAX_REQUESTED:
            return number
    raise BadValueError(f"is not a valid quantity; write a whole number from 1 to {MAX_REQUESTED}")


@lru_cache(1024)
def day(value: str) -> str:
    """Check a date, ``2026-11-23`` (ISO 8601); cached like `code`."""
    # The library reads `20261123` and `2026-W48-1` too, which would not sort or compare as text.
    if len(value) == _DATE_CHARACTERS and value.isascii() and "W" not in value:
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            pass
    raise BadValueError("is not a date; write year, month and day as 2026-11-23")


def gtin(value: str) -> str:
    """Convert a GTIN of any length to 14 digits (GS1 General Specifications 3.3.2, check digit 7.9.1)."""
    if not (value.isascii() and value.isdigit() and len(value) in _GTIN_LENGTHS):
        raise BadValueError("is not a GTIN; write its 8, 12, 13 or 14 digits")
    padded = value.zfill(14)
    weighted = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(padded[:13]))
    expected = -weighted % 10
    if int(padded[13]) != expected:
        raise BadValueError(f"has the check digit {padded[13]} instead of {expected}; correct the GTIN")
    return padded


@dataclass(frozen=True, slots=True)
class ColumnFormat:
    """One column of a file."""

    name: str
    check: Callable[[str], CellValue]
    required: bool = True
    """Whether the file must have the column."""
    left_out: CellValue = None
    """The value of a new row if the file doesn't have the column."""


@dataclass(frozen=True, slots=True)
class FileFormat:
    """One of the files."""

    name: str
    columns: tuple[ColumnFormat, ...]
    key: tuple[str, ...]
    """The columns that identify a row; without any, rows may be equal."""

    @property
    def table(self) -> str:
        """The file's name without its extension."""
        return self.name.removesuffix(".csv")

    @property
    def naming(self) -> tuple[str, ...]:
        """The columns that name a row to people."""
        return self.key or ("document", "item")

    def column(self, name: str) -> ColumnFormat | None:
        """Return the column of that name, or None."""
        return next((column for column in self.columns if column.name == name), None)


def _optional(name: str, check: Callable[[str], CellValue], empty: CellValue = "") -> ColumnFormat:
    return ColumnFormat(name, optional(check, empty), required=False, left_out=empty)


FORMATS = (
    FileFormat(
        "locations.csv",
        (
            ColumnFormat("code", code),
            ColumnFormat("name", name),
            _optional("default", yes_no, empty=False),
            _optional("returned_area", code),
            _optional("sold_area", code),
            _optional("credit_order_area", code),
        ),
        ("code",),
    ),
    FileFormat(
        "stock_areas.csv",
        (
            ColumnFormat("code", code),
            ColumnFormat("name", name),
            ColumnFormat("type", one_of("stock", "out")),
            ColumnFormat("location", code),
        ),
        ("code",),
    ),
    FileFormat("reasons.csv", (ColumnFormat("code", code), ColumnFormat("text", name)), ("code",)),
    FileFormat(
        "conditions.csv",
        (ColumnFormat("code", code), ColumnFormat("text", name), _optional("stock_area", code)),
        ("code",),
    ),
    FileFormat(
        "items.csv",
        (
            ColumnFormat("code", code),
            _optional("description", name),
            _optional("gtin", gtin, empty=None),
            ColumnFormat("tracking", one_of("serialized", "auto_serialized", "none")),
        ),
        ("code",),
    ),
    FileFormat(
        "serial_numbers.csv",
        (
            ColumnFormat("serial_number", serial_number),
            # Both may be left out for units that are known, which is looked up later.
            _optional("item", code),
            _optional("stock_area", code),
            _optional("mfr_serial_number", serial_number, empty=None),
            _optional("customer", name),
            _optional("returnable_until", day, empty=None),
            _optional("retired", yes_no, empty=False),
        ),
        ("serial_number", "item"),
    ),
    FileFormat(
        "documents.csv",
        (
            ColumnFormat("number", code),
            ColumnFormat("kind", one_of("credit_order", "credit_memo")),
            _optional("customer", name),
            ColumnFormat("location", code),
            # Empty means `open` only for a new document, so it stays empty until the document is looked up.
            _optional("status", one_of("open", "saved", "cancelled")),
            _optional("reference", name),
        ),
        ("number",),
    ),
    FileFormat(
        "lines.csv",
        (
            ColumnFormat("document", code),
            ColumnFormat("item", code),
            _optional("requested", quantity, empty=1),
            _optional("reference", name),
        ),
        (),
    ),
    FileFormat(
        "expected.csv",
        (
            ColumnFormat("document", code),
            ColumnFormat("item", code),
            ColumnFormat("serial_number", serial_number),
        ),
        ("document", "item", "serial_number"),
    ),
    FileFormat("operators.csv", (ColumnFormat("code", code), ColumnFormat("name", name)), ("code",)),
)
