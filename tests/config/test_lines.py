from __future__ import annotations

import tomllib
from itertools import count
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from station.config.layers import lines_of
from station.config.rendering import document

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT = """\
# a comment
a = 1   # line 2
[table]
"quoted key" = \"\"\"
[not.a.table]
b = 1
\"\"\"
list = [
  1,
  # [neither]
  2,
]
dotted.key = { in_line = true }

[[rows]]
name = "first"
[rows.inner]
x = 1
[[rows.deep]]
y = 1
[[rows.deep]]
y = 2
[[rows]]
name = "second"
[[rows.deep]]
y = 3
"""


def test_the_line_of_each_key_is_found() -> None:
    lines = lines_of(TEXT)
    assert {key: line for key, line in lines.items() if isinstance(key[-1], str)} == {
        ("a",): 2,
        ("table",): 3,
        ("table", "quoted key"): 4,
        ("table", "list"): 8,
        ("table", "dotted"): 13,
        ("table", "dotted", "key"): 13,
        ("table", "dotted", "key", "in_line"): 13,
        ("rows", 0, "name"): 16,
        ("rows", 0, "inner"): 17,
        ("rows", 0, "inner", "x"): 18,
        ("rows", 0, "deep", 0, "y"): 20,
        ("rows", 0, "deep", 1, "y"): 22,
        ("rows", 1, "name"): 24,
        ("rows", 1, "deep", 0, "y"): 26,
    }
    assert lines["rows", 1] == 23


def test_line_endings_of_other_systems_are_accepted() -> None:
    assert lines_of(TEXT.replace("\n", "\r\n")) == lines_of(TEXT)


NAMES = st.sampled_from(["a", "b", "c d", "[e]", "f = 1", "g.h", "#"])
NUMBERED = st.builds(object)
TABLES = st.recursive(
    st.dictionaries(NAMES, NUMBERED, max_size=3),
    lambda inner: st.dictionaries(
        NAMES, NUMBERED | inner | st.lists(inner, min_size=1, max_size=3), max_size=3
    ),
    max_leaves=12,
)


def numbered(value: Any, numbers: Iterator[int]) -> Any:
    """The same with a unique number in each leaf, so that its line in the text can be found."""
    if isinstance(value, dict):
        return {name: numbered(each, numbers) for name, each in value.items()}
    if isinstance(value, list):
        return [numbered(each, numbers) for each in value]
    return next(numbers)


def leaves(value: Any, key: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], int]]:
    if isinstance(value, int):
        yield key, value
        return
    for part, each in value.items() if isinstance(value, dict) else enumerate(value):
        yield from leaves(each, (*key, part))


@given(TABLES, st.sampled_from(["", "# a comment\n\n", 'text = """\n[a]\nb = 1\n"""\n']))
def test_every_key_has_the_line_where_its_statement_begins(table: dict[str, Any], top: str) -> None:
    text = top + document(numbered(table, count(1000)))
    lines = lines_of(text)
    rows = text.split("\n")
    for key, number in leaves({name: each for name, each in tomllib.loads(text).items() if name != "text"}):
        (row,) = [place for place, each in enumerate(rows, start=1) if str(number) in each]
        assert lines[key] == max(line for line in lines.values() if line <= row)
