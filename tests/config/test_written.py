from __future__ import annotations

import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from station.config.rendering import document, literal

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.integers(-(2**63), 2**63 - 1) | st.booleans() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("ab .=\"'\\", max_size=3), inner, max_size=3)
    ),
)


@given(VALUES)
def test_a_value_in_one_line_is_read_back_unchanged(value: Any) -> None:
    written = literal(value)
    assert "\n" not in written
    assert tomllib.loads(f"key = {written}") == {"key": value}


@given(st.dictionaries(st.text("ab .=", max_size=3), VALUES, max_size=4))
def test_a_file_is_read_back_unchanged(table: dict[str, Any]) -> None:
    assert tomllib.loads(document(table)) == table


def test_tables_are_written_in_the_usual_style() -> None:
    text = """\
top = 1

[station]
name = "dock-1"

[station.stock_areas]
sold = "OUT"

[[scanner]]
name = "left"
match = { by_id = "usb-x" }
terminator = "\\r"

[[scanner.house_format]]
prefix = "S"

[[scanner]]
name = "right"
"""
    assert document(tomllib.loads(text)) == text
