"""Advice on a valid configuration: settings that are certainly not intended."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING

from station.config import layers
from station.config.checks import SECRET_FILES
from station.config.credentials import credential
from station.config.merging import effective
from station.config.rendering import has_secret
from station.config.schema import dotted, has, is_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from station.config.layers import Layer
    from station.config.loading import Reading
    from station.config.schema import Config, Key


def advice(reading: Reading, variables: Mapping[str, str]) -> Iterator[str]:
    """One sentence for each setting of a valid configuration that should be reviewed."""
    yield from _ignored(reading.path)
    for layer in reading.layers[1:]:
        yield from _empty(layer)
    for layer in reading.layers:
        if layer.kind == "file" and _everyone_may(layer, stat.S_IWOTH):
            yield f"{layer.source}: everyone on this machine can change it; chmod o-w"
    yield from _secrets(reading)
    yield from _misspelt(variables)
    for key, path in _files_named(reading.config):
        if path and layers.is_missing(credential(path)):
            yield f"{dotted(key)} = {path!r}: no such file on this machine"


def _files_named(config: Config) -> Iterator[tuple[Key, str]]:
    """Keys that name files that the station reads, or directories that it writes to."""
    yield ("database", "password_file"), config.database.password_file
    yield ("display", "certificate"), config.display.certificate
    yield ("display", "key"), config.display.key
    yield ("label_printer", "directory"), config.label_printer.directory
    for place, publisher in enumerate(config.publish):
        for name in ("ca_file", *SECRET_FILES):
            yield ("publish", place, name), getattr(publisher, name)


def _ignored(path: Path) -> Iterator[str]:
    directory = layers.drop_in_directory(path)
    if directory is None or not directory.is_dir():
        return
    for each in sorted(directory.iterdir()):
        is_noise = each.name.startswith(".") and not each.name.endswith(layers.SUFFIX)
        if not layers.is_drop_in(each.name) and not is_noise:
            yield f"{each}: is ignored; the name of a drop-in must end in .toml and not begin with a dot"


def _empty(layer: Layer) -> Iterator[str]:
    for name, value in layer.table.items():
        if value == [] and is_rows((name,)):
            yield f"{layer.source}: {name} = [] removes nothing: such tables are added to earlier ones"


def _secrets(reading: Reading) -> Iterator[str]:
    for each in effective(reading):
        if each.origin is None or not has_secret(each.value, str(each.key[-1])):
            continue
        layer, key = each.origin.layer, dotted(each.key)
        if layer.kind == "variable":
            yield (
                f"{layer.source}: {key} holds a secret, and everyone on this machine can see the variables "
                "of a unit (systemctl show); name a file that holds it"
            )
        elif _everyone_may(layer, stat.S_IROTH):
            yield f"{layer.source}: {key} holds a secret that everyone on this machine can read; chmod o-r"


def _everyone_may(layer: Layer, mode: int) -> bool:
    """Whether everyone has this permission for a file and can reach it."""
    path = Path(layer.source).resolve()
    try:
        modes = [each.stat().st_mode for each in path.parents]
        return bool(path.stat().st_mode & mode) and all(each & stat.S_IXOTH for each in modes)
    except OSError:
        return False


def _misspelt(variables: Mapping[str, str]) -> Iterator[str]:
    """Variables with one underscore instead of two."""
    opening = layers.PREFIX.removesuffix("_")
    for name in sorted(variables):
        rest = name.removeprefix(opening).lower()
        table = next((word for word in _heads(rest) if has((word,))), "")
        if rest == name.lower() or rest.startswith("_") or not table:
            continue
        yield (
            f"{name}: is ignored; put two underscores before and after the table's name: "
            f"{layers.PREFIX}{table.upper()}{layers.BETWEEN}…"
        )


def _heads(rest: str) -> Iterator[str]:
    """The possible beginnings of a variable: label, then label_printer."""
    words = rest.split("_")
    return ("_".join(words[:count]) for count in range(1, len(words)))
