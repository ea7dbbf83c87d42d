"""``export DOCUMENT``: a credit document with its serial numbers, as JSON or CSV."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec.structs import replace
from sqlalchemy import and_, func, select

from station.errors import StationError
from station.office.document import (
    CountedItem,
    ExportedCount,
    ExportedDocument,
    ExportedLine,
    ExportedReceipt,
    ExportedUnit,
)
from station.repository.database import reading
from station.repository.tables import (
    archived_documents,
    archived_lines,
    attachments,
    counts,
    documents,
    expected_units,
    items,
    lines,
    moves,
    receipts,
    serial_numbers,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection, Engine


_UNIT_NOW = (
    serial_numbers.c.mfr_serial_number,
    func.coalesce(serial_numbers.c.stock_area, "").label("stock_area"),
)


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
    of_document = archived_documents.c.document == number
    month = connection.execute(select(archived_documents.c.month).where(of_document)).scalar()
    # While a document goes into the archive, a part of its rows may still be here.
    units = _units(connection, number) if month is None else {}
    counted = _counts(connection, number) if month is None else {}
    found = tuple(_lines(connection, number, units, counted, _expected(connection, number)))
    return ExportedDocument(
        number=row.number,
        kind=row.kind,
        customer=row.customer,
        location=row.location,
        status=row.status,
        lines=found,
        reference=row.reference,
        unannounced=row.unannounced,
        receipts=tuple(_receipts(connection, number, found)),
        archived=month or "",
    )


def _lines(
    connection: Connection,
    document: str,
    units: Mapping[int, list[ExportedUnit]],
    counted: Mapping[int, list[ExportedCount]],
    expected: Mapping[str, list[str]],
) -> Iterable[ExportedLine]:
    """Yield the lines, each with what is on it, or with the quantity that is in the archive."""
    on_line = and_(archived_lines.c.document == lines.c.document, archived_lines.c.line == lines.c.number)
    statement = (
        select(lines, items.c.description, func.coalesce(archived_lines.c.units, 0).label("archived"))
        .join(items, items.c.code == lines.c.item)
        .outerjoin(archived_lines, on_line)
        .where(lines.c.document == document)
        .order_by(lines.c.number)
    )
    for row in connection.execute(statement):
        own, its_counts = tuple(units.get(row.number, ())), tuple(counted.get(row.number, ()))
        quantity = sum(each.quantity for each in its_counts)
        attached = len(own) + row.archived
        yield ExportedLine(
            number=row.number,
            item=row.item,
            description=row.description,
            requested=row.requested,
            credited=(-attached if row.negative else attached) + quantity,
            negative=row.negative,
            added=row.added,
            serial_numbers=own,
            counted=quantity,
            counts=its_counts,
            reference=row.reference,
            expected=() if row.negative else tuple(expected.get(row.item, ())),
        )


def _expected(connection: Connection, document: str) -> dict[str, list[str]]:
    """Return the serial numbers that the document expects, by item."""
    rows = connection.execute(
        select(expected_units.c.item, expected_units.c.serial_number)
        .where(expected_units.c.document == document)
        .order_by(expected_units.c.serial_number)
    )
    found: dict[str, list[str]] = {}
    for item, serial_number in rows:
        found.setdefault(item, []).append(serial_number)
    return found


def _units(connection: Connection, document: str) -> dict[int, list[ExportedUnit]]:
    """Return the units on each line, by the line's number."""
    unit = and_(
        serial_numbers.c.serial_number == attachments.c.serial_number,
        serial_numbers.c.item == attachments.c.item,
    )
    rows = connection.execute(
        select(
            attachments.c.line,
            attachments.c.item,
            attachments.c.serial_number,
            *_UNIT_NOW,
            attachments.c.history_id,
            attachments.c.receipt,
            attachments.c.reason_code,
            attachments.c.condition,
        )
        # An attachment whose unit is missing is damage, found by `db check`; it must not vanish here.
        .outerjoin(serial_numbers, unit)
        .where(attachments.c.document == document)
        .order_by(attachments.c.line, attachments.c.serial_number),
    )
    found: dict[int, list[ExportedUnit]] = {}
    for line, item, *values in rows:
        exported = ExportedUnit(*values)
        found.setdefault(line, []).append(
            exported if exported.stock_area else _corrected(connection, exported, item)
        )
    return found


def _corrected(connection: Connection, unit: ExportedUnit, item: str) -> ExportedUnit:
    """Find a unit whose item the office has corrected since, perhaps more than once (D10)."""
    seen = {item}
    while True:
        next_item = connection.execute(
            select(moves.c.item)
            .where(moves.c.serial_number == unit.serial_number, moves.c.from_item == item)
            .where(moves.c.item.not_in(seen))
            .order_by(moves.c.at.desc())
        ).scalar()
        if next_item is None:
            return unit
        seen.add(item := next_item)
        now = connection.execute(
            select(*_UNIT_NOW).where(
                serial_numbers.c.serial_number == unit.serial_number, serial_numbers.c.item == item
            )
        ).first()
        if now is not None:
            return replace(unit, mfr_serial_number=now.mfr_serial_number, stock_area=now.stock_area)


def _counts(connection: Connection, document: str) -> dict[int, list[ExportedCount]]:
    """Return what was counted onto each line, by the line's number."""
    rows = connection.execute(
        select(
            counts.c.line,
            counts.c.quantity,
            counts.c.history_id,
            counts.c.receipt,
            counts.c.reason_code,
            counts.c.condition,
        )
        .where(counts.c.document == document)
        .order_by(counts.c.line, counts.c.history_id)
    )
    found: dict[int, list[ExportedCount]] = {}
    for line, *values in rows:
        found.setdefault(line, []).append(ExportedCount(*values))
    return found


def _receipts(
    connection: Connection, document: str, on_lines: Iterable[ExportedLine]
) -> Iterable[ExportedReceipt]:
    """Yield the receipts, each with what it booked."""
    serials: dict[int | None, list[str]] = {}
    quantities: dict[int | None, Counter[str]] = {}
    for line in on_lines:
        for unit in line.serial_numbers:
            serials.setdefault(unit.receipt, []).append(unit.serial_number)
        for count in line.counts:
            quantities.setdefault(count.receipt, Counter())[line.item] += count.quantity
    statement = select(receipts).where(receipts.c.document == document).order_by(receipts.c.number)
    for row in connection.execute(statement):
        counted = quantities.get(row.number, Counter())
        yield ExportedReceipt(
            number=row.number,
            at=row.at,
            station=row.station,
            operator=row.operator,
            final=row.final,
            reopened_at=row.reopened_at,
            serial_numbers=tuple(serials.get(row.number, ())),
            counted=tuple(CountedItem(item, quantity) for item, quantity in counted.items()),
        )
