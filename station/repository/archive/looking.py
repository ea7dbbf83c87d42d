"""Serial number history, including the archive's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import select

from station.repository.archive.files import ArchiveFiles, entry_of, lines_of
from station.repository.database import reading
from station.repository.history_fields import FIELDS
from station.repository.tables import items

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from sqlalchemy import Engine

    from station.repository.archive.files import Row


def with_archived(
    engine: Engine,
    directory: Path,
    rows: Iterable[dict[str, Any]],
    *,
    serial_number: str | None = None,
    document: str | None = None,
) -> list[dict[str, Any]]:
    """Merge `rows` from `queries.serial_number_history` with the archive's, oldest first.

    Raises:
        StationError: a file of the archive is damaged, or can't be read.
        DatabaseError: with a sentence for people.
    """
    wanted = {
        name: value
        for name, value in {"serial_number": serial_number, "document": document}.items()
        if value is not None
    }
    archived = sorted(
        _archived(directory, wanted), key=lambda row: (row["at"], "to_area" in row, row["number"])
    )
    names = _descriptions(engine, {row["item"] for row in archived if "to_area" in row})
    found = {_key(row): row for row in [*(_shown(row, names) for row in archived), *rows]}
    return sorted(found.values(), key=lambda row: row["at"])


def _key(row: Mapping[str, Any]) -> object:
    """Identify a row: one that is just being archived is in both places, but is shown once."""
    if row["id"] is not None:
        return row["id"]
    return tuple(row[name] for name in ("at", "station", "document", "action", "serial_number", "item"))


def _archived(directory: Path, wanted: Mapping[str, str]) -> Iterator[Row]:
    # Most lines don't match; don't parse those.
    needles = [msgspec.json.encode(value) for value in wanted.values()]
    for path in ArchiveFiles(directory).months():
        for line in lines_of(path):
            if all(needle in line for needle in needles):
                entry = entry_of(line, path)
                yield from (row for row in (*entry.history, *entry.moves) if wanted.items() <= row.items())


def _shown(row: Row, names: Mapping[str, str]) -> dict[str, Any]:
    """Give a row the keys of serial number history."""
    if "to_area" not in row:
        return {name: row[name] for name in FIELDS}
    of_move = {
        "quantity": 1,
        **row,
        "action": row["event"],
        "description": names.get(row["item"]),
        # Released counts have neither.
        "serial_number": row["serial_number"] or None,
        "stock_area": row["from_area"] or None,
    }
    return {name: of_move.get(name) for name in (*FIELDS, "to_area")}


def _descriptions(engine: Engine, codes: set[str]) -> dict[str, str]:
    with reading(engine) as connection:
        rows = connection.execute(select(items.c.code, items.c.description).where(items.c.code.in_(codes)))
        return {row.code: row.description for row in rows}
