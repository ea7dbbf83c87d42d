"""The bundle as one file: a ``tar.gz`` with a manifest, for its owner's eyes only."""

from __future__ import annotations

import io
import os
import platform
import sys
import tarfile
from contextlib import suppress
from importlib.metadata import version
from typing import TYPE_CHECKING

from station.errors import StationError
from station.i18n.messages import escape_unprintable
from station.ops.support.part import File, Missing
from station.source import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from station.ops.support.part import Asked

MANIFEST = "MANIFEST.txt"
MODE = 0o600


def default_name(asked: Asked, at: datetime) -> str:
    """``scanstation-support-dock-1-20261123T050000Z.tar.gz``."""
    return f"scanstation-support-{asked.reading.config.station.name}-{at:%Y%m%dT%H%M%SZ}.tar.gz"


def packed(found: Sequence[File | Missing], asked: Asked, at: datetime) -> bytes:
    """The archive; everything lies in one directory of its name."""
    directory = default_name(asked, at).removesuffix(".tar.gz")
    texts = {MANIFEST: manifest(found, asked, at)}
    texts |= {each.name: each.text for each in found if isinstance(each, File)}
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as archive:
        for name, text in texts.items():
            data = text.encode(errors="backslashreplace")
            entry = tarfile.TarInfo(f"{directory}/{name}")
            entry.size, entry.mode, entry.mtime = len(data), MODE, int(at.timestamp())
            archive.addfile(entry, io.BytesIO(data))
    return written.getvalue()


def manifest(found: Iterable[File | Missing], asked: Asked, at: datetime) -> str:
    """What each file is, and what could not be had."""
    found = list(found)
    lines = [
        f"scanstation {version('scanstation')} support bundle",
        f"station  {asked.reading.config.station.name}, on {platform.node()}",
        f"made     {timestamp(at)} by user {os.geteuid()}",
        f"running  {f'process {asked.holder.pid}' if asked.holder else 'no'}",
        "secrets  are left out: *** stands where one was",
        f"scans    {'are in it' if asked.with_scans else 'are left out'}",
        "",
        *_table((each.name, each.what) for each in found if isinstance(each, File)),
        "",
        "What could not be had, and why:",
        *(_table((each.name, each.why) for each in found if isinstance(each, Missing)) or ["nothing"]),
    ]
    return "".join(escape_unprintable(line) + "\n" for line in lines)


def _table(rows: Iterable[tuple[str, str]]) -> list[str]:
    listed = list(rows)
    width = max((len(name) for name, _ in listed), default=0)
    return [f"{name:{width}}  {text}" for name, text in listed]


def require_new(path: Path) -> None:
    """Make sure, before the work is done, that nothing would be overwritten.

    Raises:
        StationError: there is such a file.
    """
    if os.path.lexists(path):
        raise StationError(f"{path}: exists already; choose another name with -o")


def write(path: Path, data: bytes) -> None:
    """Write a new file that only its owner can read; whoever used sudo owns it.

    Raises:
        StationError: it is there already, or can't be written; nothing of it is there then.
    """
    if str(path) == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    try:
        made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE)
    except OSError as error:
        # Also of a file that somebody else made meanwhile.
        raise StationError(f"{path}: can't be written: {error.strerror}; choose another with -o") from error
    try:
        with os.fdopen(made, "wb") as file:
            os.fchmod(made, MODE)
            _give_to_caller(made)
            file.write(data)
    except OSError as error:
        with suppress(OSError):
            path.unlink()
        raise StationError(f"{path}: can't be written: {error.strerror}") from error


def _give_to_caller(file: int) -> None:
    caller = os.environ.get("SUDO_UID", "")
    if os.geteuid() == 0 and caller.isdecimal():
        os.fchown(file, int(caller), -1)
