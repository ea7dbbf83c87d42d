"""``export DOCUMENT``: a credit document with its serial numbers, as JSON or CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import and_, func, select

from station.errors import StationError
from station.store.database import reading
from station.store.tables import attachments, documents, items, lines, serial_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Engine

_CSV_COLUMNS = (
    *("document", "kind", "customer", "location", "status"),
    *("line", "item", "requested", "credited", "negative"),
    *("serial_number", "mfr_serial_number", "stock_area"),
)


class ExportedUnit(msgspec.Struct, frozen=True):
    """A serial number on a line."""

    serial_number: str
    mfr_serial_number: str | None
    stock_area: str
    """Where the unit is booked now."""
    history_id: str
    """The history row of the scan that attached it."""


class ExportedLine(msgspec.Struct, frozen=True):
    """A line item."""

    number: int
    item: str
    description: str
    requested: int
    credited: int
    """Units attached, negative ones counted minus one."""
    negative: bool
    added: bool
    """Retrieval added it."""
    serial_numbers: tuple[ExportedUnit, ...]


class ExportedDocument(msgspec.Struct, frozen=True):
    """A credit document."""

    number: str
    kind: str
    customer: str
    location: str
    status: str
    lines: tuple[ExportedLine, ...]

    def to_json(self) -> str:
        """One line of JSON, keys as the fields are named."""
        return msgspec.json.encode(self).decode()

    def to_csv(self) -> str:
        """A header and a row for each serial number; a line without any has one row where it is empty."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(_CSV_COLUMNS)
        head = (self.number, self.kind, self.customer, self.location, self.status)
        for line in self.lines:
            negative = "yes" if line.negative else "no"
            about = (line.number, line.item, line.requested, line.credited, negative)
            for unit in line.serial_numbers:
                own = (unit.serial_number, unit.mfr_serial_number or "", unit.stock_area)
                writer.writerow((*head, *about, *own))
            if not line.serial_numbers:
                writer.writerow((*head, *about, "", "", ""))
        return text.getvalue()


def export_document(engine: Engine, number: str) -> ExportedDocument:
    """Read a document with its lines and serial numbers, as they are now.

    Raises:
        StationError: there is no such document.
        DatabaseError: in plain words.
    """
    with reading(engine) as connection:
        row = connection.execute(select(documents).where(documents.c.number == number)).first()
        if row is None:
            raise StationError(f'document "{number}" is unknown; scanstation memo list shows those there are')
        return ExportedDocument(
            row.number,
            row.kind,
            row.customer,
            row.location,
            row.status,
            tuple(_lines(connection, number)),
        )


def _lines(connection: Connection, document: str) -> Iterable[ExportedLine]:
    units = _units(connection, document)
    statement = (
        select(lines, items.c.description)
        .join(items, items.c.code == lines.c.item)
        .where(lines.c.document == document)
        .order_by(lines.c.number)
    )
    for row in connection.execute(statement):
        own = tuple(units.get(row.number, ()))
        credited = -len(own) if row.negative else len(own)
        yield ExportedLine(
            row.number,
            row.item,
            row.description,
            row.requested,
            credited,
            row.negative,
            row.added,
            own,
        )


def _units(connection: Connection, document: str) -> dict[int, list[ExportedUnit]]:
    """The units on each line, by the line's number."""
    unit = and_(
        serial_numbers.c.serial_number == attachments.c.serial_number,
        serial_numbers.c.item == attachments.c.item,
    )
    rows = connection.execute(
        select(
            attachments.c.line,
            attachments.c.serial_number,
            serial_numbers.c.mfr_serial_number,
            func.coalesce(serial_numbers.c.stock_area, "").label("stock_area"),
            attachments.c.history_id,
        )
        # An attachment whose unit is missing is damage that `db check` finds; it must not vanish here.
        .outerjoin(serial_numbers, unit)
        .where(attachments.c.document == document)
        .order_by(attachments.c.line, attachments.c.serial_number),
    )
    found: dict[int, list[ExportedUnit]] = {}
    for line, *values in rows:
        found.setdefault(line, []).append(ExportedUnit(*values))
    return found
