"""Free space, and what lies in the state directory."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING

from station.errors import ConfigError
from station.support.part import File

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.support.part import Asked

ENTRIES = 500
"""Of the state directory; more of them tell nothing new."""


def space(asked: Asked) -> Iterator[File]:
    """Of every file system that the station writes to."""
    places = [Path("/"), Path("/tmp"), Path.cwd()]  # noqa: S108 - nothing is put there
    try:
        state = asked.config().state_directory()
    except ConfigError:
        state = None
    if state is not None:
        places.insert(0, state)
    lines = [*map(_free, dict.fromkeys(places)), ""]
    if state is not None:
        lines += [f"in {state}", *_inside(state)]
    yield File("space.txt", "free space, and the files in the state directory", "\n".join(lines) + "\n")


def _free(path: Path) -> str:
    try:
        found = os.statvfs(path)
    except OSError as error:
        return f"{path}: {error.strerror}"
    free, whole = found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize
    return (
        f"{path}: {free // 2**20:,} of {whole // 2**20:,} MiB free, "
        f"{found.f_favail:,} of {found.f_files:,} inodes"
        + (", read-only" if found.f_flag & os.ST_RDONLY else "")
    )


def _inside(directory: Path) -> Iterator[str]:
    for count, path in enumerate(sorted(directory.rglob("*"))):
        if count == ENTRIES:
            yield "…"
            return
        try:
            found = path.lstat()
        except OSError as error:
            yield f"{path}: {error.strerror}"
            continue
        changed = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(found.st_mtime))
        owner = f"{found.st_uid}:{found.st_gid}"
        name = path.relative_to(directory)
        yield f"{stat.filemode(found.st_mode)} {owner:>11} {found.st_size:>14,} {changed} {name}"
