from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from drivers import decoder_for
from drivers.base import BrokenFrame, Chunk, DeviceOptionError, Frame, RecordingError
from drivers.recording import Header, RecordingWriter
from drivers.stream import Replay, frames
from tests.running import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def _recording(tmp_path: Path, *chunks: Chunk, options: Mapping[str, object] | None = None) -> Path:
    path = tmp_path / "left.rec.jsonl"
    header = Header(recording=1, driver="serial", scanner="left", options=dict(options or {}))
    with RecordingWriter(path, header) as writer:
        for chunk in chunks:
            writer.append(chunk)
    return path


def _frames(path: Path, speed: float | None) -> list[Frame | BrokenFrame]:
    driver = Replay(path, speed)
    driver.open()
    found = list(frames(driver, decoder_for("serial", driver.header.options)))
    driver.close()
    return found


def test_chunks_have_their_recorded_times_without_waiting(tmp_path: Path) -> None:
    chunks = [Chunk(b"SN-1\r", 0.0), Chunk(b"SN-2\r", 3600.0)]
    driver = Replay(_recording(tmp_path, *chunks))
    driver.open()
    assert [driver.read(None), driver.read(None)] == chunks
    with pytest.raises(EOFError):
        driver.read(None)
    driver.close()


def test_time_passes_in_the_recording_not_on_the_clock(tmp_path: Path) -> None:
    driver = Replay(_recording(tmp_path, Chunk(b"SN", 0.0), Chunk(b"-1\r", 3600.0)))
    driver.open()
    assert driver.read(None) == Chunk(b"SN", 0.0)
    assert driver.read(1.0) is None
    assert driver.read(3600.0) == Chunk(b"-1\r", 3600.0)
    driver.close()


def test_after_the_last_chunk_there_is_one_silence_and_then_the_end(tmp_path: Path) -> None:
    driver = Replay(_recording(tmp_path, Chunk(b"SN", 0.0)))
    driver.open()
    driver.read(None)
    assert driver.read(1.0) is None
    with pytest.raises(EOFError):
        driver.read(2.0)
    driver.close()


def test_silences_have_the_same_effect_at_any_speed(tmp_path: Path) -> None:
    chunks = [Chunk(b"SN", 0.0), Chunk(b"-1", 0.03), Chunk(b"SN-2", 0.2), Chunk(b"-X", 0.25)]
    path = _recording(tmp_path, *chunks, options={"terminator": "", "gap_ms": 50})
    expected = [Frame(b"SN-1", 0.08), Frame(b"SN-2", 0.25), Frame(b"-X", 0.3)]
    assert _frames(path, None) == _frames(path, 1) == _frames(path, 10) == expected


def test_a_recording_is_played_as_fast_as_asked(tmp_path: Path) -> None:
    path = _recording(tmp_path, Chunk(b"SN-1\r", 0.0), Chunk(b"SN-2\r", 200.0))
    started = time.monotonic()
    _frames(path, 1000)
    assert 0.2 <= time.monotonic() - started < 200


def test_closing_ends_a_waiting_read(tmp_path: Path) -> None:
    driver = Replay(_recording(tmp_path, Chunk(b"SN-1\r", 1e9)), speed=1)
    driver.open()
    ended = threading.Event()

    def read() -> None:
        with pytest.raises(EOFError):
            driver.read(None)
        ended.set()

    thread = threading.Thread(target=read)
    thread.start()
    time.sleep(0.05)
    driver.close()
    thread.join(PATIENCE_S)
    assert ended.is_set()


def test_a_bad_line_at_the_end_is_refused_before_the_first_scan(tmp_path: Path) -> None:
    path = _recording(tmp_path, Chunk(b"SN-1\r", 0.0))
    path.write_bytes(path.read_bytes() + b"{")
    with pytest.raises(RecordingError, match="line 3: is not valid JSON: the last line is truncated"):
        Replay(path).open()


def test_a_recording_can_be_played_again(tmp_path: Path) -> None:
    driver = Replay(_recording(tmp_path, Chunk(b"SN-1\r", 0.5)))
    for _ in range(2):
        driver.open()
        driver.write(b"\x06")
        assert driver.read(None) == Chunk(b"SN-1\r", 0.5)
        driver.close()
        with pytest.raises(EOFError):
            driver.read(None)
        with pytest.raises(EOFError):
            _ = driver.header


@pytest.mark.parametrize("speed", [0, -1, float("nan"), float("inf")])
def test_an_invalid_speed_is_refused(tmp_path: Path, speed: float) -> None:
    with pytest.raises(DeviceOptionError, match="must be above 0"):
        Replay(tmp_path / "a.rec.jsonl", speed)


def test_a_replay_is_named_after_its_file(tmp_path: Path) -> None:
    assert Replay(tmp_path / "a.rec.jsonl").describe() == f"recording {tmp_path}/a.rec.jsonl"
