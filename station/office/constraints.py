"""Checks of the import against the documents, items and areas in the database.

Stations keep scanning until the import starts to write, so these checks run inside its transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, case, exists, false, func, not_, or_, select, union

from station.office.area_types import check_area_types
from station.office.csv_files import bad_value
from station.office.staging import TABLES, Staged
from station.repository.tables import (
    attachments,
    counts,
    documents,
    expected_units,
    items,
    lines,
)
from station.rules.model import OPEN, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement, Connection, FromClause, Subquery


def matched_lines() -> Subquery:
    """Select the staged rows, each with its line of the document; `number` is null if there is none yet.

    The n-th row of a document and an item matches the document's n-th line of that item. Negative lines are
    never in the file: they are units that the customer took away at the dock.
    """
    source = TABLES["lines"]
    row = select(
        source,
        func.row_number()
        .over(partition_by=[source.c.document, source.c.item], order_by=source.c.line)
        .label("place"),
    ).subquery()
    line = (
        select(
            lines,
            func.row_number()
            .over(partition_by=[lines.c.document, lines.c.item], order_by=lines.c.number)
            .label("place"),
        )
        .where(not_(lines.c.negative), lines.c.document.in_(select(source.c.document)))
        .subquery()
    )
    same = and_(row.c.document == line.c.document, row.c.item == line.c.item, row.c.place == line.c.place)
    return (
        select(
            row.c.line,
            row.c.document,
            row.c.item,
            row.c.requested,
            row.c.reference,
            line.c.number,
            followed_quantity(row.c.requested, line).label("followed"),
            line.c.requested.label("old_requested"),
            line.c.added.label("old_added"),
            line.c.reference.label("old_reference"),
        )
        .select_from(row.outerjoin(line, same))
        .subquery()
    )


def followed_quantity(requested: ColumnElement[int], line: FromClause) -> ColumnElement[int]:
    """Return the quantity of a line for which the office requests this one (R9).

    If retrieval raised it to what came back, it stays that high.
    """
    is_higher = and_(line.c.raised > 0, line.c.requested > requested)
    return case((is_higher, line.c.requested), else_=requested)


def lock_documents(connection: Connection) -> None:
    """Keep stations from changing the imported documents (SQLite has a single lock anyway)."""
    imported = union(
        select(TABLES["documents"].c.number),
        select(TABLES["lines"].c.document),
        select(TABLES["expected"].c.document),
    )
    connection.execute(
        select(documents.c.number)
        .where(documents.c.number.in_(imported))
        .order_by(documents.c.number)
        .with_for_update(),
    ).fetchall()


def check_before(connection: Connection, staged: Mapping[str, Staged]) -> None:
    """Check what can be checked before writing.

    Raises:
        ImportFailedError: a GTIN belongs to another item, a document that isn't open would change, or one
            with units would get another customer, kind or location.
    """
    if "items" in staged:
        _refuse_gtin_of_another(connection, staged["items"])
    if "documents" in staged:
        _refuse_status(connection, staged["documents"])
        _refuse_cancelling_booked(connection, staged["documents"])
        for column in HEAD:
            _refuse_change_with_units(connection, staged["documents"], column)
    if "lines" in staged:
        _refuse_lines_of_closed(connection, staged["lines"])
    if "expected" in staged:
        _refuse_expected_of_closed(connection, staged["expected"])


def check_after(connection: Connection, staged: Mapping[str, Staged]) -> None:
    """Check what can be checked only after locations and areas are written.

    Raises:
        ImportFailedError: an area that a location or a condition books into has the wrong type, or a unit is
            expected on a document without its item.
    """
    check_area_types(connection, staged)
    if "expected" in staged:
        _refuse_expected_without_line(connection, staged["expected"])


def _refuse_gtin_of_another(connection: Connection, file: Staged) -> None:
    table = TABLES["items"]
    row = connection.execute(
        select(table.c.line, table.c.gtin, items.c.code)
        .join(items, and_(items.c.gtin == table.c.gtin, items.c.code != table.c.code))
        .where(items.c.code.not_in(select(table.c.code)))
        .order_by(table.c.line)
        .limit(1),
    ).first()
    if row is not None:
        reason = f"is already the GTIN of item {row.code}; correct it, or change that item in the same file"
        raise bad_value(file.path, row.line, "gtin", row.gtin, reason)


def _refuse_status(connection: Connection, file: Staged) -> None:
    table = TABLES["documents"]
    row = connection.execute(
        select(table.c.line, table.c.number, table.c.status, documents.c.status.label("current"))
        .join(documents, documents.c.number == table.c.number)
        .where(table.c.status != "", table.c.status != documents.c.status, documents.c.status.not_in(OPEN))
        .order_by(table.c.line)
        .limit(1),
    ).first()
    if row is not None:
        reason = f"{row.number} is {row.current}, which is final; write {row.current} or leave the cell empty"
        raise bad_value(file.path, row.line, "status", row.status, reason)


HEAD = ("customer", "kind", "location")
"""What can't change while units are on a document (D9)."""


