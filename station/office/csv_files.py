"""Reads one CSV file (RFC 4180, UTF-8): header and rows, checked cell by cell, with line numbers."""

from __future__ import annotations

import csv
from typing import IO, TYPE_CHECKING, NoReturn

from station.errors import ImportFailedError
from station.i18n.messages import escape_unprintable
from station.office.columns import BadValueError, CellValue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from station.office.columns import ColumnFormat, FileFormat

MAX_LINE_BYTES = 65_536
"""The longest valid row has a few thousand bytes; the limit keeps a file without line ends out of memory."""

_BOM = b"\xef\xbb\xbf"
_SHOWN = 60
"""The most characters of a wrong value in a message."""


class CsvFile:
    """One file: the header is read at once, the rows on demand.

    Raises:
        ImportFailedError: on construction, or while iterating: file, line, column, value, reason, what to do.
    """

    def __init__(self, path: Path, file_format: FileFormat) -> None:
        self._path = path
        try:
            self._file: IO[bytes] = path.open("rb")
        except OSError as error:
            raise ImportFailedError(f"{path}: can't be read: {error.strerror}; check the file") from error
        # `strict`: broken quoting is an error, not a guess.
        self._reader = csv.reader(self._lines(), strict=True)
        try:
            self.columns = self._read_header(file_format)
        except ImportFailedError:
            self._file.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def done_bytes(self) -> int:
        """Return how many bytes of the file are read."""
        return self._file.tell()

    def rows(self) -> Iterator[tuple[CellValue, ...]]:
        """Yield the line at which each row starts, and its values in the order of `columns`."""
        checks = [column.check for column in self.columns]
        width = len(checks)
        while True:
            line, cells = self._next()
            if cells is None:
                return
            if len(cells) != width:
                self._refuse_width(line, cells)
            try:
                yield (line, *[check(cell) for check, cell in zip(checks, cells, strict=True)])
            except BadValueError as error:
                self._refuse_value(line, cells, error)

    def _next(self) -> tuple[int, list[str] | None]:
        line = self._reader.line_num + 1
        try:
            return line, next(self._reader, None)
        except csv.Error as error:
            raise bad_line(self._path, line, _in_words(str(error))) from error

    def _lines(self) -> Iterator[str]:
        number = 0
        while raw := self._read_line():
            number += 1
            if len(raw) > MAX_LINE_BYTES:
                raise bad_line(
                    self._path,
                    number,
                    f"is longer than {MAX_LINE_BYTES} bytes; is this a CSV file with one row per line?",
                )
            try:
                yield raw.removeprefix(_BOM).decode() if number == 1 else raw.decode()
            except UnicodeDecodeError as error:
                raise bad_line(
                    self._path,
                    number,
                    f"is not UTF-8: byte {error.start + 1} is 0x{error.object[error.start]:02X}; "
                    "save the file as CSV UTF-8",
                ) from error

    def _read_line(self) -> bytes:
        try:
            return self._file.readline(MAX_LINE_BYTES + 1)
        except OSError as error:
            raise ImportFailedError(
                f"{self._path}: can't be read: {error.strerror}; check the file"
            ) from error

    def _read_header(self, file_format: FileFormat) -> tuple[ColumnFormat, ...]:
        _line, cells = self._next()
        wanted = ",".join(column.name for column in file_format.columns)
        if not cells:
            raise bad_line(self._path, 1, f"the header is missing; start the file with {wanted}")
        columns = []
        for cell in cells:
            column = file_format.column(cell)
            if column is None:
                commas = "; put commas between the columns" if ";" in cell or "\t" in cell else ""
                raise bad_line(
                    self._path,
                    1,
                    f"unknown column {shown(cell)}; the columns are {wanted}{commas}",
                )
            if column in columns:
                raise bad_line(self._path, 1, f"column {cell} is a duplicate; remove one")
            columns.append(column)
        for column in file_format.columns:
            if column.required and column not in columns:
                raise bad_line(self._path, 1, f"column {column.name} is missing; add it")
        return tuple(columns)

    def _refuse_width(self, line: int, cells: list[str]) -> NoReturn:
        if not cells:
            raise bad_line(self._path, line, "is empty; remove the line")
        raise bad_line(
            self._path,
            line,
            f"has {len(cells)} cells, but the header has {len(self.columns)}; "
            'correct the row, and put cells with commas in "…"',
        )

    def _refuse_value(self, line: int, cells: list[str], error: BadValueError) -> NoReturn:
        """Find the first wrong cell: the fast path doesn't know which it was."""
        column, cell = next(
            (column, cell)
            for column, cell in zip(self.columns, cells, strict=True)
            if not _passes(column, cell)
        )
        raise bad_value(self._path, line, column.name, cell, str(error)) from error


def _passes(column: ColumnFormat, cell: str) -> bool:
    try:
        column.check(cell)
    except BadValueError:
        return False
    return True


def _in_words(message: str) -> str:
    """Translate the library's error about a line into a reason, with what to do."""
    if message.startswith("new-line"):
        return "contains a carriage return inside the line; end lines with LF or CR LF"
    if message.startswith(("unexpected end", "field larger")):
        return 'a cell starts with a quote and never ends; close it, and write a quote inside a cell as ""'
    return 'a quoted cell continues after its closing quote; write a quote inside a cell as ""'


def bad_line(path: Path, line: int, reason: str) -> ImportFailedError:
    """Return the error for a line as a whole."""
    return ImportFailedError(f"{path}: line {line}: {reason}")


def bad_value(path: Path, line: int, column: str, value: str, reason: str) -> ImportFailedError:
    """Return the error for one cell."""
    return ImportFailedError(f"{path}: line {line}, column {column}: value {shown(value)}: {reason}")


def shown(value: str) -> str:
    """Return a value in quotes, cut if long, with unprintable characters escaped."""
    return f'"{escape_unprintable(value if len(value) <= _SHOWN else value[:_SHOWN] + "…")}"'
