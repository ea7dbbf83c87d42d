"""Removes archived rows from the database by their keys, in short transactions.

Stations scan between them. Each step can be repeated after a crash.
"""

from __future__ import annotations

import time
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import and_, bindparam, delete, insert, select

from station.repository.archive import checking
from station.repository.database import transaction
from station.repository.statement import insert_or_skip
from station.repository.tables import (
    archived_documents,
    archived_lines,
    attachments,
    counts,
    generated_numbers,
    history,
    moves,
    posts,
    sessions,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlalchemy import Connection, Engine, Table

    from station.repository.archive.files import ArchiveEntry, Row

ROWS_AT_ONCE = 100
"""Rows removed in one transaction: a scan waits no longer than for a commit of its own."""
PAUSE_S = 0.02
"""Minimum pause between transactions; at least as long as the last one, so that other writers get a turn."""

# Attachments, counts and generated numbers reference rows of history, so they go first.
_KEYS: dict[Table, tuple[str, ...]] = {
    attachments: ("document", "serial_number", "item", "history_id"),
    counts: ("document", "history_id"),
    generated_numbers: ("prefix", "number", "history_id"),
    history: ("station", "number", "id"),
    moves: ("station", "number", "at", "document", "serial_number"),
    sessions: ("station", "number", "document"),
    posts: ("id",),
}


class RemovalStep(NamedTuple):
    """Part of a transaction."""

    rows: int
    take: Callable[[Connection], None]


def remove(
    engine: Engine, month: str, entries: Iterable[ArchiveEntry], pause: Callable[[float], None]
) -> None:
    """Remove the rows of these entries, which the archive has in the file of `month`, from the database.

    Raises:
        DatabaseError: call this again to remove the remaining rows.
    """
    for steps in _transactions(step for entry in entries for step in _steps(month, entry)):
        began = time.monotonic()
        with transaction(engine) as connection:
            for step in steps:
                step.take(connection)
        pause(max(PAUSE_S, time.monotonic() - began))


def _transactions(steps: Iterable[RemovalStep]) -> Iterator[list[RemovalStep]]:
    together: list[RemovalStep] = []
    for step in steps:
        if together and sum(each.rows for each in together) + step.rows > ROWS_AT_ONCE:
            yield together
            together = []
        together.append(step)
    if together:
        yield together


def _steps(month: str, entry: ArchiveEntry) -> Iterator[RemovalStep]:
    if entry.document is not None:
        yield RemovalStep(1 + len(entry.lines), partial(_mark, month=month, entry=entry))
    for table in _KEYS:
        rows: tuple[Row, ...] = getattr(entry, table.name)
        for start in range(0, len(rows), ROWS_AT_ONCE):
            part = rows[start : start + ROWS_AT_ONCE]
            yield RemovalStep(len(part), partial(_take, table=table, rows=part))


def _mark(connection: Connection, month: str, entry: ArchiveEntry) -> None:
    """Mark the document as archived: its units are counted from `archived_lines` from now on."""
    number = (entry.document or {})["number"]
    made = insert_or_skip(archived_documents, connection.dialect).values(document=number, month=month)
    if connection.execute(made.returning(archived_documents.c.document)).first() is None:
        return
    units = Counter(row["line"] for row in entry.attachments)
    for row in entry.counts:
        units[row["line"]] += row["quantity"]
    if units:
        counted = [{"document": number, "line": line, "units": count} for line, count in units.items()]
        connection.execute(insert(archived_lines), counted)


def _take(connection: Connection, table: Table, rows: tuple[Row, ...]) -> None:
    if table in (history, moves):
        for station in sorted({row["station"] for row in rows}):
            _note(connection, table, [row for row in rows if row["station"] == station])
    keys = _KEYS[table]
    condition = and_(*(table.c[name] == bindparam(f"its_{name}") for name in keys))
    connection.execute(
        delete(table).where(condition), [{f"its_{name}": row[name] for name in keys} for row in rows]
    )


def _note(connection: Connection, table: Table, rows: list[Row]) -> None:
    """Note those rows of one station that still exist, not others that have their numbers now."""
    station, names = rows[0]["station"], _KEYS[table]
    wanted = select(*(table.c[name] for name in names)).where(
        table.c.station == station, table.c.number.in_([row["number"] for row in rows])
    )
    mine = {tuple(row[name] for name in names) for row in rows}
    found = [row.number for row in connection.execute(wanted) if tuple(row) in mine]
    checking.note(connection, table.name, station, found)
