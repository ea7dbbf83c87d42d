"""A row of history as a value and as the columns of its table: the fields of `HistoryRow`, in its order."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from station.events import Action, HistoryRow
from station.stamping import timestamp

FIELDS = tuple(field.name for field in fields(HistoryRow))
"""The keys of a history row, in the interface's order; the table has a column of each name."""


def columns_of(row: HistoryRow) -> dict[str, object]:
    """What the table holds of a row, by column."""
    values: dict[str, object] = {name: getattr(row, name) for name in FIELDS}
    values["at"] = timestamp(row.at)
    values["action"] = str(row.action)
    return values


def history_row(row: Any) -> HistoryRow:
    """A row of the table as a value."""
    values = {name: getattr(row, name) for name in FIELDS}
    values["at"] = datetime.fromisoformat(row.at)
    values["action"] = Action(row.action)
    return HistoryRow(**values)
