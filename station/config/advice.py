"""What is not wrong in a configuration, but hardly meant: only what is certain."""

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
    """A sentence for each thing that should be looked at, in a configuration that is right."""
    yield from _ignored(reading.path)
    for layer in reading.layers[1:]:
        yield from _empty(layer)
    for layer in reading.layers:
        if layer.kind == "file" and _may(layer, stat.S_IWOTH):
            yield f"{layer.source}: everybody on this machine can change it; chmod o-w"
    yield from _secrets(reading)
    yield from _misspelt(variables)
    for key, path in _files_named(reading.config):
        if path and layers.is_missing(credential(path)):
            yield f"{dotted(key)} = {path!r}: there is no such file on this machine"


def _files_named(config: Config) -> Iterator[tuple[Key, str]]:
    """Keys that name what the station will read, or write into."""
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
            yield f"{each}: is not read; the name of a drop-in ends in .toml and begins with no dot"


def _empty(layer: Layer) -> Iterator[str]:
    for name, value in layer.table.items():
        if value == [] and is_rows((name,)):
            yield f"{layer.source}: {name} = [] takes nothing away: such tables are added to those before"


def _secrets(reading: Reading) -> Iterator[str]:
    for each in effective(reading):
        if each.origin is None or not has_secret(each.value, str(each.key[-1])):
            continue
        layer, key = each.origin.layer, dotted(each.key)
        if layer.kind == "variable":
            yield (
                f"{layer.source}: {key} holds a secret, and everybody on this machine can see the variables "
                "of a unit (systemctl show); name a file that holds it"
            )
        elif _may(layer, stat.S_IROTH):
            yield f"{layer.source}: {key} holds a secret that everybody on this machine can read; chmod o-r"


def _may(layer: Layer, mode: int) -> bool:
    """Whether everybody may do that with a file, and comes as far as to it."""
    path = Path(layer.source).resolve()
    try:
        modes = [each.stat().st_mode for each in path.parents]
        return bool(path.stat().st_mode & mode) and all(each & stat.S_IXOTH for each in modes)
    except OSError:
        return False


def _misspelt(variables: Mapping[str, str]) -> Iterator[str]:
    """With one underscore where two are wanted."""
    opening = layers.PREFIX.removesuffix("_")
    for name in sorted(variables):
        rest = name.removeprefix(opening).lower()
        table = next((word for word in _heads(rest) if has((word,))), "")
        if rest == name.lower() or rest.startswith("_") or not table:
            continue
        yield (
            f"{name}: is not read; two underscores stand before and after a table's name: "
            f"{layers.PREFIX}{table.upper()}{layers.BETWEEN}…"
        )


def _heads(rest: str) -> Iterator[str]:
    """The words with which a variable begins: label, then label_printer."""
    words = rest.split("_")
    return ("_".join(words[:count]) for count in range(1, len(words)))
