"""The result of an import: how many rows of each file were new, changed, and so on, and the first of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, false, func, or_, select

from station.office.staging import TABLES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import ColumnElement, Connection, FromClause, Table

    from station.office.staging import Staged

KINDS = ("new", "changed", "unchanged", "kept", "conflict")
"""What became of a row; `kept`: a station booked the unit after the list was made; `conflict`: it is on an
open document (D10)."""


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of the rows of one file."""

    rows: int
    counts: Mapping[str, int]
    """Rows of each of `KINDS`."""
    first: Mapping[str, str]
    """The key of the first row of each kind that has any."""

    def shown(self, kind: str) -> str:
        """Return the rows of a kind for people: ``2 (SN-1, …)``."""
        count = self.counts.get(kind, 0)
        if kind not in self.first:
            return str(count)
        return f"{count:,} ({self.first[kind]}{', …' if count > 1 else ''})"

    def as_json(self, name: str) -> dict[str, Any]:
        """Return it with the keys of the JSON output."""
        counts = {kind: self.counts.get(kind, 0) for kind in KINDS}
        return {"file": name, "rows": self.rows, **counts, "first": dict(self.first)}


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """The result of an import."""

    files: Mapping[str, FileResult]
    """By the file's name."""
    remarks: tuple[str, ...] = field(default=())
    """Sentences about units that deserve a look."""

    @property
    def rows(self) -> dict[str, int]:
        """Rows of each file, by its name."""
        return {name: result.rows for name, result in self.files.items()}


def file_result(
    connection: Connection, file: Staged, counts: Mapping[str, int], lines: Mapping[str, int | None]
) -> FileResult:
    """Name the first rows, which are given as lines of the file."""
    source = TABLES[file.format.table]
    key = [source.c[name] for name in file.format.naming]
    wanted = {kind: line for kind, line in lines.items() if line is not None}
    found = connection.execute(select(source.c.line, *key).where(source.c.line.in_(set(wanted.values()))))
    names = {line: " ".join(str(value) for value in values) for line, *values in found}
    return FileResult(file.rows, counts, {kind: names[line] for kind, line in wanted.items()})


def compared(  # noqa: PLR0913 - a comparison has that many parts
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
    """Compare a selection with the table that it will be merged into, before that."""
    selected = select(line.label("line"), *(column.label(f"new_{name}") for name, column in columns.items()))
    if joined is not None:
        selected = selected.select_from(joined)
    row = selected.subquery()
    is_new = table.c[key[0]].is_(None)
    differs = or_(false(), *[table.c[name].is_distinct_from(row.c[f"new_{name}"]) for name in update])
    same = [table.c[name] == row.c[f"new_{name}"] for name in key]
    kinds: dict[str, ColumnElement[bool]] = {"new": is_new, "changed": ~is_new & differs}
    kinds["unchanged"] = ~or_(*kinds.values())
    numbers = [
        function(case((condition, row.c.line)))
        for condition in kinds.values()
        for function in (func.count, func.min)
    ]
    found = connection.execute(select(*numbers).select_from(row.outerjoin(table, and_(*same)))).one()
    counts, lines = dict(zip(kinds, found[::2], strict=True)), dict(zip(kinds, found[1::2], strict=True))
    return file_result(connection, file, counts, lines)
