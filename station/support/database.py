"""The database: its schema, how much is in it, and whether it is whole."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, inspect, select, table, text

from station.store.checking import findings
from station.store.database import is_sqlite, open_engine, reading, where
from station.store.schema import NEWEST, current
from station.support.part import File

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

    from station.support.part import Asked

FINDINGS = 1000
"""More of them tell nothing new."""


def database(asked: Asked) -> Iterator[File]:
    """Its version, schema and sizes."""
    with _engine(asked) as engine, reading(engine) as connection:
        lines = [
            f"database   {where(engine)}",
            f"server     {_server(connection)}",
            f"schema     {current(connection)}, this program writes {NEWEST}",
            *_sizes(engine),
            "",
            "rows of each table",
            *_rows(connection),
        ]
    yield File("database/database.txt", "version, schema revision, size and row counts", _joined(lines))


def check(asked: Asked) -> Iterator[File]:
    """What ``db check`` finds."""
    with _engine(asked) as engine:
        found = []
        for finding in findings(engine):
            found.append(finding)
            if len(found) == FINDINGS:
                break
    head = f"{len(found)} things are wrong" if found else "nothing is wrong"
    if found and not asked.with_scans:
        found = ["what they are is left out by --no-scans"]
    yield File("database/check.txt", "what scanstation db check says", _joined([head, *found]))


@contextmanager
def _engine(asked: Asked) -> Iterator[Engine]:
    engine = open_engine(asked.config().database_url(), read_only=True)
    try:
        yield engine
    finally:
        engine.dispose()


def _server(connection: Connection) -> str:
    statement = "SELECT sqlite_version()" if is_sqlite(connection) else "SHOW server_version"
    return f"{connection.dialect.name} {connection.execute(text(statement)).scalar_one()}"


def _sizes(engine: Engine) -> Iterator[str]:
    if is_sqlite(engine):
        file = Path(str(engine.url.database))
        for path in sorted(file.parent.glob(f"{file.name}*")):
            yield f"file       {path} {path.stat().st_size:,} bytes"


def _rows(connection: Connection) -> Iterator[str]:
    for name in sorted(inspect(connection).get_table_names()):
        count = connection.execute(select(func.count()).select_from(table(name))).scalar_one()
        yield f"{count:>12,} {name}"


def _joined(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"
