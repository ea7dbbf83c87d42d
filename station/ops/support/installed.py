"""What is installed: scanstation, its dependencies, and the system."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
import sys
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from station.config.rendering import shown, without_secrets
from station.ops.support.part import File, Missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from station.ops.support.part import BundleRequest


def versions(request: BundleRequest) -> Iterator[File]:
    """Versions of the program, the system, and every distribution."""
    lines = [
        f"scanstation    {metadata.version('scanstation')}, from {Path(__file__).parents[2]}",
        f"Python         {platform.python_implementation()} {sys.version.replace(chr(10), ' ')}",
        f"executable     {sys.executable}",
        f"system         {_os_name(request.machine.root)}",
        f"kernel         {platform.release()} {platform.version()} {platform.machine()}",
        f"C library      {' '.join(platform.libc_ver())}",
        f"SQLite         {sqlite3.sqlite_version}",
        f"libpq          {_libpq()}",
    ]
    yield File(
        "versions.txt", "versions of scanstation, Python, the system and the database drivers", _joined(lines)
    )
    yield File(
        "distributions.txt", "every installed Python distribution, with its version", _joined(_installed())
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


_RELEVANT = re.compile(
    r"^(SCANSTATION_.*|PG.*|XDG_.*|PYTHON.*|LC_.*|LANG|LANGUAGE|TZ|PATH|HOME|USER|TERM|VIRTUAL_ENV|SSL_CERT_.*"
    r"|JOURNAL_STREAM|NOTIFY_SOCKET|WATCHDOG_(USEC|PID)|INVOCATION_ID|[A-Z]+_DIRECTORY)$"
)
"""The relevant variables; others may be private."""


def environment(request: BundleRequest) -> Iterator[File | Missing]:
    """The environment of this command and of the running station."""
    yield File(
        "environment/command.txt",
        "relevant environment variables of the command that created this bundle",
        _relevant(os.environ),
    )
    name = "environment/station.txt"
    if request.holder is None:
        yield Missing(name, "the station is not running")
        return
    try:
        raw = (request.machine.root / f"proc/{request.holder.pid}/environ").read_bytes()
    except OSError as error:
        yield Missing(name, f"this user may not see it: {error.strerror}")
        return
    variables = dict(
        variable.partition("=")[::2] for variable in raw.decode(errors="backslashreplace").split("\0")
    )
    yield File(name, "the same for the running station", _relevant(variables))


def _relevant(variables: Mapping[str, str]) -> str:
    return "".join(
        f"{name}={without_secrets(value, name)}\n"
        for name, value in sorted(variables.items())
        if _RELEVANT.match(name)
    )


def configuration(request: BundleRequest) -> Iterator[File | Missing]:
    """The files and variables of the configuration, and the resulting values."""
    reading = request.reading
    lines = [f"{layer.kind:9}{layer.source}" for layer in reading.layers] or [
        "none: all keys have their defaults"
    ]
    lines += [f"wrong    {mistake}" for mistake in reading.mistakes]
    yield File(
        "configuration/sources.txt",
        "files and variables of the configuration, later ones override earlier ones; and their errors",
        "\n".join(lines) + "\n",
    )
    if reading.mistakes:
        yield Missing("configuration/effective.json", "the configuration is wrong: see sources.txt")
        return
    text = msgspec.json.format(msgspec.json.encode(shown(reading.config)), indent=2).decode()
    yield File("configuration/effective.json", "every key with its value, without secrets", text + "\n")