def has_units(document: ColumnElement[str] | str) -> ColumnElement[bool]:
    """Whether anything is on a document."""
    return or_(
        exists().where(attachments.c.document == document), exists().where(counts.c.document == document)
    )


def _refuse_change_with_units(connection: Connection, file: Staged, column: str) -> None:
    """D9."""
    table = TABLES["documents"]
    if column not in file.columns:
        return
    row = connection.execute(
        select(table.c.line, table.c.number, table.c[column].label("value"))
        .join(documents, documents.c.number == table.c.number)
        .where(
            documents.c.status.in_(OPEN),
            table.c.status != Status.CANCELLED,
            table.c[column] != documents.c[column],
            # The dock didn't know whose the units are (M8).
            not_(and_(documents.c.unannounced, documents.c[column] == "")),
            has_units(table.c.number),
        )
        .order_by(table.c.line)
        .limit(1),
    ).first()
    if row is not None:
        reason = (
            f"{row.number} has units, so its {column} can't change; let the dock detach them, cancel it "
            "(scanstation memo cancel), or send it over HTTP with release=true"
        )
        raise bad_value(file.path, row.line, column, row.value, reason)


def _refuse_cancelling_booked(connection: Connection, file: Staged) -> None:
    """D7: what is booked can't be released."""
    table = TABLES["documents"]
    row = connection.execute(
        select(table.c.line, table.c.number, table.c.status)
        .join(documents, documents.c.number == table.c.number)
        .where(table.c.status == Status.CANCELLED, documents.c.status == Status.BACKORDER)
        .order_by(table.c.line)
        .limit(1),
    ).first()
    if row is not None:
        reason = (
            f"a part of {row.number} is booked; write saved, or reopen it first (scanstation memo reopen)"
        )
        raise bad_value(file.path, row.line, "status", row.status, reason)


def _refuse_expected_of_closed(connection: Connection, file: Staged) -> None:
    table = TABLES["expected"]
    is_known = exists().where(*[expected_units.c[name] == table.c[name] for name in file.format.key])
    row = connection.execute(
        select(table.c.line, table.c.document, documents.c.status)
        .join(documents, documents.c.number == table.c.document)
        .where(documents.c.status.not_in(OPEN), not_(is_known))
        .order_by(table.c.line)
        .limit(1),
    ).first()
    if row is not None:
        reason = f"the document is {row.status}, so its expected units can't change; remove the row"
        raise bad_value(file.path, row.line, "document", row.document, reason)


def _refuse_expected_without_line(connection: Connection, file: Staged) -> None:
    """A mistyped item would let any unit of the right one pass (R14)."""
    table = TABLES["expected"]
    its_line = exists().where(
        lines.c.document == table.c.document, lines.c.item == table.c.item, not_(lines.c.negative)
    )
    row = connection.execute(
        select(table.c.line, table.c.document, table.c.item)
        .where(not_(its_line))
        .order_by(table.c.line)
        .limit(1),
    ).first()
    if row is not None:
        reason = f"{row.document} has no line of this item; correct it, or add it to lines.csv"
        raise bad_value(file.path, row.line, "item", row.item, reason)


def _refuse_lines_of_closed(connection: Connection, file: Staged) -> None:
    line = matched_lines()
    renamed = line.c.reference != line.c.old_reference if "reference" in file.columns else false()
    row = connection.execute(
        select(line.c.line, line.c.document, documents.c.status)
        .join(documents, documents.c.number == line.c.document)
        .where(
            documents.c.status.not_in(OPEN),
            or_(line.c.number.is_(None), line.c.followed != line.c.old_requested, line.c.old_added, renamed),
        )
        .order_by(line.c.line)
        .limit(1),
    ).first()
    if row is not None:
        reason = f"the document is {row.status}, so its lines can't change; remove the row"
        raise bad_value(file.path, row.line, "document", row.document, reason)
