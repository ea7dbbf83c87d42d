r"""Recordings of scanners (``*.rec.jsonl``): a header, then one line per read.

::

    {"recording": 1, "driver": "serial", "scanner": "Honeywell 1902", "options": {"terminator": "\r"}}
    {"t": 0.0, "bytes": "534e2d310d"}

``t`` is in seconds since the start and never decreases; `recording_lines` describes the rest of a line.
"""

from __future__ import annotations

import math
import re
from datetime import datetime
from typing import IO, TYPE_CHECKING, Annotated, Self, TypeVar

import msgspec

from drivers import DRIVERS, KEYS_OF_DRIVERS, decoder_for
from drivers import options as option
from drivers.base import DeviceOptionError, RecordingError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from drivers.base import Chunk
    from drivers.recording_lines import RecordingLine

SUFFIX = ".rec.jsonl"
MAX_LINE_BYTES = 1 << 20
"""Bounds the memory for a line; no chunk is that big."""

_VERSION = 1
_AIM = ("auto", "always", "never")
_ENCODINGS = ("utf-8", "ascii", "iso-8859-1", "iso-8859-15", "windows-1252", "shift_jis")
_OPTIONS = frozenset(
    {
        *("name", "driver", "terminator", "frame_timeout_ms", "max_length", "aim", "gs1", "house_format"),
        *KEYS_OF_DRIVERS,
        *(key for driver in DRIVERS.values() for key in driver.learns),
    }
)
"""All drivers' keys in the configuration."""


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """What was recorded."""

    recording: int
    """Version of the format."""
    driver: str
    scanner: str = ""
    """The scanner's name for people; if the file has none, the file's name."""
    recorded_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    options: dict[str, object] = {}
    """The scanner's settings that decoding depends on."""
    notes: str = ""


_TYPES = {
    "int": "a whole number",
    "float": "a number",
    "str": "a string",
    "bool": "a boolean",
    "object": "an object",
    "array": "a list",
}
"""JSON's types as msgspec and people call them."""

_T = TypeVar("_T")

_header_decoder = msgspec.json.Decoder(Header)
_line_decoders = {name: msgspec.json.Decoder(driver.line) for name, driver in DRIVERS.items()}


def check(path: Path) -> Header:
    """Read a whole recording, keeping nothing, to make sure that it is valid before its first scan is booked.

    Raises:
        RecordingError: names the file, the line and what is wrong.
    """
    with RecordingReader(path) as reader:
        for _chunk in reader:
            pass
        return reader.header


