"""Checks of the import against the documents, items and areas in the database.

Stations keep scanning until the import starts to write, so these checks run inside its transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, func, not_, null, or_, select, union

from station.office.csv_files import bad_value
from station.office.staging import TABLES, Staged
from station.repository.tables import documents, items, lines, locations, stock_areas
from station.rules.model import OPEN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Subquery


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
            line.c.number,
            line.c.requested.label("old_requested"),
            line.c.added.label("old_added"),
        )
        .select_from(row.outerjoin(line, same))
        .subquery()
    )


_AREA_TYPES = (("returned_area", "stock"), ("sold_area", "out"), ("credit_order_area", "out"))


def lock_documents(connection: Connection) -> None:
    """Keep stations from changing the imported documents (SQLite has a single lock anyway)."""
    imported = union(select(TABLES["documents"].c.number), select(TABLES["lines"].c.document))
    connection.execute(
        select(documents.c.number)
        .where(documents.c.number.in_(imported))
        .order_by(documents.c.number)
        .with_for_update(),
    ).fetchall()


def check_before(connection: Connection, staged: Mapping[str, Staged]) -> None:
    """Check what can be checked before writing.

    Raises:
        ImportFailedError: a GTIN belongs to another item, or a document that isn't open would change.
    """
    if "items" in staged:
        _refuse_gtin_of_another(connection, staged["items"])
    if "documents" in staged:
        _refuse_status(connection, staged["documents"])
    if "lines" in staged:
        _refuse_lines_of_closed(connection, staged["lines"])


def check_after(connection: Connection, staged: Mapping[str, Staged]) -> None:
    """Check what can be checked only after locations and areas are written.

    Raises:
        ImportFailedError: an area that a location books into has the wrong type.
    """
    for column, kind in _AREA_TYPES:
        _refuse_area_type(connection, staged, column, kind)


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


def _refuse_lines_of_closed(connection: Connection, file: Staged) -> None:
    line = matched_lines()
    row = connection.execute(
        select(line.c.line, line.c.document, documents.c.status)
        .join(documents, documents.c.number == line.c.document)
        .where(
            documents.c.status.not_in(OPEN),
            or_(line.c.number.is_(None), line.c.requested != line.c.old_requested, line.c.old_added),
        )
        .order_by(line.c.line)
        .limit(1),
    ).first()
    if row is not None:
        reason = f"the document is {row.status}, so its lines can't change; remove the row"
        raise bad_value(file.path, row.line, "document", row.document, reason)


def _refuse_area_type(
    connection: Connection,
    staged: Mapping[str, Staged],
    column: str,
    kind: str,
) -> None:
    """Report the row in the file of the locations if the location is in it, else the one of the areas."""
    location, area = TABLES["locations"], TABLES["stock_areas"]
    is_given = "locations" in staged and column in staged["locations"].columns
    location_line = (location.c.line if is_given else null()).label("location_line")
    row = connection.execute(
        select(
            locations.c.code.label("location"),
            stock_areas.c.code.label("area"),
            stock_areas.c.type,
            location_line,
            area.c.line.label("area_line"),
        )
        .select_from(
            locations.join(stock_areas, stock_areas.c.code == locations.c[column])
            .outerjoin(location, location.c.code == locations.c.code)
            .outerjoin(area, area.c.code == stock_areas.c.code),
        )
        .where(stock_areas.c.type != kind, func.coalesce(location_line, area.c.line).is_not(None))
        .order_by("location_line", "area_line")
        .limit(1),
    ).first()
    if row is None:
        return
    if row.location_line is not None:
        reason = f"the stock area is of type {row.type}, but a {column} must be of type {kind}; name another"
        raise bad_value(staged["locations"].path, row.location_line, column, row.area, reason)
    reason = (
        f"the stock area is the {column} of location {row.location}, so it must be of type {kind}; "
        "name another area there first"
    )
    raise bad_value(staged["stock_areas"].path, row.area_line, "type", row.type, reason)
