"""One process per station: a lock on a file in the state directory, which also contains its address."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Self

import msgspec

from station.errors import StationError, StationInUseError
from station.files import give_to_owner_of_directory

if TYPE_CHECKING:
    from pathlib import Path

TRIES = 10
PAUSE_S = 0.02


class Holder(msgspec.Struct):
    """The process that runs a station."""

    pid: int
    url: str = ""
    """Where it serves its display; empty: it has none."""


_holder = msgspec.json.Decoder(Holder)


class StationLock:
    """Held while a process runs the station; the kernel releases it however the process ends."""

    def __init__(self, directory: Path, station: str) -> None:
        self._path = directory / f"{station}.lock"
        self._station = station
        self._fd = -1

    def __enter__(self) -> Self:
        """Take the lock.

        Raises:
            StationInUseError: another process has it.
            StationError: the state directory can't be written.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            give_to_owner_of_directory(self._path)
        except OSError as error:
            raise StationError(
                f"{self._path}: can't be written: {error.strerror}; set station.state_directory "
                "to a directory this user may write",
            ) from error
        if not self._taken():
            os.close(self._fd)
            held = holder(self._path.parent, self._station)
            who = f"process {held.pid}" if held else "another process"
            raise StationInUseError(
                f'station "{self._station}" is run by {who} already; stop that one first, '
                "or give this one its own name in station.name",
            )
        self.write_holder()
        return self

    def _taken(self) -> bool:
        """Take the lock; retries, because `holder` has it for a moment."""
        for _try in range(TRIES):
            try:
                fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(PAUSE_S)
            else:
                return True
        return False

    def __exit__(self, *_error: object) -> None:
        os.close(self._fd)

    def write_holder(self, url: str = "") -> None:
        """Write the process and its address into the file."""
        data = msgspec.json.encode(Holder(os.getpid(), url))
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, data, 0)


def holder(directory: Path, station: str) -> Holder | None:
    """The process that runs the station now; None: no process."""
    path = directory / f"{station}.lock"
    with suppress(OSError, msgspec.DecodeError), path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _holder.decode(file.read())
    return None
