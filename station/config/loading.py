"""Reads the layers of the configuration, puts them together, and says what is wrong in which."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import msgspec

from station.config import layers
from station.config.checks import mistakes_in
from station.config.layers import Layer, drop_ins, environment_layer, file_layer, is_missing, variables
from station.config.merging import Branch, grown, merged, plain, pruned, sentence
from station.config.problems import mistake
from station.config.schema import Config, has_names, is_required
from station.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


P = ParamSpec("P")
T = TypeVar("T")
DEFAULT_PATH = Path("/etc/scanstation/config.toml")


@dataclass(frozen=True)
class Reading:
    """A configuration, and where it comes from."""

    path: Path
    """The file that its drop-ins stand beside; it need not be there when nobody asked for it."""
    layers: tuple[Layer, ...]
    """What was read, later ones count more."""
    tree: Branch | None
    """All of it together; None: nothing was read, or something can't be."""
    config: Config
    """What is in force; the defaults when something is wrong."""
    mistakes: tuple[str, ...]
    """A sentence for each thing that is wrong."""

    def right(self) -> Config:
        """The configuration.

        Raises:
            ConfigError: something is wrong; the first of it.
        """
        if self.mistakes:
            raise ConfigError(self.mistakes[0])
        return self.config


def read(path: Path | None = None) -> Reading:
    """Read the configuration as `load` does, and tell everything of it."""
    asked = path or (Path(named) if (named := os.environ.get("SCANSTATION_CONFIG")) else None)
    attempts = _Attempts()
    path = asked or DEFAULT_PATH
    paths = [] if asked is None and is_missing(path) else [path]
    paths += attempts.result(drop_ins, path) or []
    names = attempts.result(variables, os.environ) or []
    tried = [
        *(attempts.result(file_layer, each) for each in paths),
        *(attempts.result(environment_layer, name, os.environ[name]) for name in names),
    ]
    layers = tuple(layer for layer in tried if layer is not None)
    if attempts.mistakes:
        return Reading(path, layers, None, Config(), tuple(attempts.mistakes))
    return put_together(path, layers)


class _Attempts:
    """Goes on after what fails, and keeps why it did."""

    def __init__(self) -> None:
        self.mistakes: list[str] = []

    def result(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        try:
            return function(*args, **kwargs)
        except ConfigError as error:
            self.mistakes.append(str(error))
            return None


def put_together(path: Path, layers: tuple[Layer, ...]) -> Reading:
    """Check layers, one over the other."""
    if not layers:
        return Reading(path, (), None, Config(), ())
    tree = reduce(merged, map(grown, layers))
    config, mistakes = _converted(tree)
    mistakes += [says for layer in layers for says in _same_names(layer)]
    if not mistakes:
        mistakes = [sentence(tree, each) for each in mistakes_in(config)]
    return Reading(path, layers, tree, Config() if mistakes else config, tuple(mistakes))


def _converted(tree: Branch) -> tuple[Config, list[str]]:
    """The typed values; what is wrong is told and left out, until the rest is right."""
    mistakes: list[str] = []
    left: Branch | None = tree
    while left is not None:
        raw = plain(left)
        try:
            return msgspec.convert(raw, Config), mistakes  # noqa: TID251 - at its first time there is one thread
        except msgspec.ValidationError as error:
            wrong = mistake(error, raw)
        mistakes.append(sentence(left, wrong))
        left = pruned(left, wrong.key[:-1] if is_required(wrong.key) else wrong.key)
    return Config(), mistakes


def _same_names(layer: Layer) -> Iterator[str]:
    """Within a layer a name says which table is meant; only another layer's may be the same."""
    for key, rows in layer.table.items():
        if not isinstance(rows, list) or not has_names((key,)):
            continue
        counts = Counter(
            name for row in rows if isinstance(row, dict) and isinstance(name := row.get("name"), str)
        )
        for name, count in counts.items():
            if count > 1:
                yield f'{layer.source}: two [[{key}]] tables are named "{name}"; give each a name of its own'


__all__ = ["DEFAULT_PATH", "Config", "from_table", "load", "load_file"]


def load(path: Path | None = None) -> Config:
    """Read the configuration: the file given, that of ``SCANSTATION_CONFIG``, the system's, or none.

    With the file count its drop-ins and the variables of the environment.

    Raises:
        ConfigError: a file that was asked for isn't there, or a key is wrong; it names file or variable.
    """
    return read(path).right()


def load_file(path: Path) -> Config:
    """Read one configuration file alone.

    Raises:
        ConfigError: with the file, the key and what is allowed.
    """
    return put_together(path, (layers.file_layer(path),)).right()


def from_table(raw: dict[str, Any], source: str) -> Config:
    """Check a table as `load_file` does; `source` is named in errors."""
    return put_together(Path(source), (Layer("file", source, raw),)).right()
