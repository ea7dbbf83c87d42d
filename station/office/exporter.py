"""``export DOCUMENT``: a credit document with its serial numbers, as JSON or CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, func, select

from station.errors import StationError
from station.office.document import ExportedDocument, ExportedLine, ExportedUnit
from station.repository.database import reading
from station.repository.tables import (
    archived_documents,
    archived_lines,
    attachments,
    documents,
    items,
    lines,
    serial_numbers,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection, Engine


def export_document(engine: Engine, number: str) -> ExportedDocument:
    """Read a document with its lines and serial numbers, as they are now.

    Raises:
        StationError: there is no such document.
        DatabaseError: the database can't be read.
    """
    with reading(engine) as connection:
        found = read_document(connection, number)
    if found is None:
        raise StationError(f'document "{number}" is unknown; scanstation memo list shows all documents')
    return found


def read_document(connection: Connection, number: str) -> ExportedDocument | None:
    """The same inside a transaction; None: there is no such document."""
    row = connection.execute(select(documents).where(documents.c.number == number)).first()
    if row is None:
        return None
    head = (row.number, row.kind, row.customer, row.location, row.status)
    of_document = archived_documents.c.document == number
    month = connection.execute(select(archived_documents.c.month).where(of_document)).scalar()
    if month is not None:
        return ExportedDocument(*head, tuple(_lines(connection, number, {})), month)
    return ExportedDocument(*head, tuple(_lines(connection, number, _units(connection, number))))


def _lines(
    connection: Connection, document: str, units: Mapping[int, list[ExportedUnit]]
) -> Iterable[ExportedLine]:
    """Yield the lines, each with its units, or with the count of its archived units."""
    on_line = and_(archived_lines.c.document == lines.c.document, archived_lines.c.line == lines.c.number)
    statement = (
        select(lines, items.c.description, func.coalesce(archived_lines.c.units, 0).label("archived"))
        .join(items, items.c.code == lines.c.item)
        .outerjoin(archived_lines, on_line)
        .where(lines.c.document == document)
        .order_by(lines.c.number)
    )
    for row in connection.execute(statement):
        own = tuple(units.get(row.number, ()))
        count = len(own) + row.archived
        credited = -count if row.negative else count
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
    """Return the units on each line, by the line's number."""
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
        # An attachment whose unit is missing is damage, found by `db check`; it must not vanish here.
        .outerjoin(serial_numbers, unit)
        .where(attachments.c.document == document)
        .order_by(attachments.c.line, attachments.c.serial_number),
    )
    found: dict[int, list[ExportedUnit]] = {}
    for line, *values in rows:
        found.setdefault(line, []).append(ExportedUnit(*values))
    return found
