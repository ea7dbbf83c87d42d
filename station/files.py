"""Whose the station's files are: what root makes in its directory must not lock the service out.

SQLite does the same with the files that it makes beside a database. Anyone but root can't, and need not.
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
    """A file or directory that root has just made belongs to whom the directory around it belongs to."""
    if os.geteuid() == 0:
        around = path.parent.stat()
        os.chown(path, around.st_uid, around.st_gid)


def make_for_owner_of_directory(path: Path) -> None:
    """Root makes the file, empty, if there is none: another program would leave it to root.

    Where that fails, the program that opens the file says so better.
    """
    if os.geteuid() == 0 and not path.exists():
        with suppress(OSError):
            path.touch()
            give_to_owner_of_directory(path)


def write_output(path: Path, data: bytes) -> None:
    """Write a file that a command was asked for with ``-o``; ``-`` is standard output.

    Raises:
        StationError: it can't be written; nothing of it is there then.
    """
    if str(path) == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    # What is there and no file (/dev/null, a pipe) is written to, never replaced by one.
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
