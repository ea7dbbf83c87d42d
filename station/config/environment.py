"""Variables of the environment that set keys: ``SCANSTATION__DISPLAY__LISTEN`` sets ``display.listen``."""

from __future__ import annotations

import tomllib
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from station.config.keys import Key, dotted, has, is_rows, is_text
from station.config.layer import Layer
from station.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PREFIX = "SCANSTATION__"
BETWEEN = "__"
"""Stands between a table and what is in it: single underscores are in names."""


def variables(environment: Mapping[str, str]) -> list[str]:
    """The variables that set keys, sorted: one that sets a table comes before those of its keys.

    Raises:
        ConfigError: two set the same key.
    """
    names = sorted((name for name in environment if name.startswith(PREFIX)), key=str.lower)
    for one, other in pairwise(names):
        if one.lower() == other.lower():
            raise ConfigError(f"{one} and {other} set the same key; unset one of them")
    return names


def layer_of(name: str, text: str) -> Layer:
    """What one variable says.

    Raises:
        ConfigError: it names no key, or one that no variable can set.
    """
    key = _key(name)
    table: Any = _value(key, text)
    for part in reversed(key):
        table = {part: table}
    return Layer("variable", name, table)


def _key(name: str) -> tuple[str, ...]:
    key = tuple(name.removeprefix(PREFIX).lower().split(BETWEEN))
    for above in _ways(key):
        if is_rows(above):
            raise ConfigError(
                f"{name}: [[{dotted(above)}]] is a list of tables, which only a file can hold; put it into a "
                "drop-in"
            )
    if not has(key):
        raise ConfigError(
            f'{name}: unknown key "{dotted(key)}"; see config.example.toml for the keys there are'
        )
    return key


def _ways(key: Key) -> Iterator[Key]:
    return (key[:depth] for depth in range(1, len(key) + 1))


def _value(key: Key, text: str) -> Any:
    """What the text stands for: itself where a text is wanted, so a name may be 1; else TOML, if it is."""
    if is_text(key):
        return text
    try:
        parsed = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    return parsed["value"] if len(parsed) == 1 else text
