"""Files of the configuration: the one that is named, and its drop-ins."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from station.config.layer import Layer
from station.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

SUFFIX = ".toml"


def layer_of(path: Path) -> Layer:
    """What one file says.

    Raises:
        ConfigError: it can't be read, or is no TOML.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
        return Layer("file", str(path), tomllib.loads(text), text)
    except OSError as error:
        raise ConfigError(f"{path}: can't be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: is no TOML: {error}") from error


def is_missing(path: Path) -> bool:
    """Whether there is no such file. One that can't be looked at may be there."""
    try:
        path.stat()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


def drop_in_directory(path: Path) -> Path | None:
    """Where the drop-ins of a file are: ``left.d`` for ``left.toml``; None: it can have none."""
    return path.with_suffix(".d") if path.suffix == SUFFIX else None


def is_drop_in(name: str) -> bool:
    """Whether a file of that directory counts, by its name."""
    return name.endswith(SUFFIX) and not name.startswith(".")


def drop_ins(path: Path) -> list[Path]:
    """The drop-ins of a file, in the order of their names.

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
