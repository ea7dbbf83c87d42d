"""Converts between a history row and the columns of its table."""

from __future__ import annotations

from datetime import datetime
from types import NoneType
from typing import Any, get_args, get_type_hints

import msgspec
from sqlalchemy import Column, Integer, Text

from station.history import HistoryRow, Since
from station.outcomes import Action
from station.source import timestamp

FIELDS = HistoryRow.__struct_fields__
"""The keys of a history row, in the interface's order; the table has a column for each."""
_FIRST = Since("0001")
DEFAULTS: dict[str, Any] = dict(
    zip(
        FIELDS[len(FIELDS) - len(HistoryRow.__struct_defaults__) :],
        HistoryRow.__struct_defaults__,
        strict=True,
    )
)
"""The values of fields that older rows don't have."""


def since(row: type[HistoryRow]) -> dict[str, str]:
    """Return the schema version that introduced each field."""
    hints = get_type_hints(row, include_extras=True)
    return {
        name: next((each for each in get_args(hints[name]) if isinstance(each, Since)), _FIRST).schema
        for name in row.__struct_fields__
    }


def column(name: str, row: type[HistoryRow] = HistoryRow, **more: Any) -> Column[Any]:
    """Return a field's column; `more`: passed to `Column`."""
    hint = get_type_hints(row)[name]
    kinds = get_args(hint) or (hint,)
    more.setdefault("type_", Integer if int in kinds else Text)
    if NoneType not in kinds and (default := DEFAULTS.get(name)) is not None:
        more.setdefault("server_default", str(default))
    return Column(name, nullable=NoneType in kinds, **more)


def columns_of(row: HistoryRow) -> dict[str, object]:
    """Return a row's values by column."""
    return msgspec.structs.asdict(row) | {"at": timestamp(row.at), "action": str(row.action)}


def history_row(row: Any, kind: type[HistoryRow] = HistoryRow) -> HistoryRow:
    """Convert a row of the table to a value of this type."""
    values = {name: getattr(row, name) for name in FIELDS}
    values["at"] = datetime.fromisoformat(row.at)
    values["action"] = Action(row.action)
    return kind(**values)
