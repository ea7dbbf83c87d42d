"""Files that a command makes: whole, or not there."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING

from station.errors import StationError

if TYPE_CHECKING:
    from pathlib import Path


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
