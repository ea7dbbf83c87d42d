"""The seven files of `import DIR`: their columns, what may stand in them, and what identifies a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.exchange.values import Value, code, gtin, name, one_of, optional, quantity, serial_number, yes_no

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class ColumnFormat:
    """One column of a file."""

    name: str
    check: Callable[[str], Value]
    required: bool = True
    """Whether the file must have it."""
    left_out: Value = None
    """What a row new to the database gets when the file doesn't have it."""


@dataclass(frozen=True, slots=True)
class FileFormat:
    """One of the files."""

    name: str
    columns: tuple[ColumnFormat, ...]
    key: tuple[str, ...]
    """The columns that identify a row; with none, rows may be alike."""

    @property
    def table(self) -> str:
        """The file's name without its ending."""
        return self.name.removesuffix(".csv")

    def column(self, name: str) -> ColumnFormat | None:
        """The column of that name."""
        return next((column for column in self.columns if column.name == name), None)


def _optional(name: str, check: Callable[[str], Value], empty: Value = "") -> ColumnFormat:
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
            ColumnFormat("item", code),
            ColumnFormat("stock_area", code),
            _optional("mfr_serial_number", serial_number, empty=None),
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
            # Empty means `open` for a new document only, so it stays empty until the document is looked up.
            _optional("status", one_of("open", "saved", "cancelled")),
        ),
        ("number",),
    ),
    FileFormat(
        "lines.csv",
        (
            ColumnFormat("document", code),
            ColumnFormat("item", code),
            _optional("requested", quantity, empty=1),
        ),
        (),
    ),
    FileFormat("operators.csv", (ColumnFormat("code", code), ColumnFormat("name", name)), ("code",)),
)
