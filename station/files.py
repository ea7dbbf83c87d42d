"""Ownership of the station's files: files that root creates in its directory must not lock the service out.

SQLite does the same with the files that it creates beside a database. Only root can do this, and only root
needs to.
"""

from __future__ import annotations

import contextlib
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from station.errors import StationError

if TYPE_CHECKING:
    from pathlib import Path


def give_to_owner_of_directory(path: Path) -> None:
    """Give a file or directory that root has just created to the owner of its parent directory."""
    if os.geteuid() == 0:
        parent = path.parent.stat()
        os.chown(path, parent.st_uid, parent.st_gid)


def make_for_owner_of_directory(path: Path) -> None:
    """As root, create a missing file, empty, before another program creates it as root's.

    A failure is ignored: the program that opens the file reports it better.
    """
    if os.geteuid() == 0 and not path.exists():
        with suppress(OSError):
            path.touch()
            give_to_owner_of_directory(path)


def write_output(path: Path, data: bytes) -> None:
    """Write the output file of a command's ``-o``; ``-`` is standard output.

    Raises:
        StationError: it can't be written; then no part of it is left.
    """
    if str(path) == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    # Something else than a file (/dev/null, a pipe) is written to, never replaced by a file.
    is_special = path.exists() and not path.is_file()
    unfinished = path if is_special else path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        unfinished.write_bytes(data)
        unfinished.replace(path)
    except OSError as error:
        if not is_special:
            with contextlib.suppress(OSError):
                unfinished.unlink()
        raise StationError(f"{path}: can't be written: {error.strerror}") from error