class RecordingReader:
    """The chunks of a recording, read line by line.

    Raises:
        RecordingError: on construction, or while iterating: the file, the line and what is wrong.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._line_number = 0
        try:
            self._file: IO[bytes] = path.open("rb")
        except OSError as error:
            raise RecordingError(f"{path}: can't be read: {error.strerror}") from error
        try:
            self.header = self._read_header()
        except RecordingError:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __iter__(self) -> Iterator[Chunk]:
        last_t = 0.0
        driver = self.header.driver
        what = f"a line of driver {driver}"
        while raw := self._read_line():
            line: RecordingLine = self._decode(_line_decoders[driver], raw, what)
            try:
                chunk = line.chunk()
            except ValueError as error:
                raise self._bad(str(error)) from error
            if line.t < 0 or not math.isfinite(line.t):
                raise self._bad(f"t = {line.t}: must be seconds since the start")
            if line.t < last_t:
                raise self._bad(f"t = {line.t}: is before the line above, {last_t}")
            last_t = line.t
            yield chunk

    def _read_header(self) -> Header:
        raw = self._read_line()
        if not raw:
            self._line_number = 1
            raise self._bad('the file is empty; a recording begins with a header, {"recording": 1, …}')
        header: Header = self._decode(_header_decoder, raw, "the header of a recording")
        if header.recording != _VERSION:
            raise self._bad(f"recording = {header.recording}: this version reads only recording = {_VERSION}")
        try:
            decoder_for(header.driver, header.options)
            _check_options(header.options)
        except DeviceOptionError as error:
            raise self._bad(str(error)) from error
        if header.scanner:
            return header
        return _named(header, self._path.name.removesuffix(SUFFIX))

    def _read_line(self) -> bytes:
        try:
            raw = self._file.readline(MAX_LINE_BYTES + 1)
        except OSError as error:
            raise RecordingError(f"{self._path}: can't be read: {error.strerror}") from error
        self._line_number += 1
        if len(raw) > MAX_LINE_BYTES:
            raise self._bad(f"is longer than {MAX_LINE_BYTES} bytes")
        return raw

    def _decode(self, decoder: msgspec.json.Decoder[_T], raw: bytes, what: str) -> _T:
        try:
            return decoder.decode(raw.decode())
        except UnicodeDecodeError as error:
            raise self._bad(f"is not UTF-8: byte {error.start + 1} is 0x{raw[error.start]:02X}") from error
        except msgspec.ValidationError as error:
            raise self._bad(f"is not {what}: {_in_words(str(error))}") from error
        except (msgspec.DecodeError, RecursionError) as error:
            raise self._bad(_no_json(raw)) from error

    def _bad(self, what: str) -> RecordingError:
        return RecordingError(f"{self._path}: line {self._line_number}: {what}")


class RecordingWriter:
    """Writes a recording; each line is written out immediately, so a kill loses at most the last one."""

    def __init__(self, path: Path, header: Header, start_t: float = 0.0) -> None:
        """Create the file and write the header.

        Args:
            path: The new file.
            header: What is recorded.
            start_t: The time of the chunks' clock at the start.

        Raises:
            RecordingError: the file exists already, or can't be written.
        """
        self._path = path
        self._line = DRIVERS[header.driver].line
        self._start_t = start_t
        try:
            self._file: IO[bytes] = path.open("xb")
        except FileExistsError as error:
            raise RecordingError(f"{path}: exists already; choose another name") from error
        except OSError as error:
            raise RecordingError(f"{path}: can't be written: {error.strerror}") from error
        self._write(header)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def append(self, chunk: Chunk) -> None:
        """Append one chunk.

        Raises:
            RecordingError: the file can't be written.
        """
        self._write(self._line.of(chunk, round(chunk.t - self._start_t, 6)))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _write(self, line: Header | RecordingLine) -> None:
        try:
            self._file.write(msgspec.json.encode(line) + b"\n")
            self._file.flush()
        except OSError as error:
            raise RecordingError(f"{self._path}: can't be written: {error.strerror}") from error


def _named(header: Header, scanner: str) -> Header:
    named: Header = msgspec.structs.replace(header, scanner=scanner)
    return named


def _check_options(options: dict[str, object]) -> None:
    for key in options:
        if key not in _OPTIONS:
            raise DeviceOptionError(f'options: unknown key "{key}"')
    option.one_of(options, "aim", "auto", _AIM)
    option.one_of(options, "encoding", "utf-8", _ENCODINGS)


def _in_words(message: str) -> str:
    """A validation message of msgspec without its notation."""
    problem, _, where = message.partition(" - at `$")
    key = where.strip("`.")
    problem = re.sub(r"Object contains unknown field (.*)", r"unknown key \1", problem)
    problem = re.sub(r"Object missing required field (.*)", r"\1 is missing", problem)
    problem = re.sub(r"`(\w+)`", lambda match: _TYPES.get(match[1], f'"{match[1]}"'), problem)
    problem = problem.replace("Expected", "must be").replace(", got", ", not")
    return f"{key}: {problem}" if key else problem


def _no_json(raw: bytes) -> str:
    if not raw.strip():
        return "is empty"
    if not raw.endswith(b"\n"):
        return "is not valid JSON: the last line is truncated"
    return "is not valid JSON"
