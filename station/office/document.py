"""A credit document as the office sends and fetches it."""

from __future__ import annotations

import csv
import io
from typing import Annotated, Literal

import msgspec

from station.office.columns import MAX_REQUESTED

_CSV_COLUMNS = (
    *("document", "kind", "customer", "location", "status"),
    *("line", "item", "requested", "credited", "negative"),
    *("serial_number", "mfr_serial_number", "stock_area"),
)

Kind = Literal["credit_order", "credit_memo"]
Status = Literal["open", "backorder", "saved", "cancelled"]


class SentLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line item that the office sends. Several lines may have the same item."""

    item: str
    """Its code; the item must be known."""
    requested: Annotated[int, msgspec.Meta(ge=1, le=MAX_REQUESTED)] = 1


class SentDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A complete credit document: lines that are left out are removed, except those added at the dock."""

    kind: Kind
    customer: str = ""
    location: str
    """Its code; the location must be known."""
    status: Status | None = None
    """Left out: unchanged; a new document is open. `saved`: it was booked elsewhere, no unit moves."""
    lines: tuple[SentLine, ...] = ()


class ExportedUnit(msgspec.Struct, frozen=True):
    """A serial number on a line."""

    serial_number: str
    mfr_serial_number: str | None
    stock_area: str
    """Where the unit is now."""
    history_id: str
    """The history row of the scan that attached it."""


class ExportedLine(msgspec.Struct, frozen=True):
    """A line item."""

    number: int
    item: str
    description: str
    requested: int
    credited: int
    """Attached units; those of a negative line count -1 each."""
    negative: bool
    added: bool
    """Retrieval added it."""
    serial_numbers: tuple[ExportedUnit, ...]


class ExportedDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """A credit document with the serial numbers on it."""

    number: str
    kind: str
    customer: str
    location: str
    status: str
    lines: tuple[ExportedLine, ...]
    archived: str = ""
    """The month (``2024-11``) of the archive file with the serial numbers; left out: they are here."""

    def to_json(self) -> str:
        """Return one line of JSON; the keys are the field names."""
        return msgspec.json.encode(self).decode()

    def to_csv(self) -> str:
        """Return a header and a row for each serial number; a line without any has one row."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(_CSV_COLUMNS)
        head = (self.number, self.kind, self.customer, self.location, self.status)
        for line in self.lines:
            negative = "yes" if line.negative else "no"
            line_cells = (line.number, line.item, line.requested, line.credited, negative)
            for unit in line.serial_numbers:
                unit_cells = (unit.serial_number, unit.mfr_serial_number or "", unit.stock_area)
                writer.writerow((*head, *line_cells, *unit_cells))
            if not line.serial_numbers:
                writer.writerow((*head, *line_cells, "", "", ""))
        return text.getvalue()
