"""Reads and merges the layers of the configuration, and reports mistakes with their layer."""

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
from station.config.layers import (
    Layer,
    drop_ins,
    environment_layer,
    file_layer,
    is_missing,
    variables,
)
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
    """A configuration with its sources."""

    path: Path
    """The main file, beside its drop-ins; it may be missing unless it was requested."""
    layers: tuple[Layer, ...]
    """What was read; later layers override earlier ones."""
    tree: Branch | None
    """All layers merged; None: nothing was read, or something could not be read."""
    config: Config
    """The effective configuration; the defaults if there are mistakes."""
    mistakes: tuple[str, ...]
    """One sentence for each mistake."""

    def right(self) -> Config:
        """The configuration, if it is valid.

        Raises:
            ConfigError: the first mistake.
        """
        if self.mistakes:
            raise ConfigError(self.mistakes[0])
        return self.config


def read(path: Path | None = None) -> Reading:
    """Read the configuration as `load` does, with sources and mistakes."""
    requested = path or (Path(named) if (named := os.environ.get("SCANSTATION_CONFIG")) else None)
    attempts = _Attempts()
    path = requested or DEFAULT_PATH
    paths = [] if requested is None and is_missing(path) else [path]
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
    """Continues after failures and collects their messages."""

    def __init__(self) -> None:
        self.mistakes: list[str] = []

    def result(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        try:
            return function(*args, **kwargs)
        except ConfigError as error:
            self.mistakes.append(str(error))
            return None


def put_together(path: Path, layers: tuple[Layer, ...]) -> Reading:
    """Merge layers and check the result."""
    if not layers:
        return Reading(path, (), None, Config(), ())
    tree = reduce(merged, map(grown, layers))
    config, mistakes = _converted(tree)
    mistakes += [each for layer in layers for each in _same_names(layer)]
    if not mistakes:
        mistakes = [sentence(tree, each) for each in mistakes_in(config)]
    return Reading(path, layers, tree, Config() if mistakes else config, tuple(mistakes))


def _converted(tree: Branch) -> tuple[Config, list[str]]:
    """The typed values; wrong ones are reported and removed until the rest is valid."""
    mistakes: list[str] = []
    left: Branch | None = tree
    while left is not None:
        raw = plain(left)
        try:
            return msgspec.convert(raw, Config), mistakes  # noqa: TID251 - the first call is in a single thread
        except msgspec.ValidationError as error:
            wrong = mistake(error, raw)
        mistakes.append(sentence(left, wrong))
        left = pruned(left, wrong.key[:-1] if is_required(wrong.key) else wrong.key)
    return Config(), mistakes


def _same_names(layer: Layer) -> Iterator[str]:
    """Names must be unique within a layer; a table of another layer with the same name is merged."""
    for key, rows in layer.table.items():
        if not isinstance(rows, list) or not has_names((key,)):
            continue
        counts = Counter(
            name for row in rows if isinstance(row, dict) and isinstance(name := row.get("name"), str)
        )
        for name, count in counts.items():
            if count > 1:
                yield f'{layer.source}: two [[{key}]] tables are named "{name}"; give each a name of its own'


def load(path: Path | None = None) -> Config:
    """Read the configuration: from `path`, the file in ``SCANSTATION_CONFIG``, the system's, or none.

    Drop-ins of the file and environment variables are included.

    Raises:
        ConfigError: a requested file is missing, or a key is wrong; the text names the file or variable.
    """
    return read(path).right()


def load_file(path: Path) -> Config:
    """Read a single configuration file.

    Raises:
        ConfigError: it is wrong; the text names the file, the key and what is allowed.
    """
    return put_together(path, (layers.file_layer(path),)).right()


def from_table(raw: dict[str, Any], source: str) -> Config:
    """Check a table as `load_file` does; errors name `source`."""
    return put_together(Path(source), (Layer("file", source, raw),)).right()
