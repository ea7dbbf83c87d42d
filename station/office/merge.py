"""Merges the staged rows into the database: existing rows are updated by key, others are inserted.

A column that a file leaves out stays unchanged on existing rows. An unchanged row isn't written at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, exists, false, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from station.office.constraints import matched_lines
from station.office.merge_units import merge_units
from station.office.result import compared
from station.office.staging import TABLES
from station.repository.database import is_sqlite
from station.repository.tables import documents, items, lines, locations, metadata
from station.rules.model import Status

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import ColumnElement, Connection, FromClause, Table

    from station.office.result import FileResult
    from station.office.staging import Staged
    from station.office.unit_changes import ListTime

# A location's areas need not exist yet, but an area's location must. A document that ends frees its units.
_ORDER = (
    *("locations", "stock_areas", "reasons", "conditions", "items", "operators"),
    *("documents", "lines", "expected", "serial_numbers"),
)
_RENAMED = {"default": "is_default"}
_TABLES = {"expected": "expected_units"}
"""Tables that are not named like their file."""


def merge(
    connection: Connection, staged: Mapping[str, Staged], at: str, made: ListTime
) -> tuple[dict[str, FileResult], tuple[str, ...]]:
    """Write the staged rows; return what became of each file's, and remarks about units.

    Args:
        connection: Inside the transaction that writes.
        staged: The files.
        at: The time for the history of units.
        made: When the list of serial numbers was made.

    Raises:
        ImportFailedError: a new unit has no item or no stock area.
    """
    results: dict[str, FileResult] = {}
    remarks: tuple[str, ...] = ()
    for name in _ORDER:
        if name not in staged:
            continue
        file = staged[name]
        if name == "serial_numbers":
            results[name], remarks = merge_units(connection, file, at, made)
        elif name == "documents":
            results[name] = _merge_documents(connection, file)
        elif name == "lines":
            results[name] = _merge_lines(connection, file)
        else:
            results[name] = _merge_rows(connection, file)
    return {file.path.name: results[name] for name, file in staged.items()}, remarks


def _merge_rows(connection: Connection, file: Staged) -> FileResult:
    source = TABLES[file.format.table]
    columns = {column.name: source.c[column.name] for column in file.format.columns}
    return _upsert(
        connection,
        file,
        metadata.tables[_TABLES.get(file.format.table, file.format.table)],
        {_RENAMED.get(name, name): column for name, column in columns.items()},
        key=file.format.key,
        update={_RENAMED.get(name, name) for name in file.columns},
        line=source.c.line,
    )


def _make_room(connection: Connection, file: Staged) -> None:
    """Clear unique values from the rows that lose them first, since rows are written one by one."""
    source = TABLES[file.format.table]
    if file.format.table == "locations":
        other = exists().where(source.c.default, source.c.code != locations.c.code)
        connection.execute(update(locations).where(locations.c.is_default, other).values(is_default=False))
    if file.format.table == "items" and "gtin" in file.columns:
        other = exists().where(
            source.c.code == items.c.code,
            source.c.gtin.is_distinct_from(items.c.gtin),
        )
        connection.execute(update(items).where(items.c.gtin.is_not(None), other).values(gtin=None))


def _merge_documents(connection: Connection, file: Staged) -> FileResult:
    """Merge documents; an empty status leaves a document's status unchanged, and means open for a new one.

    So does `open` for a backorder: the office doesn't know which of its open documents are booked in part.
    """
    source = TABLES["documents"]
    columns: dict[str, ColumnElement[Any]] = {
        column.name: source.c[column.name] for column in file.format.columns
    }
    is_backorder = and_(source.c.status == "open", documents.c.status == Status.BACKORDER)
    columns["status"] = case(
        (is_backorder, documents.c.status),
        else_=func.coalesce(func.nullif(source.c.status, ""), documents.c.status, "open"),
    )
    return _upsert(
        connection,
        file,
        documents,
        columns,
        key=("number",),
        update=file.columns,
        line=source.c.line,
        joined=source.outerjoin(documents, documents.c.number == source.c.number),
    )


def _merge_lines(connection: Connection, file: Staged) -> FileResult:
    """Merge the rows of an item into the document's lines of that item in order; append the rest."""
    row = matched_lines()
    last = (
        select(func.coalesce(func.max(lines.c.number), 0))
        .where(lines.c.document == row.c.document)
        .scalar_subquery()
    )
    # Rows without a line are numbered separately, so that new lines have no gaps.
    place = func.row_number().over(
        partition_by=[row.c.document, row.c.number.is_(None)],
        order_by=row.c.line,
    )
    columns: dict[str, ColumnElement[Any]] = {
        "document": row.c.document,
        "number": func.coalesce(row.c.number, last + place),
        "item": row.c.item,
        "requested": row.c.followed,
        "raised": row.c.followed - row.c.requested,
        "negative": false(),
        "added": false(),
        "reference": row.c.reference,
    }
    update = {"requested", "raised", "added"} | ({"reference"} & file.columns)
    return _upsert(
        connection, file, lines, columns, key=("document", "number"), update=update, line=row.c.line
    )


def _upsert(  # noqa: PLR0913 - a statement has that many parts
    connection: Connection,
    file: Staged,
    table: Table,
    columns: Mapping[str, ColumnElement[Any]],
    *,
    key: tuple[str, ...],
    update: Collection[str],
    line: ColumnElement[int],
    joined: FromClause | None = None,
) -> FileResult:
    """Insert a selection, in the order of the key, or update the columns in `update` where one differs.

    `line`: the selection's column with the line of the file.
    """
    changed = sorted(set(update) - set(key))
    result = compared(connection, file, table, columns, key=key, update=changed, line=line, joined=joined)
    _make_room(connection, file)
    source = select(*columns.values()).order_by(*[columns[name] for name in key])
    if joined is not None:
        source = source.select_from(joined)
    insert: Any = sqlite.insert if is_sqlite(connection) else postgresql.insert
    statement = insert(table).from_select(list(columns), source)
    if changed:
        new = statement.excluded
        statement = statement.on_conflict_do_update(
            index_elements=list(key),
            set_={name: new[name] for name in changed},
            where=or_(*[table.c[name].is_distinct_from(new[name]) for name in changed]),
        )
    else:
        statement = statement.on_conflict_do_nothing()
    connection.execute(statement)
    return result
