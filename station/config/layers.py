"""The layers of the configuration: one for each file and each variable."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from station.config.schema import Key, dotted, has, is_rows, is_text
from station.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

SUFFIX = ".toml"
PREFIX = "SCANSTATION__"
BETWEEN = "__"
"""Separates a table from its keys, whose names contain single underscores."""


@lru_cache(8)
def lines_of(text: str) -> dict[Key, int]:
    """The line, from 1, where each key and each table of a valid TOML file begins."""
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
    """Each statement with its first line: the fewest lines that are valid TOML."""
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
    """The table that a header opens: in a list, the last one; ``[[…]]`` adds one."""
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


@dataclass(frozen=True, eq=False)
class Layer:
    """A table with its source."""

    kind: Literal["file", "variable"]
    source: str
    """The path of the file, or the name of the variable."""
    table: dict[str, Any]
    text: str = ""
    """The text of the file."""

    def line(self, key: Key) -> int | None:
        """The line of a key in the file, from 1; None: not in a file."""
        return lines_of(self.text).get(key) if self.kind == "file" else None


def file_layer(path: Path) -> Layer:
    """Read one file.

    Raises:
        ConfigError: it can't be read, or is not valid TOML.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
        return Layer("file", str(path), tomllib.loads(text), text)
    except OSError as error:
        raise ConfigError(f"{path}: can't be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: is not valid TOML: {error}") from error


def is_missing(path: Path) -> bool:
    """Whether a file certainly doesn't exist."""
    try:
        path.stat()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


def drop_in_directory(path: Path) -> Path | None:
    """The directory of a file's drop-ins: ``left.d`` for ``left.toml``; None: it can't have any."""
    return path.with_suffix(".d") if path.suffix == SUFFIX else None


def is_drop_in(name: str) -> bool:
    """Whether a file in that directory is a drop-in, by its name."""
    return name.endswith(SUFFIX) and not name.startswith(".")


def drop_ins(path: Path) -> list[Path]:
    """The drop-ins of a file, sorted by name.

    Raises:
        ConfigError: their directory can't be read.
    """
    directory = drop_in_directory(path)
    try:
        found = list(directory.iterdir()) if directory else []
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ConfigError(f"{directory}: can't be read: {error.strerror}") from error
    return sorted(each for each in found if is_drop_in(each.name))


def variables(environment: Mapping[str, str]) -> list[str]:
    """The variables that set keys, sorted: one that sets a table precedes those of its keys.

    Raises:
        ConfigError: two set the same key.
    """
    names = sorted((name for name in environment if name.startswith(PREFIX)), key=str.lower)
    for one, other in pairwise(names):
        if one.lower() == other.lower():
            raise ConfigError(f"{one} and {other} set the same key; unset one of them")
    return names


def environment_layer(name: str, text: str) -> Layer:
    """Read one variable.

    Raises:
        ConfigError: its key is unknown, or can't be set by a variable.
    """
    key = _key(name)
    table: Any = _value(key, text)
    for part in reversed(key):
        table = {part: table}
    return Layer("variable", name, table)


def _key(name: str) -> tuple[str, ...]:
    key = tuple(name.removeprefix(PREFIX).lower().split(BETWEEN))
    for above in _prefixes(key):
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


def _prefixes(key: Key) -> Iterator[Key]:
    return (key[:depth] for depth in range(1, len(key) + 1))


def _value(key: Key, text: str) -> Any:
    """The value of a text: itself if the key is a string, so a name may be 1; else TOML, if it is valid."""
    if is_text(key):
        return text
    try:
        parsed = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    return parsed["value"] if len(parsed) == 1 else text
