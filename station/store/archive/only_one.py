"""One run of the archive at a time: on a directory, and on a database that several machines share."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import text

from station.errors import StationError
from station.host.ownership import give_to_owner_of_directory
from station.store.database import is_sqlite, plain_errors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

_CLAIM = text("SELECT pg_try_advisory_lock(hashtext('scanstation'), hashtext('db archive'))")
_FREE = text("SELECT pg_advisory_unlock(hashtext('scanstation'), hashtext('db archive'))")
"""No station can have that name, by which stations claim theirs."""


@contextmanager
def only_one(engine: Engine, directory: Path) -> Iterator[None]:
    """Nobody else archives within it; who ends, or is killed, frees it.

    Raises:
        StationError: somebody does.
        DatabaseError: the database can't be asked.
    """
    with _only_one_here(directory):
        if is_sqlite(engine):
            yield
            return
        with plain_errors(engine), engine.connect() as connection:
            # Who is killed frees it with the connection, which the server may notice a moment later.
            connection.detach()
            if not connection.execute(_CLAIM).scalar_one():
                raise _busy()
            connection.commit()
            try:
                yield
            finally:
                connection.execute(_FREE)


@contextmanager
def _only_one_here(directory: Path) -> Iterator[None]:
    path = directory / ".lock"
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        give_to_owner_of_directory(path)
    except OSError as error:
        raise StationError(f"{path}: can't be written: {error.strerror}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise _busy() from None
    else:
        yield
    finally:
        os.close(handle)


def _busy() -> StationError:
    return StationError("the archive is being written already; wait until that run has ended")
