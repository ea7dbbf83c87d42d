"""The configuration: TOML to typed, frozen values, with errors that name the file and the key.

Every key, with its unit, default and meaning, stands in ``config.example.toml``. Every table may be left
out: the defaults here run a station with SQLite and no scanners. The file is the first of several layers, of
which later ones count more: the defaults, the file, its drop-ins (``*.toml`` in ``config.d`` beside
``config.toml``), variables of the environment. ``docs/configuration.md`` tells it to people.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from station.config import files
from station.config.layer import Layer
from station.config.model import Config
from station.config.reading import DEFAULT_PATH, put_together, read

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
    return put_together(path, (files.layer_of(path),)).right()


def from_table(raw: dict[str, Any], source: str) -> Config:
    """Check a table as `load_file` does; `source` is named in errors."""
    return put_together(Path(source), (Layer("file", source, raw),)).right()
