"""A credit document, and a single unit, as the office sends and fetches them."""

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
    *("reference", "unannounced", "line_reference", "quantity", "receipt", "reason_code", "condition"),
)

Kind = Literal["credit_order", "credit_memo"]
Status = Literal["open", "backorder", "saved", "cancelled"]


class SentLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line item that the office sends. Several lines may have the same item."""

    item: str
    """Its code; the item must be known."""
    requested: Annotated[int, msgspec.Meta(ge=1, le=MAX_REQUESTED)] = 1
    reference: str | None = None
    """Your own name of the line. Left out: unchanged."""
    expected: tuple[str, ...] | None = None
    """The serial numbers that should come back (R14); they need not be known. Lines of the same item share
    them. Left out: unchanged."""


class SentDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A complete credit document: lines that are left out are removed, except those added at the dock."""

    kind: Kind
    customer: str = ""
    location: str
    """Its code; the location must be known."""
    status: Status | None = None
    """Left out: unchanged; a new document is open. `saved`: it was booked elsewhere, no unit moves. A
    `backorder` is made by a Save at the dock; sending `open` leaves it one."""
    reference: str | None = None
    """Number of an invoice, return or shipment. Left out: unchanged."""
    lines: tuple[SentLine, ...] = ()


class ExportedUnit(msgspec.Struct, frozen=True):
    """A serial number on a line."""

    serial_number: str
    mfr_serial_number: str | None
    stock_area: str
    """Where the unit is now."""
    history_id: str
    """The history row of the scan that attached it."""
    receipt: int | None
    """The receipt that booked it; null: it is not booked yet."""
    reason_code: str | None
    condition: str | None


class ExportedCount(msgspec.Struct, frozen=True):
    """Units without serial numbers that were counted onto a line."""

    quantity: int
    history_id: str
    """The history row of the scan that counted them."""
    receipt: int | None
    """The receipt that booked them; null: they are not booked yet."""
    reason_code: str | None
    condition: str | None


class ExportedLine(msgspec.Struct, frozen=True):
    """A line item."""

    number: int
    item: str
    description: str
    requested: int
    credited: int
    """Attached units, those of a negative line as -1 each, and what was counted."""
    negative: bool
    added: bool
    """Retrieval added it."""
    serial_numbers: tuple[ExportedUnit, ...]
    counted: int
    """Units without serial numbers."""
    counts: tuple[ExportedCount, ...]
    reference: str
    """The office's own name of the line."""
    expected: tuple[str, ...]
    """The serial numbers that should come back (R14); lines of the same item share them."""


class CountedItem(msgspec.Struct, frozen=True):
    """A quantity of an item without serial numbers."""

    item: str
    quantity: int


class ExportedReceipt(msgspec.Struct, frozen=True):
    """What one Save booked."""

    number: int
    at: str
    """UTC with milliseconds."""
    station: str
    operator: str | None
    final: bool
    """It ended the document; otherwise the rest comes later."""
    reopened_at: str | None
    """When the office undid it; then it has nothing any more."""
    serial_numbers: tuple[str, ...]
    counted: tuple[CountedItem, ...]


class ExportedDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """A credit document with the serial numbers on it."""

    number: str
    kind: str
    customer: str
    location: str
    status: str
    lines: tuple[ExportedLine, ...]
    reference: str
    """Number of an invoice, return or shipment."""
    unannounced: bool
    """It was made at the dock, for a return that nobody announced."""
    receipts: tuple[ExportedReceipt, ...]
    archived: str = ""
    """The month (``2024-11``) of the archive file with the serial numbers; left out: they are here."""

    def to_json(self) -> str:
        """Return one line of JSON; the keys are the field names."""
        return msgspec.json.encode(self).decode()

    def to_csv(self) -> str:
        """Return a header and a row for each serial number and each count; an empty line has one row."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(_CSV_COLUMNS)
        head = (self.number, self.kind, self.customer, self.location, self.status)
        unannounced = "yes" if self.unannounced else "no"
        for line in self.lines:
            negative = "yes" if line.negative else "no"
            cells = (*head, line.number, line.item, line.requested, line.credited, negative)
            more = (self.reference, unannounced, line.reference)
            for unit in line.serial_numbers:
                unit_cells = (unit.serial_number, unit.mfr_serial_number, unit.stock_area)
                writer.writerow((*cells, *unit_cells, *more, 1, *_details(unit)))
            for count in line.counts:
                writer.writerow((*cells, "", "", "", *more, count.quantity, *_details(count)))
            if not (line.serial_numbers or line.counts):
                writer.writerow((*cells, "", "", "", *more, 0, "", "", ""))
        return text.getvalue()


def _details(each: ExportedUnit | ExportedCount) -> tuple[int | str | None, ...]:
    return (each.receipt, each.reason_code, each.condition)


class ShownUnit(msgspec.Struct, frozen=True):
    """A unit as it is now."""

    serial_number: str
    item: str
    description: str
    mfr_serial_number: str | None
    stock_area: str
    customer: str
    """Whom it was sold to; empty: not known."""
    returnable_until: str | None
    """The last day on which it may come back."""
    retired: bool
    """Out of use: scans don't find it."""
    document: str | None
    """The open document it is on, unless it is booked there already."""


class ChangedUnit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What should be changed about a unit."""

    item: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    """Its item, if several units have the serial number."""
    stock_area: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    """Where it is now. Left out: unchanged."""
    retired: bool | None = None
    """Whether it is out of use. Left out: unchanged."""
