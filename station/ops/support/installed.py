"""What is installed: scanstation, what it is made of, and what it runs on."""

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

    from station.ops.support.part import Asked


def versions(asked: Asked) -> Iterator[File]:
    """Programs, the system, and every distribution beside them."""
    lines = [
        f"scanstation    {metadata.version('scanstation')}, from {Path(__file__).parents[2]}",
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


_TOLD = re.compile(
    r"^(SCANSTATION_.*|PG.*|XDG_.*|PYTHON.*|LC_.*|LANG|LANGUAGE|TZ|PATH|HOME|USER|TERM|VIRTUAL_ENV|SSL_CERT_.*"
    r"|JOURNAL_STREAM|NOTIFY_SOCKET|WATCHDOG_(USEC|PID)|INVOCATION_ID|[A-Z]+_DIRECTORY)$"
)
"""Others are nobody's business."""


def environment(asked: Asked) -> Iterator[File | Missing]:
    """Of this command and of the running station."""
    yield File(
        "environment/command.txt",
        "variables of the environment in which this bundle was made, those that count",
        _told(os.environ),
    )
    name = "environment/station.txt"
    if asked.holder is None:
        yield Missing(name, "the station does not run")
        return
    try:
        raw = (asked.machine.root / f"proc/{asked.holder.pid}/environ").read_bytes()
    except OSError as error:
        yield Missing(name, f"this user may not see it: {error.strerror}")
        return
    variables = dict(
        variable.partition("=")[::2] for variable in raw.decode(errors="backslashreplace").split("\0")
    )
    yield File(name, "the same of the running station", _told(variables))


def _told(variables: Mapping[str, str]) -> str:
    return "".join(
        f"{name}={without_secrets(value, name)}\n"
        for name, value in sorted(variables.items())
        if _TOLD.match(name)
    )


def configuration(asked: Asked) -> Iterator[File | Missing]:
    """Which files and variables count, and what comes of them."""
    reading = asked.reading
    lines = [f"{layer.kind:9}{layer.source}" for layer in reading.layers] or [
        "none: all keys have their defaults"
    ]
    lines += [f"wrong    {mistake}" for mistake in reading.mistakes]
    yield File(
        "configuration/sources.txt",
        "files and variables of the configuration, later ones count more; what is wrong in them",
        "\n".join(lines) + "\n",
    )
    if reading.mistakes:
        yield Missing("configuration/effective.json", "the configuration is wrong: sources.txt says where")
        return
    text = msgspec.json.format(msgspec.json.encode(shown(reading.config)), indent=2).decode()
    yield File("configuration/effective.json", "every key with its value, without secrets", text + "\n")
