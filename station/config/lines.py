"""In which line of a TOML file each key stands; the parser doesn't tell."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.config.keys import Key


@lru_cache(8)
def lines_of(text: str) -> dict[Key, int]:
    """For each key and each table of a file that is right as TOML: the line where it begins, from 1."""
    found: dict[Key, int] = {}
    counts: dict[Key, int] = {}
    table: Key = ()
    for line, statement in _statements(text):
        parsed = tomllib.loads(statement)
        if statement.lstrip().startswith("["):
            table = _opened(parsed, counts)
            found.setdefault(table, line)
        else:
            for key in _keys(parsed, table):
                found.setdefault(key, line)
    return found


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Each statement with its first line: the fewest lines that are TOML by themselves."""
    first, waiting = 1, ""
    for number, line in enumerate(text.split("\n"), start=1):
        waiting += line + "\n"
        try:
            tomllib.loads(waiting)
        except tomllib.TOMLDecodeError:
            continue
        yield first, waiting
        first, waiting = number + 1, ""


def _opened(parsed: dict[str, Any], counts: dict[Key, int]) -> Key:
    """The table that a header opens: in lists, the last table; ``[[…]]`` adds one."""
    key: Key = ()
    inside: Any = parsed
    while inside and isinstance(inside, dict):
        (name, inside), *_ = inside.items()
        key = (*key, name)
        if isinstance(inside, list):
            counts[key] = counts.get(key, 0) + 1
        if key in counts:
            key = (*key, counts[key] - 1)
    return key


def _keys(value: Any, above: Key) -> Iterator[Key]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield (*above, name)
            yield from _keys(each, (*above, name))
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield (*above, place)
            yield from _keys(each, (*above, place))
