"""One line of the archive: a document whole, or what belongs to none."""

from __future__ import annotations

import gzip
import os
import re
import zlib
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import msgspec

from station.errors import StationError
from station.files import give_to_owner_of_directory
from station.history import HistoryRow
from station.repository.history_fields import FIELDS, since
from station.repository.schema import NEWEST, newer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from station.config.schema import Config

Row = dict[str, Any]
"""A row of a table, by column."""

SINCE = since(HistoryRow)
"""The version that first has a field of history: what is older has rows without it."""
_OF_HISTORY = ("number", *FIELDS)
_OF_A_MOVE = ("station", "number", "at", "event", "item", "from_area", "to_area")
"""Columns that every row of the archive must have."""


class _Version(msgspec.Struct, frozen=True):
    """What each version's lines have."""

    schema: Annotated[str, msgspec.Meta(pattern="^[0-9]{4}$")]


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A document with all its rows, each field's as the table of that name has them.

    Without a document: one row of history that belongs to none, or one post.
    """

    schema: str
    """The version of the database that the rows are of."""
    document: Row | None = None
    lines: tuple[Row, ...] = ()
    attachments: tuple[Row, ...] = ()
    generated_numbers: tuple[Row, ...] = ()
    history: tuple[Row, ...] = ()
    moves: tuple[Row, ...] = ()
    sessions: tuple[Row, ...] = ()
    posts: tuple[Row, ...] = ()

    @property
    def leaving(self) -> tuple[tuple[Row, ...], ...]:
        """The rows that leave the database: a document itself and its lines stay."""
        return (
            self.attachments,
            self.generated_numbers,
            self.history,
            self.moves,
            self.sessions,
            self.posts,
        )

    @property
    def weight(self) -> int:
        """How many leave."""
        return sum(map(len, self.leaving))

    @property
    def status(self) -> object:
        """The document's."""
        return self.document["status"] if self.document else None


_version_decoder = msgspec.json.Decoder(_Version)
_decoder = msgspec.json.Decoder(Entry)
_encoder = msgspec.json.Encoder()


def line_of(entry: Entry) -> bytes:
    """The entry as a line of JSON."""
    return _encoder.encode(entry) + b"\n"


def entry_of(line: bytes, path: Path) -> Entry:
    """The entry of a line of a file; fields of history that came after it was written are empty.

    Raises:
        StationError: the line is none of an archive, or of a newer version.
    """
    try:
        schema = _version_decoder.decode(line).schema
        if schema <= NEWEST:
            entry = _decoder.decode(line)
            later = {name: None for name, came in SINCE.items() if came > schema}
            history = tuple(later | row for row in entry.history)
            _require(_OF_HISTORY, history)
            _require(_OF_A_MOVE, entry.moves)
            return msgspec.structs.replace(entry, history=history)
    except (msgspec.DecodeError, KeyError) as error:
        raise StationError(
            f"{path}: holds a line that is none of an archive ({error}); put a copy in its place"
        ) from error
    raise StationError(newer(path, schema))


def _require(columns: Iterable[str], rows: Iterable[Row]) -> None:
    for row in rows:
        if missing := [name for name in columns if name not in row]:
            raise KeyError(missing[0])


def month_of(at: str) -> str:
    """The month of a time as tables have it: ``2024-11``."""
    return at[:7]


_SUFFIX = ".jsonl.gz"
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_PENDING = re.compile(rf"pending-({_MONTH.pattern}){re.escape(_SUFFIX)}")
_OF_A_MONTH = re.compile(rf"{_MONTH.pattern}{re.escape(_SUFFIX)}")


def archive_directory(config: Config) -> Path:
    """Where a station's archive is."""
    return config.state_directory() / "archive"


class Pending(NamedTuple):
    """What is being archived."""

    path: Path
    month: str


class ArchiveFiles:
    """The archive's directory."""

    def __init__(self, directory: Path) -> None:
        """It need not be there yet."""
        self.directory = directory

    def make_directory(self) -> None:
        """Make sure that it is there.

        Raises:
            StationError: it can't be made.
        """
        if self.directory.is_dir():
            return
        try:
            self.directory.mkdir(parents=True, mode=0o750)
            give_to_owner_of_directory(self.directory)
        except OSError as error:
            raise StationError(
                f"{self.directory}: can't be made for the archive: {error.strerror}"
            ) from error

    def tidy(self) -> None:
        """Remove what a run that was killed has left half written; the database has all of it."""
        for path in self.directory.glob(f".*{_SUFFIX}.part"):
            path.unlink()

    def months(self) -> list[Path]:
        """The files of the months, oldest first."""
        return [path for path in self._paths() if _OF_A_MONTH.fullmatch(path.name)]

    def pending(self) -> list[Pending]:
        """What a run before this one did not finish."""
        matches = [(path, _PENDING.fullmatch(path.name)) for path in self._paths()]
        return [Pending(path, match[1]) for path, match in matches if match]

    def all(self) -> list[Path]:
        """The files of the months, and what is on its way into them."""
        return [*self.months(), *(each.path for each in self.pending())]

    def _paths(self) -> list[Path]:
        return sorted(self.directory.iterdir()) if self.directory.is_dir() else []

    def begin(self, month: str, lines: list[bytes]) -> Pending:
        """Write lines down, durably; they are read back before this returns.

        Raises:
            StationError: they can't be written.
        """
        pending = Pending(self.directory / f"pending-{month}{_SUFFIX}", month)
        text = b"".join(lines)
        self._write(pending.path, gzip.compress(text, mtime=0))
        if read_text(pending.path) != text:
            raise StationError(f"{pending.path}: was read back otherwise than it was written; check the disk")
        return pending

    def add_to_month(self, pending: Pending) -> None:
        """Add what is pending to its month's file, unless that was done already.

        Raises:
            StationError: the file is damaged, or can't be written.
        """
        path = self.directory / f"{pending.month}{_SUFFIX}"
        new = pending.path.read_bytes()
        old = b""
        if path.exists():
            read_text(path)
            old = path.read_bytes()
        if not old.endswith(new):
            self._write(path, old + new)

    def end(self, pending: Pending) -> None:
        """The database has it no longer."""
        pending.path.unlink()
        self._sync_directory()

    def _write(self, path: Path, data: bytes) -> None:
        part = path.with_name(f".{path.name}.part")
        try:
            with part.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            if part.read_bytes() != data:
                raise StationError(f"{part}: was read back otherwise than it was written; check the disk")
            give_to_owner_of_directory(part)
            part.rename(path)
            self._sync_directory()
        except OSError as error:
            raise StationError(
                f"{path}: can't be written: {error.strerror}; nothing was taken out of the database"
            ) from error
        finally:
            part.unlink(missing_ok=True)

    def _sync_directory(self) -> None:
        handle = os.open(self.directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def read_text(path: Path) -> bytes:
    """What a file holds, checked by its checksums.

    Raises:
        StationError: it is damaged, or can't be read.
    """
    try:
        data = path.read_bytes()
        # No bytes at all are no gzip file, but the library takes them for one.
        return gzip.decompress(data or b"?")
    except (zlib.error, EOFError, gzip.BadGzipFile) as error:
        raise StationError(f"{path}: is damaged ({error}); put a copy of it in its place") from error
    except OSError as error:
        raise StationError(f"{path}: can't be read: {error.strerror}") from error


def lines_of(path: Path) -> Iterator[bytes]:
    """The lines of a file.

    Raises:
        StationError: it is damaged, or can't be read.
    """
    return iter(read_text(path).splitlines(keepends=True))
