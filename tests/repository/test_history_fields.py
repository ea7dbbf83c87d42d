from __future__ import annotations

from typing import Annotated

from sqlalchemy import Integer

from station.history import HistoryRow, Since
from station.outputs.display.state import EntryShown
from station.repository.history_fields import DEFAULTS, FIELDS, column, since
from station.repository.tables import history


class _Later(HistoryRow, frozen=True, kw_only=True):
    """A row as a later version may declare it."""

    weight_g: Annotated[int | None, Since("0099")] = None


def test_a_new_field_is_known_by_its_declaration_alone() -> None:
    assert since(_Later) == since(HistoryRow) | {"weight_g": "0099"}
    weight = column("weight_g", _Later)
    assert isinstance(weight.type, Integer)
    assert weight.nullable


def test_fields_of_the_first_version_have_no_default_and_later_ones_have() -> None:
    assert list(since(HistoryRow)) == list(FIELDS)
    assert {name for name, schema in since(HistoryRow).items() if schema > "0001"} == set(DEFAULTS)
    assert DEFAULTS["quantity"] == 1


def test_table_and_displays_have_the_declared_fields_and_no_others() -> None:
    assert EntryShown.__struct_fields__ == FIELDS
    assert {each.name for each in history.columns} == {"number", *FIELDS}
