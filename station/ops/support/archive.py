"""The bundle as one file: a ``tar.gz`` with a manifest, readable only by its owner."""

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

    from station.ops.support.part import BundleRequest

MANIFEST = "MANIFEST.txt"
MODE = 0o600


def default_name(request: BundleRequest, at: datetime) -> str:
    """``scanstation-support-dock-1-20261123T050000Z.tar.gz``."""
    return f"scanstation-support-{request.reading.config.station.name}-{at:%Y%m%dT%H%M%SZ}.tar.gz"


def packed(found: Sequence[File | Missing], request: BundleRequest, at: datetime) -> bytes:
    """The archive; everything is in one directory with its name."""
    directory = default_name(request, at).removesuffix(".tar.gz")
    texts = {MANIFEST: manifest(found, request, at)}
    texts |= {each.name: each.text for each in found if isinstance(each, File)}
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as archive:
        for name, text in texts.items():
            data = text.encode(errors="backslashreplace")
            entry = tarfile.TarInfo(f"{directory}/{name}")
            entry.size, entry.mode, entry.mtime = len(data), MODE, int(at.timestamp())
            archive.addfile(entry, io.BytesIO(data))
    return written.getvalue()


def manifest(found: Iterable[File | Missing], request: BundleRequest, at: datetime) -> str:
    """What each file is, and what is missing."""
    found = list(found)
    lines = [
        f"scanstation {version('scanstation')} support bundle",
        f"station  {request.reading.config.station.name}, on {platform.node()}",
        f"created  {timestamp(at)} by user {os.geteuid()}",
        f"running  {f'process {request.holder.pid}' if request.holder else 'no'}",
        "secrets  are replaced with ***",
        f"scans    {'are included' if request.with_scans else 'are left out'}",
        "",
        *_table((each.name, each.what) for each in found if isinstance(each, File)),
        "",
        "Missing, and why:",
        *(_table((each.name, each.why) for each in found if isinstance(each, Missing)) or ["nothing"]),
    ]
    return "".join(escape_unprintable(line) + "\n" for line in lines)


def _table(rows: Iterable[tuple[str, str]]) -> list[str]:
    listed = list(rows)
    width = max((len(name) for name, _ in listed), default=0)
    return [f"{name:{width}}  {text}" for name, text in listed]


def require_new(path: Path) -> None:
    """Make sure, before collecting, that nothing will be overwritten.

    Raises:
        StationError: the file exists.
    """
    if os.path.lexists(path):
        raise StationError(f"{path}: already exists; choose another name with -o")


def write(path: Path, data: bytes) -> None:
    """Write a new file that only its owner can read: the user who called sudo, if any.

    Raises:
        StationError: it already exists or can't be written; no partial file remains.
    """
    if str(path) == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE)
    except OSError as error:
        # Also if another program has created the file in the meantime.
        raise StationError(f"{path}: can't be written: {error.strerror}; choose another with -o") from error
    try:
        with os.fdopen(fd, "wb") as file:
            os.fchmod(fd, MODE)
            _give_to_caller(fd)
            file.write(data)
    except OSError as error:
        with suppress(OSError):
            path.unlink()
        raise StationError(f"{path}: can't be written: {error.strerror}") from error


def _give_to_caller(file: int) -> None:
    caller = os.environ.get("SUDO_UID", "")
    if os.geteuid() == 0 and caller.isdecimal():
        os.fchown(file, int(caller), -1)
