from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from drivers import DRIVERS
from drivers.base import Chunk
from drivers.recording import RecordingReader
from drivers.recording_lines import BytesLine, EventsLine, ReportLine
from tests.pipeline import decode, decode_by_way_of_a_file, decode_chunks

if TYPE_CHECKING:
    from drivers.recording import Header
    from drivers.recording_lines import RecordingLine
    from station.labels.report import ScanLine

RECORDINGS = sorted((Path(__file__).parent.parent / "recordings").glob("*.rec.jsonl"))
PAUSE_S = 10.0
KEY_NO_LAYOUT_HAS = 0x23F
OTHERWISE_BROKEN = {
    "serial-crlf-scanner-cr-setting": {"SN-2"},
    "serial-gap": {"SN-2"},
    "serial-stalled": {"345"},
}
"""Complete scans that a recording rejects because of earlier data; and a stall that is too long."""
NOISE: dict[type[RecordingLine], Chunk] = {
    BytesLine: Chunk(b"\x00\xff\x00", 0.0),
    EventsLine: Chunk(b"", 0.0, ((1, KEY_NO_LAYOUT_HAS, 1), (0, 0, 0), (1, KEY_NO_LAYOUT_HAS, 0), (0, 0, 0))),
    ReportLine: Chunk(b"\xff" * 64, 0.0),
}
"""Data that no scanner sends in a scan, for each kind."""

every_recording = pytest.mark.parametrize(
    "path", RECORDINGS, ids=[path.name.removesuffix(".rec.jsonl") for path in RECORDINGS]
)


@every_recording
def test_a_recording_gives_the_expected_lines(path: Path) -> None:
    expected = path.with_name(path.name.replace(".rec.", ".expected.")).read_text().splitlines()
    assert [msgspec.json.decode(msgspec.json.encode(line)) for line in decode(path)] == [
        msgspec.json.decode(line) for line in expected
    ]


@every_recording
def test_a_recording_gives_the_same_one_byte_event_or_report_at_a_time(path: Path, tmp_path: Path) -> None:
    header, chunks = _read(path)
    assert decode_by_way_of_a_file(tmp_path / "one.rec.jsonl", header, _pieces(header, chunks)) == decode(
        path
    )


@every_recording
def test_a_truncated_recording_gives_no_new_scan(path: Path) -> None:
    header, chunks = _read(path)
    whole = _texts(decode(path))
    pieces = _pieces(header, chunks)
    for count in range(len(pieces)):
        cut = _texts(decode_chunks(header, pieces[:count]))
        if _ends_by_silence(header):
            # If only silence ends a scan, a truncated scan looks like a short one.
            assert all(full.startswith(text) for full, text in zip(whole, cut, strict=False))
            cut = cut[:-1]
        assert cut == whole[: len(cut)]


@every_recording
def test_noise_before_and_after_neither_loses_nor_adds_a_scan(path: Path) -> None:
    header, chunks = _read(path)
    noise = NOISE[_line(header)]
    later = [replace(chunk, t=chunk.t + PAUSE_S) for chunk in chunks]
    lines = decode_chunks(header, [noise, *later, replace(noise, t=later[-1].t + PAUSE_S)])
    if _line(header) is ReportLine:
        # A report without scans is ignored.
        assert _texts(lines) == _texts(decode(path))
        return
    assert [lines[0].outcome, lines[-1].outcome] == ["rejected", "rejected"]
    # Only an unfinished scan at the end has another reason if more data follows it.
    assert [line.text for line in lines[1:-1]] == [line.text for line in decode(path)]
    assert [line.reason for line in lines[1:-2]] == [line.reason for line in decode(path)][:-1]


@every_recording
def test_noise_within_a_scan_does_not_turn_it_into_another_scan(path: Path) -> None:
    header, chunks = _read(path)
    noise = replace(NOISE[_line(header)], t=chunks[0].t)
    texts = _texts(decode_chunks(header, [noise, *chunks]))
    assert set(texts) <= set(_texts(decode(path)))


@every_recording
def test_a_pause_anywhere_gives_no_new_scan(path: Path) -> None:
    header, chunks = _read(path)
    if _ends_by_silence(header):
        return
    whole = set(_texts(decode(path))) | OTHERWISE_BROKEN.get(path.name.removesuffix(".rec.jsonl"), set())
    pieces = _pieces(header, chunks)
    for index in range(1, len(pieces)):
        later = [replace(piece, t=piece.t + _stall_s(header)) for piece in pieces[index:]]
        assert set(_texts(decode_chunks(header, pieces[:index] + later))) <= whole


def test_there_is_no_driver_without_a_recording() -> None:
    assert {_read(path)[0].driver for path in RECORDINGS} == set(DRIVERS)


def _line(header: Header) -> type[RecordingLine]:
    return DRIVERS[header.driver].line


def _read(path: Path) -> tuple[Header, list[Chunk]]:
    with RecordingReader(path) as reader:
        return reader.header, list(reader)


def _pieces(header: Header, chunks: list[Chunk]) -> list[Chunk]:
    """The chunks in the smallest pieces that their driver could have read."""
    if _line(header) is BytesLine:
        return [Chunk(bytes([byte]), chunk.t) for chunk in chunks for byte in chunk.data]
    if _line(header) is ReportLine:
        return chunks
    return [piece for chunk in chunks for piece in _single_events(chunk)]


def _single_events(chunk: Chunk) -> list[Chunk]:
    pieces = [Chunk(b"", chunk.t, (event,)) for event in chunk.events]
    if chunk.key_state is not None:
        pieces[:1] = [replace(pieces[0], key_state=chunk.key_state)] if pieces else [chunk]
    return pieces


def _stall_s(header: Header) -> float:
    """Longer than any pause within a scan, but not so long that a new scan must follow."""
    longest_ms = header.options.get("gap_ms") or header.options.get("frame_timeout_ms", 1000)
    assert isinstance(longest_ms, int)
    return (500 if _line(header) is ReportLine else longest_ms) / 1000 + 0.3


def _ends_by_silence(header: Header) -> bool:
    return header.options.get("terminator") == "" or header.options.get("protocol") == "symbol_com"


def _texts(lines: list[ScanLine]) -> list[str]:
    return [line.text for line in lines if line.text is not None]
