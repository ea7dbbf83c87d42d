"""Whose the station's files are: what root makes in its directory must not lock the service out.

SQLite does the same with the files that it makes beside a database. Anyone but root can't, and need not.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

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
