"""Running the archive: one run at a time on a directory, and on a database that machines share."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, groupby
from typing import TYPE_CHECKING

from sqlalchemy import func, select, text

from station.errors import StationError
from station.files import give_to_owner_of_directory
from station.repository.archive.choosing import (
    Due,
    bounds,
    document_entry,
    due_documents,
    old_posts,
    rows_of_no_document,
)
from station.repository.archive.files import (
    ArchiveEntry,
    ArchiveFiles,
    Pending,
    entry_of,
    line_of,
    lines_of,
    month_of,
)
from station.repository.archive.removing import remove
from station.repository.database import is_sqlite, plain_errors, reading
from station.repository.tables import archived_documents, history, posts, sessions, stations
from station.source import now, timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Engine

_CLAIM = text("SELECT pg_try_advisory_lock(hashtext('scanstation'), hashtext('db archive'))")
_FREE = text("SELECT pg_advisory_unlock(hashtext('scanstation'), hashtext('db archive'))")
"""No station name can collide with this lock: stations lock by their own name."""


@contextmanager
def only_one(engine: Engine, directory: Path) -> Iterator[None]:
    """Hold the archive's lock; it is released even if the process is killed.

    Raises:
        StationError: another run has it.
        DatabaseError: the database can't be queried.
    """
    with _only_one_here(directory):
        if is_sqlite(engine):
            yield
            return
        with plain_errors(engine), engine.connect() as connection:
            # A killed process releases it with its connection; the server may notice a moment later.
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
    return StationError("another archive run is in progress; wait until it ends")


BATCH_ROWS = 5000
"""Approximate number of rows written at once; a document is never split."""


@dataclass(frozen=True, slots=True)
class Cutoff:
    """The times before which things may be archived, as stored; empty: nothing may."""

    history: str
    """For documents that ended, and rows without a document."""
    posts: str


def cutoff(engine: Engine, history_days: int, posts_days: int) -> Cutoff:
    """Count days back from now or from the newest row, whichever is earlier; 0 days: nothing may go.

    This machine's time alone is not enough: a clock that runs years ahead would archive today's work.

    Raises:
        DatabaseError: the database can't be read.
    """
    with reading(engine) as connection:
        newest = max(
            connection.execute(select(func.max(at))).scalar_one() or ""
            for at in (history.c.at, sessions.c.opened_at, posts.c.at)
        )
    last = min(now(), datetime.fromisoformat(newest)) if newest else now()
    return Cutoff(*(timestamp(last - timedelta(days)) if days else "" for days in (history_days, posts_days)))


@dataclass(slots=True)
class Tally:
    """What was archived, or would be."""

    documents: list[Due] = field(default_factory=list)
    rows: int = 0
    """Rows of history without a document."""
    posts: int = 0
    unsent: int = 0
    """Documents and such rows that a publisher has not sent yet."""


class Archive:
    """One run over a database and its archive directory."""

    def __init__(
        self, engine: Engine, directory: Path, cutoff: Cutoff, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._engine = engine
        self._files = ArchiveFiles(directory)
        self._cutoff = cutoff
        self._pause = pause
        self._tally = Tally()

    def run(self) -> Tally:
        """Archive everything that may go.

        Raises:
            StationError: another run is in progress, or a file can't be written or is damaged.
            DatabaseError: with a sentence for people.
        """
        self._files.make_directory()
        with only_one(self._engine, self._files.directory):
            self._files.tidy()
            for pending in self._files.pending():
                self._finish(pending)
            for source in (self._documents(), self._rows(), self._posts()):
                for month, entries in groupby(source, key=lambda each: each[0]):
                    for batch in _batches(entry for _month, entry in entries):
                        self._finish(self._files.begin(month, [line_of(entry) for entry in batch]))
        return self._tally

    def rehearse(self) -> Tally:
        """Return what `run` would archive, without changing anything.

        Raises:
            DatabaseError: it can't be read.
        """
        for source in (self._documents(), self._rows(), self._posts()):
            for _each in source:
                pass
        return self._tally

    def _documents(self) -> Iterator[tuple[str, ArchiveEntry]]:
        with reading(self._engine) as connection:
            kept = bounds(connection)
        for due in due_documents(self._engine, self._cutoff.history):
            with reading(self._engine) as connection:
                entry = document_entry(connection, due.document)
            if entry is None:
                continue
            if why := kept.keeps(entry):
                self._tally.unsent += why == "unsent"
                continue
            self._tally.documents.append(due)
            yield due.month, entry

    def _rows(self) -> Iterator[tuple[str, ArchiveEntry]]:
        with reading(self._engine) as connection:
            kept = bounds(connection)
            names = connection.execute(select(stations.c.name).order_by(stations.c.name)).scalars().all()
        for entry in (entry for name in names for entry in self._rows_of(name)):
            if why := kept.keeps(entry):
                self._tally.unsent += why == "unsent"
                continue
            self._tally.rows += 1
            yield month_of(entry.history[0]["at"]), entry

    def _rows_of(self, station: str) -> Iterator[ArchiveEntry]:
        page, after = None, 0
        while page is None or page:
            with reading(self._engine) as connection:
                page = rows_of_no_document(connection, station, after, self._cutoff.history)
            yield from page
            after = page[-1].history[0]["number"] if page else after

    def _posts(self) -> Iterator[tuple[str, ArchiveEntry]]:
        page, after = None, ("", "")
        while page is None or page:
            with reading(self._engine) as connection:
                page = old_posts(connection, after, self._cutoff.posts)
            self._tally.posts += len(page)
            for entry in page:
                (post,) = entry.posts
                after = post["at"], post["id"]
                yield month_of(post["at"]), entry

    def _finish(self, pending: Pending) -> None:
        entries = self._unchanged(entry_of(line, pending.path) for line in lines_of(pending.path))
        self._files.add_to_month(pending)
        remove(self._engine, pending.month, entries, self._pause)
        self._files.end(pending)

    def _unchanged(self, entries: Iterable[ArchiveEntry]) -> list[ArchiveEntry]:
        """Return the entries whose rows are unchanged in the database, or gone from it.

        A document can differ only if an older state of the database was restored meanwhile; then it stays.
        """
        with reading(self._engine) as connection:
            return [entry for entry in entries if entry.document is None or _is_as_in(connection, entry)]


def _is_as_in(connection: Connection, entry: ArchiveEntry) -> bool:
    head = entry.document or {}
    is_marked = select(archived_documents).where(archived_documents.c.document == head["number"])
    if connection.execute(is_marked).first() is not None:
        return True
    held = document_entry(connection, head["number"])
    return held is not None and held.status == entry.status and _are_the_same(held, entry)


def _are_the_same(held: ArchiveEntry, entry: ArchiveEntry) -> bool:
    """Whether the same rows leave; rows written by an earlier version may lack columns."""
    pairs = zip(chain(*held.leaving), chain(*entry.leaving), strict=True)
    return held.weight == entry.weight and all(old.items() <= now.items() for now, old in pairs)


def _batches(entries: Iterable[ArchiveEntry]) -> Iterator[list[ArchiveEntry]]:
    batch: list[ArchiveEntry] = []
    rows = 0
    for entry in entries:
        batch.append(entry)
        rows += entry.weight
        if rows >= BATCH_ROWS:
            yield batch
            batch, rows = [], 0
    if batch:
        yield batch
