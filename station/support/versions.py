"""What is installed: scanstation, what it is made of, and what it runs on."""

from __future__ import annotations

import platform
import re
import sqlite3
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from station.support.part import File

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.support.part import Asked


def versions(asked: Asked) -> Iterator[File]:
    """Programs, the system, and every distribution beside them."""
    lines = [
        f"scanstation    {metadata.version('scanstation')}, from {Path(__file__).parent.parent}",
        f"Python         {platform.python_implementation()} {sys.version.replace(chr(10), ' ')}",
        f"executable     {sys.executable}",
        f"system         {_os_name(asked.machine.root)}",
        f"kernel         {platform.release()} {platform.version()} {platform.machine()}",
        f"C library      {' '.join(platform.libc_ver())}",
        f"SQLite         {sqlite3.sqlite_version}",
        f"libpq          {_libpq()}",
    ]
    yield File(
        "versions.txt", "of scanstation, Python, the system and the databases' drivers", _joined(lines)
    )
    yield File(
        "distributions.txt", "every Python distribution beside it, with its version", _joined(_installed())
    )


def _joined(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


def _os_name(root: Path) -> str:
    try:
        text = (root / "etc/os-release").read_text()
    except OSError as error:
        return f"/etc/os-release can't be read: {error.strerror}"
    found = re.search(r'^PRETTY_NAME="?([^"\n]*)', text, re.MULTILINE)
    return found[1] if found else "unnamed"


def _libpq() -> str:
    try:
        from psycopg import __version__, pq  # noqa: PLC0415 - an extra
    except ImportError as error:
        return f"none: {error}"
    return f"{pq.version()}, by psycopg {__version__} ({pq.__impl__})"


def _installed() -> list[str]:
    return sorted(f"{each.name}=={each.version}" for each in metadata.distributions())
