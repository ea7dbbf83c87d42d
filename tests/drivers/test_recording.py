from __future__ import annotations

import json
import os
import subprocess
import sys
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.base import Chunk, RecordingError
from drivers.recording import Header, RecordingReader, RecordingWriter, check

HEADER = b'{"recording": 1, "driver": "serial", "scanner": "left", "options": {"terminator": "\\r"}}\n'
LINE = b'{"t": 0.5, "bytes": "534e2d310d"}\n'
CHUNKS = st.lists(st.tuples(st.integers(0, 10**9), st.binary(max_size=100)), max_size=20)


def _file(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "left.rec.jsonl"
    path.write_bytes(content)
    return path


@settings(deadline=None)  # a busy machine is not a failure
@given(CHUNKS)
def test_written_chunks_are_read_back(steps: list[tuple[int, bytes]]) -> None:
    chunks = [Chunk(data, t / 1_000_000) for t, data in sorted(steps)]
    header = Header(
        recording=1,
        driver="serial",
        scanner="left",
        recorded_at=datetime(2026, 11, 23, 5, tzinfo=UTC),
        options={"terminator": "\r\n", "gap_ms": 5},
        notes="ä €",
    )
    with TemporaryDirectory() as directory:
        path = Path(directory) / "a.rec.jsonl"
        with RecordingWriter(path, header) as writer:
            for chunk in chunks:
                writer.append(chunk)
        with RecordingReader(path) as reader:
            assert (reader.header, list(reader)) == (header, chunks)


def test_a_recording_looks_as_documented(tmp_path: Path) -> None:
    path = tmp_path / "a.rec.jsonl"
    at = datetime(2026, 11, 23, 5, tzinfo=UTC)
    header = Header(
        recording=1, driver="serial", scanner="left", recorded_at=at, options={"terminator": "\r"}
    )
    with RecordingWriter(path, header, start_t=100.0) as writer:
        writer.append(Chunk(b"SN-1\r", 100.0))
        writer.append(Chunk(b"SN", 100.81))
    assert [json.loads(line) for line in path.read_text().splitlines()] == [
        {
            "recording": 1,
            "driver": "serial",
            "scanner": "left",
            "recorded_at": "2026-11-23T05:00:00Z",
            "options": {"terminator": "\r"},
        },
        {"t": 0.0, "bytes": "534e2d310d"},
        {"t": 0.81, "bytes": "534e"},
    ]


def test_a_killed_recorder_leaves_everything_it_has_read(tmp_path: Path) -> None:
    path = tmp_path / "a.rec.jsonl"
    program = (
        "import os, pathlib, sys\n"
        "from drivers.base import Chunk\n"
        "from drivers.recording import Header, RecordingWriter\n"
        "writer = RecordingWriter(pathlib.Path(sys.argv[1]), Header(recording=1, driver='serial'))\n"
        "writer.append(Chunk(b'SN-1', 0.0))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert killed.returncode == -9
    with RecordingReader(path) as reader:
        assert list(reader) == [Chunk(b"SN-1", 0.0)]


def test_an_existing_recording_is_never_overwritten(tmp_path: Path) -> None:
    path = _file(tmp_path, HEADER)
    with pytest.raises(RecordingError, match="exists already; choose another name"):
        RecordingWriter(path, Header(recording=1, driver="serial"))
    assert path.read_bytes() == HEADER


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "a.rec.jsonl"
    with pytest.raises(RecordingError, match=r"a\.rec\.jsonl: can't be written: No such file or directory"):
        RecordingWriter(path, Header(recording=1, driver="serial"))


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")  # noqa: PTH110
def test_a_full_disk_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.rec.jsonl"
    writer = RecordingWriter(path, Header(recording=1, driver="serial"))
    writer.close()
    writer._file = Path("/dev/full").open("wb", buffering=0)  # noqa: SIM115
    with pytest.raises(RecordingError, match="No space left"):
        writer.append(Chunk(b"SN", 0.0))
    writer.close()


def test_a_recording_without_a_scanners_name_is_named_after_its_file(tmp_path: Path) -> None:
    assert check(_file(tmp_path, b'{"recording": 1, "driver": "serial"}\n')).scanner == "left"


def test_a_valid_recording_returns_its_header(tmp_path: Path) -> None:
    header = check(_file(tmp_path, HEADER + LINE + LINE.rstrip()))
    assert (header.driver, header.scanner, header.options) == ("serial", "left", {"terminator": "\r"})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", 'line 1: the file is empty; a recording begins with a header, {"recording": 1, …}'),
        (LINE, 'line 1: is not the header of a recording: unknown key "t"'),
        (b"{}\n", 'line 1: is not the header of a recording: "recording" is missing'),
        (b"SN-1\n", "line 1: is not valid JSON"),
        (HEADER[:40], "line 1: is not valid JSON: the last line is truncated"),
        (HEADER.replace(b"1", b"2", 1), "line 1: recording = 2: this version reads only recording = 1"),
        (
            HEADER.replace(b"1", b'"1"', 1),
            "line 1: is not the header of a recording: recording: must be a whole number, not a string",
        ),
        (
            HEADER.replace(b"serial", b"foo"),
            'line 1: unknown driver "foo"; it must be one of "serial", "evdev", "usb"',
        ),
        (
            HEADER.replace(b'"\\r"', b'"\\u20ac"'),
            "line 1: terminator = '€': each character stands for one byte",
        ),
        (HEADER.replace(b'"\\r"', b"5"), "line 1: terminator = 5: must be a string"),
        (HEADER.replace(b"terminator", b"terminatr"), 'line 1: options: unknown key "terminatr"'),
        (HEADER.replace(b'"terminator"', b'"aim"'), "line 1: aim = '\\r': must be one of"),
        (HEADER.replace(b'"terminator"', b'"encoding"'), "line 1: encoding = '\\r': must be one of"),
        (HEADER.replace(b"left", b"\xff"), "line 1: is not UTF-8: byte 50 is 0xFF"),
        (
            HEADER.replace(b'"scanner"', b'"scaner"'),
            'line 1: is not the header of a recording: unknown key "scaner"',
        ),
        (
            HEADER.replace(b'"left"', b'"left", "recorded_at": "yesterday"'),
            "line 1: is not the header of a recording: recorded_at: Invalid RFC3339",
        ),
        (HEADER.replace(b'"\\r"', b"[" * 100_000), "line 1: is not valid JSON"),
        (HEADER + HEADER, 'line 2: is not a line of driver serial: unknown key "recording"'),
        (HEADER + LINE + b"\n", "line 3: is empty"),
        (HEADER + LINE[:-5], "line 2: is not valid JSON: the last line is truncated"),
        (HEADER + LINE + b'{"t": 0.4, "bytes": ""}\n', "line 3: t = 0.4: is before the line above, 0.5"),
        (HEADER + b'{"t": -1, "bytes": "00"}\n', "line 2: t = -1.0: must be seconds since the start"),
        (HEADER + b'{"t": NaN, "bytes": "00"}\n', "line 2: is not valid JSON"),
        (
            HEADER + b'{"t": 1e999, "bytes": "00"}\n',
            "line 2: is not a line of driver serial: t: Number out of range",
        ),
        (
            HEADER + b'{"t": "0", "bytes": "00"}\n',
            "line 2: is not a line of driver serial: t: must be a number, not a string",
        ),
        (
            HEADER + b'{"t": true, "bytes": "00"}\n',
            "line 2: is not a line of driver serial: t: must be a number, not a boolean",
        ),
        (HEADER + b'{"t": 0}\n', 'line 2: is not a line of driver serial: "bytes" is missing'),
        (
            HEADER + b'{"bytes": "00"}\n',
            'line 2: is not a line of driver serial: "t" is missing',
        ),
        (
            HEADER + b'{"t": 0, "bytes": "00", "events": []}\n',
            'line 2: is not a line of driver serial: unknown key "events"',
        ),
        (
            HEADER + b'{"t": 0, "events": [[1, 2, 1]]}\n',
            'line 2: is not a line of driver serial: unknown key "events"',
        ),
        (HEADER + b'{"t": 0, "bytes": "5"}\n', "line 2: bytes: is not hex: it has an odd number of digits"),
        (
            HEADER + b'{"t": 0, "bytes": "5g"}\n',
            "line 2: bytes: is not hex: it has characters other than 0-9, a-f",
        ),
        (HEADER + b'{"t": 0, "bytes": "53 4e 31"}\n', "line 2: bytes: is not hex"),
        (HEADER + b'{"t": 0, "bytes": "\\u0660\\u0660"}\n', "line 2: bytes: is not hex"),
        (HEADER + b'{"t": 0, "bytes": "\xff"}\n', "line 2: is not UTF-8: byte 20 is 0xFF"),
        (
            HEADER + b"[0.0]\n",
            "line 2: is not a line of driver serial: must be an object, not a list",
        ),
        (
            HEADER + b'{"t": 0, "bytes": "' + b"0" * (1 << 20) + b'"}\n',
            "line 2: is longer than 1048576 bytes",
        ),
    ],
)
def test_a_bad_recording_is_refused_with_file_line_and_reason(
    tmp_path: Path,
    content: bytes,
    message: str,
) -> None:
    path = _file(tmp_path, content)
    with pytest.raises(RecordingError) as error:
        check(path)
    assert str(error.value).startswith(f"{path}: {message}")


@settings(deadline=None)  # a busy machine is not a failure
@given(st.binary(max_size=80), st.sampled_from([b"", HEADER]))
def test_random_bytes_are_read_or_refused_but_never_raise_anything_else(data: bytes, before: bytes) -> None:
    with TemporaryDirectory() as directory:
        path = _file(Path(directory), before + data)
        try:
            check(path)
        except RecordingError as error:
            assert ": line " in str(error)  # noqa: PT017


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        RecordingError, match=r"nothing\.rec\.jsonl: can't be read: No such file or directory"
    ):
        check(tmp_path / "nothing.rec.jsonl")


def test_a_big_recording_is_not_loaded_whole(tmp_path: Path) -> None:
    path = _file(tmp_path, HEADER + LINE * 100_000)
    tracemalloc.start()
    check(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000
