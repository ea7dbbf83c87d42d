from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from drivers.base import Chunk
from drivers.recording import RecordingReader
from tests.pipeline import decode, decode_chunks

if TYPE_CHECKING:
    from drivers.recording import Header
    from station.scans.report import ScanLine

RECORDINGS = sorted((Path(__file__).parent / "recordings").glob("*.rec.jsonl"))
NOISE = b"\x00\xff\x00"
PAUSE_S = 10.0

every_recording = pytest.mark.parametrize(
    "path", RECORDINGS, ids=[path.name.removesuffix(".rec.jsonl") for path in RECORDINGS]
)


@every_recording
def test_a_recording_gives_the_lines_that_are_expected(path: Path) -> None:
    expected = path.with_name(path.name.replace(".rec.", ".expected.")).read_text().splitlines()
    assert [msgspec.json.decode(msgspec.json.encode(line)) for line in decode(path)] == [
        msgspec.json.decode(line) for line in expected
    ]


@every_recording
def test_a_recording_gives_the_same_one_byte_at_a_time(path: Path, tmp_path: Path) -> None:
    header, chunks = _read(path)
    single = [Chunk(bytes([byte]), chunk.t) for chunk in chunks for byte in chunk.data]
    assert decode_chunks(tmp_path / "one.rec.jsonl", header, single) == decode(path)


@every_recording
def test_a_recording_cut_anywhere_gives_no_scan_that_it_does_not_hold(path: Path, tmp_path: Path) -> None:
    header, chunks = _read(path)
    whole = _texts(decode(path))
    for length in range(sum(len(chunk.data) for chunk in chunks)):
        cut = _texts(decode_chunks(tmp_path / "cut.rec.jsonl", header, _first(chunks, length)))
        if header.options["terminator"] == "":
            # Where silence alone ends a scan, one that stops half-way can't be told from a short one.
            assert all(full.startswith(text) for full, text in zip(whole, cut, strict=False))
            cut = cut[:-1]
        assert cut == whole[: len(cut)]


@every_recording
def test_noise_before_and_after_costs_no_scan_and_makes_none(path: Path, tmp_path: Path) -> None:
    header, chunks = _read(path)
    later = [Chunk(chunk.data, chunk.t + PAUSE_S) for chunk in chunks]
    noisy = [Chunk(NOISE, 0.0), *later, Chunk(NOISE, later[-1].t + PAUSE_S)]
    lines = decode_chunks(tmp_path / "noisy.rec.jsonl", header, noisy)
    assert [lines[0].outcome, lines[-1].outcome] == ["rejected", "rejected"]
    assert [(line.text, line.reason) for line in lines[1:-1]] == [
        (line.text, line.reason) for line in decode(path)
    ]


@every_recording
def test_noise_that_runs_into_a_scan_makes_no_other_scan_of_it(path: Path, tmp_path: Path) -> None:
    header, chunks = _read(path)
    glued = [Chunk(NOISE + chunks[0].data, chunks[0].t), *chunks[1:]]
    assert set(_texts(decode_chunks(tmp_path / "glued.rec.jsonl", header, glued))) <= set(
        _texts(decode(path))
    )


def _read(path: Path) -> tuple[Header, list[Chunk]]:
    with RecordingReader(path) as reader:
        return reader.header, list(reader)


def _first(chunks: list[Chunk], length: int) -> list[Chunk]:
    """The chunks up to `length` bytes altogether."""
    kept = []
    for chunk in chunks:
        if length > 0:
            kept.append(Chunk(chunk.data[:length], chunk.t))
        length -= len(chunk.data)
    return kept


def _texts(lines: list[ScanLine]) -> list[str]:
    return [line.text for line in lines if line.text is not None]
