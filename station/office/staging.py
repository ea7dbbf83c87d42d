"""Staging tables for the import: temporary tables of one connection, so that reading files needs no lock.

Each file has its table, with the file's columns and the line of each row. Its index has the file's key first
and then all other columns: the merge reads rows in the order of the target table, which keeps writing a
million of them sequential.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, Table, Text, false
from sqlalchemy.schema import CreateIndex, CreateTable

from station.office.columns import FORMATS, FileFormat
from station.office.csv_files import CsvFile
from station.repository.database import is_sqlite
from station.repository.tables import BYTEWISE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection

    from station.office.columns import CellValue

_BATCH = 5_000
"""Rows per insert: enough to make the cost of a call negligible, few enough for little memory."""


@dataclass(frozen=True, slots=True)
class Staged:
    """A staged file."""

    format: FileFormat
    path: Path
    columns: frozenset[str]
    """The columns that the file has."""
    rows: int


def _column(name: str, left_out: CellValue) -> Column[Any]:
    if isinstance(left_out, bool):
        return Column(name, Boolean(create_constraint=False), server_default=false())
    if isinstance(left_out, int):
        return Column(name, Integer, server_default=str(left_out))
    return Column(name, BYTEWISE if name.endswith("serial_number") else Text, server_default=left_out)


def _table(file_format: FileFormat) -> Table:
    columns = [_column(column.name, column.left_out) for column in file_format.columns]
    table = Table(
        f"import_{file_format.table}",
        MetaData(),
        Column("line", Integer, nullable=False),
        *columns,
        prefixes=["TEMPORARY"],
    )
    key = [table.c[name] for name in file_format.key]
    rest = [column for column in table.columns if column.name not in file_format.key]
    Index(f"ix_{table.name}", *key, *rest)
    return table


TABLES = {file_format.table: _table(file_format) for file_format in FORMATS}


def create_tables(connection: Connection) -> None:
    """Create the staging tables, without their indexes."""
    for table in TABLES.values():
        connection.execute(CreateTable(table))


def index_tables(connection: Connection) -> None:
    """Index the staged rows, once all of them are there."""
    for table in TABLES.values():
        for index in table.indexes:
            connection.execute(CreateIndex(index))
        if not is_sqlite(connection):
            connection.exec_driver_sql(f"ANALYZE {table.name}")


def stage(
    connection: Connection,
    file_format: FileFormat,
    path: Path,
    progress: Callable[[int], None],
) -> Staged:
    """Read a file into its table; `progress` is called with the bytes read so far.

    Raises:
        ImportFailedError: a row is wrong.
    """
    with closing(CsvFile(path, file_format)) as file:
        names = [column.name for column in file.columns]
        insert = _insert if is_sqlite(connection) else _copy
        count, rows = 0, file.rows()
        while batch := list(islice(rows, _BATCH)):
            insert(connection, f"import_{file_format.table}", ["line", *names], batch)
            count += len(batch)
            progress(file.done_bytes())
        return Staged(file_format, path, frozenset(names), count)


def _insert(
    connection: Connection, table: str, columns: list[str], rows: list[tuple[CellValue, ...]]
) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    places = ", ".join("?" * len(columns))
    # The names are constants; a file's columns are only ever those of its format.
    statement = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608
    connection.exec_driver_sql(statement, rows)


def _copy(connection: Connection, table: str, columns: list[str], rows: list[tuple[CellValue, ...]]) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    driver: Any = connection.connection.dbapi_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
