"""Merges the staged rows into the database: existing rows are updated by key, others are inserted.

A column that a file leaves out stays unchanged on existing rows. An unchanged row isn't written at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, exists, false, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from station.office.constraints import matched_lines
from station.office.staging import TABLES
from station.repository.database import is_sqlite
from station.repository.tables import documents, items, lines, locations, metadata

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import ColumnElement, Connection, FromClause, Table

    from station.office.staging import Staged

# A location's areas need not exist yet, but an area's location must.
_ORDER = ("locations", "stock_areas", "items", "serial_numbers", "operators", "documents", "lines")
_RENAMED = {"default": "is_default"}


def merge(connection: Connection, staged: Mapping[str, Staged]) -> None:
    """Write the staged rows."""
    for name in _ORDER:
        if name not in staged:
            continue
        file = staged[name]
        if name == "documents":
            _merge_documents(connection, file)
        elif name == "lines":
            _merge_lines(connection)
        else:
            _make_room(connection, file)
            _merge_rows(connection, file)


def _merge_rows(connection: Connection, file: Staged) -> None:
    source = TABLES[file.format.table]
    columns = {column.name: source.c[column.name] for column in file.format.columns}
    _upsert(
        connection,
        metadata.tables[file.format.table],
        {_RENAMED.get(name, name): column for name, column in columns.items()},
        key=file.format.key,
        update={_RENAMED.get(name, name) for name in file.columns},
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


def _merge_documents(connection: Connection, file: Staged) -> None:
    """Merge documents; an empty status leaves a document's status unchanged, and means open for a new one."""
    source = TABLES["documents"]
    columns: dict[str, ColumnElement[Any]] = {
        column.name: source.c[column.name] for column in file.format.columns
    }
    columns["status"] = case(
        # Only a Save makes a backorder, and a list that knows nothing of it still calls the document open.
        (and_(documents.c.status == "backorder", source.c.status == "open"), documents.c.status),
        else_=func.coalesce(func.nullif(source.c.status, ""), documents.c.status, "open"),
    )
    _upsert(
        connection,
        documents,
        columns,
        key=("number",),
        update=file.columns,
        joined=source.outerjoin(documents, documents.c.number == source.c.number),
    )


def _merge_lines(connection: Connection) -> None:
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
        "requested": row.c.requested,
        "negative": false(),
        "added": false(),
    }
    _upsert(connection, lines, columns, key=("document", "number"), update={"requested", "added"})


def _upsert(  # noqa: PLR0913 - a statement has that many parts
    connection: Connection,
    table: Table,
    columns: Mapping[str, ColumnElement[Any]],
    *,
    key: tuple[str, ...],
    update: Collection[str],
    joined: FromClause | None = None,
) -> None:
    """Insert a selection, in the order of the key, or update the columns in `update` where one differs."""
    source = select(*columns.values()).order_by(*[columns[name] for name in key])
    if joined is not None:
        source = source.select_from(joined)
    insert: Any = sqlite.insert if is_sqlite(connection) else postgresql.insert
    statement = insert(table).from_select(list(columns), source)
    changed = sorted(set(update) - set(key))
    new = statement.excluded
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=list(key),
            set_={name: new[name] for name in changed},
            where=or_(*[table.c[name].is_distinct_from(new[name]) for name in changed]),
        ),
    )
