"""Locks between processes: one builds, the others wait; what somebody uses is not removed."""

from __future__ import annotations

import fcntl
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file alone; a process that dies lets go of it."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def in_use(directory: Path) -> Iterator[None]:
    """Keep a cached directory from being removed."""
    with (directory / "in-use").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


def remove_unused(directories: Iterable[Path]) -> None:
    """Remove those cached directories that no process uses."""
    for directory in directories:
        with (directory / "in-use").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            shutil.rmtree(directory)
