"""The archive's files. Each line is a whole document, or a row or post without one."""

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
from station.repository.history_fields import DEFAULTS, FIELDS, since
from station.repository.schema import NEWEST, newer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from station.config.schema import Config

Row = dict[str, Any]
"""A row of a table, by column."""

SINCE = since(HistoryRow)
"""The schema version that introduced each field of history; older rows don't have it."""
_OF_HISTORY = ("number", *FIELDS)
_OF_A_MOVE = ("station", "number", "at", "event", "item", "from_area", "to_area")
"""Columns that every row of the archive must have."""

_encoder = msgspec.json.Encoder()
_SUFFIX = ".jsonl.gz"
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_PENDING = re.compile(rf"pending-({_MONTH.pattern}){re.escape(_SUFFIX)}")
_OF_A_MONTH = re.compile(rf"{_MONTH.pattern}{re.escape(_SUFFIX)}")


class _Version(msgspec.Struct, frozen=True):
    """The part that lines of every version have."""

    schema: Annotated[str, msgspec.Meta(pattern="^[0-9]{4}$")]


class ArchiveEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A document with all its rows; each field has the rows of the table of that name.

    Without a document: one row of history, or one post.
    """

    schema: str
    """The schema version of the rows."""
    document: Row | None = None
    lines: tuple[Row, ...] = ()
    receipts: tuple[Row, ...] = ()
    attachments: tuple[Row, ...] = ()
    counts: tuple[Row, ...] = ()
    generated_numbers: tuple[Row, ...] = ()
    history: tuple[Row, ...] = ()
    moves: tuple[Row, ...] = ()
    sessions: tuple[Row, ...] = ()
    posts: tuple[Row, ...] = ()

    @property
    def leaving(self) -> tuple[tuple[Row, ...], ...]:
        """The rows that leave the database: a document itself, its lines and receipts stay."""
        return (
            self.attachments,
            self.counts,
            self.generated_numbers,
            self.history,
            self.moves,
            self.sessions,
            self.posts,
        )

    @property
    def weight(self) -> int:
        """The number of rows that leave."""
        return sum(map(len, self.leaving))

    @property
    def status(self) -> object:
        """The document's status."""
        return self.document["status"] if self.document else None


_version_decoder = msgspec.json.Decoder(_Version)
_decoder = msgspec.json.Decoder(ArchiveEntry)


def line_of(entry: ArchiveEntry) -> bytes:
    """Encode an entry as a line of JSON."""
    return _encoder.encode(entry) + b"\n"


def entry_of(line: bytes, path: Path) -> ArchiveEntry:
    """Decode a line of a file; fields of history that are newer than the line are empty.

    Raises:
        StationError: the line is invalid, or was written by a newer version.
    """
    try:
        schema = _version_decoder.decode(line).schema
        if schema <= NEWEST:
            entry = _decoder.decode(line)
            later = {name: DEFAULTS.get(name) for name, came in SINCE.items() if came > schema}
            history = tuple(later | row for row in entry.history)
            _require(_OF_HISTORY, history)
            _require(_OF_A_MOVE, entry.moves)
            return msgspec.structs.replace(entry, history=history)
    except (msgspec.DecodeError, KeyError) as error:
        raise StationError(
            f"{path}: contains an invalid line ({error}); replace the file with a copy"
        ) from error
    raise StationError(newer(path, schema))


def _require(columns: Iterable[str], rows: Iterable[Row]) -> None:
    for row in rows:
        if missing := [name for name in columns if name not in row]:
            raise KeyError(missing[0])


def month_of(at: str) -> str:
    """Return the month of a stored time: ``2024-11``."""
    return at[:7]


def archive_directory(config: Config) -> Path:
    """Return the directory of a station's archive."""
    return config.state_directory() / "archive"


class Pending(NamedTuple):
    """A file that is on its way into a month's file."""

    path: Path
    month: str


class ArchiveFiles:
    """The archive's directory."""

    def __init__(self, directory: Path) -> None:
        """`directory`: need not exist yet."""
        self.directory = directory

    def make_directory(self) -> None:
        """Create the directory if it is missing.

        Raises:
            StationError: it can't be created.
        """
        if self.directory.is_dir():
            return
        try:
            self.directory.mkdir(parents=True, mode=0o750)
            give_to_owner_of_directory(self.directory)
        except OSError as error:
            raise StationError(
                f"{self.directory}: can't create the archive directory: {error.strerror}"
            ) from error

    def tidy(self) -> None:
        """Remove files that a killed run left half written; the database still has their contents."""
        for path in self.directory.glob(f".*{_SUFFIX}.part"):
            path.unlink()

    def months(self) -> list[Path]:
        """Return the files of the months, oldest first."""
        return [path for path in self._paths() if _OF_A_MONTH.fullmatch(path.name)]

    def pending(self) -> list[Pending]:
        """Return the files that an earlier run did not finish."""
        matches = [(path, _PENDING.fullmatch(path.name)) for path in self._paths()]
        return [Pending(path, match[1]) for path, match in matches if match]

    def all(self) -> list[Path]:
        """Return the files of the months and the pending ones."""
        return [*self.months(), *(each.path for each in self.pending())]

    def _paths(self) -> list[Path]:
        return sorted(self.directory.iterdir()) if self.directory.is_dir() else []

    def begin(self, month: str, lines: list[bytes]) -> Pending:
        """Write lines durably, and read them back.

        Raises:
            StationError: they can't be written.
        """
        pending = Pending(self.directory / f"pending-{month}{_SUFFIX}", month)
        text = b"".join(lines)
        self._write(pending.path, gzip.compress(text, mtime=0))
        if read_text(pending.path) != text:
            raise StationError(
                f"{pending.path}: the data read back differs from the data written; check the disk"
            )
        return pending

    def add_to_month(self, pending: Pending) -> None:
        """Append a pending file to its month's file, unless it is already there.

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
        """Delete a pending file whose rows have left the database."""
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
                raise StationError(
                    f"{part}: the data read back differs from the data written; check the disk"
                )
            give_to_owner_of_directory(part)
            part.rename(path)
            self._sync_directory()
        except OSError as error:
            raise StationError(
                f"{path}: can't be written: {error.strerror}; nothing was removed from the database"
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
    """Read a file and verify its checksums.

    Raises:
        StationError: it is damaged, or can't be read.
    """
    try:
        data = path.read_bytes()
        # The library accepts an empty file, which is not valid gzip.
        return gzip.decompress(data or b"?")
    except (zlib.error, EOFError, gzip.BadGzipFile) as error:
        raise StationError(f"{path}: is damaged ({error}); replace it with a copy") from error
    except OSError as error:
        raise StationError(f"{path}: can't be read: {error.strerror}") from error


def lines_of(path: Path) -> Iterator[bytes]:
    """Yield the lines of a file.

    Raises:
        StationError: it is damaged, or can't be read.
    """
    return iter(read_text(path).splitlines(keepends=True))
