"""Stations with random histories to archive, and the combined contents of database and archive."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from station.config.settings import Preferences, RuleSettings, StationSettings
from station.repository import tables
from station.repository.archive.checking import archive_findings
from station.repository.archive.files import ArchiveFiles, entry_of, lines_of
from station.repository.archive.running import Archive, Cutoff
from station.repository.checking import findings
from station.repository.database import reading
from station.repository.scan_path import SqlRepository
from station.source import stamp, uuid7
from station.worker.entries import Commanded, Scanned, StoredResponse
from station.worker.handler import RequestHandler

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy import Engine

START = datetime(2020, 1, 1, 6, tzinfo=UTC)
LEAVING = ("history", "moves", "attachments", "counts", "generated_numbers", "sessions", "posts")
"""The tables whose rows go into the archive."""

Deed = tuple[str, Any]
"""A station's next step: scan, make, open, save, close, cancel, post; or wait a number of days."""


class PastStation:
    """One station that processes single entries by its own clock."""

    def __init__(self, engine: Engine, name: str = "dock-1") -> None:
        self.now = START
        self.repository = SqlRepository(engine, name)
        self.repository.open()
        settings = RuleSettings(
            station=StationSettings(name=name),
            preferences=Preferences(
                prompt_when_not_on_document=False, negative="allow", save_incomplete="allow"
            ),
        )
        self._handler = RequestHandler(self.repository, settings, uuid7)

    def do(self, *deeds: Deed) -> None:
        for deed, what in deeds:
            if deed == "wait":
                self.now += timedelta(days=what)
                continue
            self.now += timedelta(seconds=1)
            self.repository.begin()
            self._do(deed, what)
            self.repository.commit()

    def _do(self, deed: str, what: Any) -> None:
        source = stamp(str(what), "left", self.now)
        match deed:
            case "scan":
                self._handler.handle(Scanned(source))
            case "make":
                self._command(f"generate {what}")
            case "open":
                self._command(f"open {what}")
            case "cancel":
                self._command(f"cancel-document {what}")
            case "save" | "close" | "undo":
                self._command(deed)
            case "post":
                self.repository.remember(source, StoredResponse(f"digest {what}", "response"))
            case _:
                raise AssertionError(deed)

    def _command(self, text: str) -> None:
        self._handler.handle(Commanded(stamp(text, "left", self.now)))

    def close(self) -> None:
        self.repository.close()


def days_later(days: int) -> Cutoff:
    """Return a cutoff, also for posts, this many days after the beginning."""
    at = f"{START + timedelta(days=days):%Y-%m-%dT%H:%M:%S}.000Z"
    return Cutoff(at, at)


def archive(engine: Engine, directory: Path, before: Cutoff) -> Any:
    return Archive(engine, directory, before, pause=lambda _s: None).run()


def in_database(engine: Engine) -> Counter[Any]:
    """Count the rows that may be archived."""
    with reading(engine) as connection:
        return Counter(
            _row(name, row)
            for name in LEAVING
            for row in connection.execute(select(tables.metadata.tables[name])).mappings()
        )


def in_archive(directory: Path) -> Counter[Any]:
    return Counter(
        _row(name, row)
        for path in ArchiveFiles(directory).months()
        for line in lines_of(path)
        for name in LEAVING
        for row in getattr(entry_of(line, path), name)
    )


def _row(name: str, row: Any) -> tuple[Any, ...]:
    # In the database, an attachment follows its document's status.
    return (name, *((key, value) for key, value in sorted(row.items()) if key != "document_status"))


def assert_nothing_is_lost(engine: Engine, directory: Path, before: Counter[Any]) -> None:
    """Between runs or after a crash: each row is in the database or the archive, at most once in each."""
    here, there = in_database(engine), in_archive(directory)
    assert here | there == before
    assert set(here.values()) | set(there.values()) <= {1}
    assert all_findings(engine, directory) == []


def assert_each_row_is_in_one_place(engine: Engine, directory: Path, before: Counter[Any]) -> None:
    assert in_database(engine) + in_archive(directory) == before
    assert_nothing_is_lost(engine, directory, before)


def all_findings(engine: Engine, directory: Path) -> Sequence[str]:
    return [*findings(engine), *archive_findings(engine, directory)]
