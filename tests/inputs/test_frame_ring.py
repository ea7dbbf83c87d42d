"""The scanners' last frames: complete, in order, bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from drivers.base import Chunk
from station.config.settings import ScannerSettings
from station.inputs.frame_ring import BYTES, FRAMES, FrameRing, FrameRings
from station.source import now

if TYPE_CHECKING:
    from station.inputs.frame_ring import Kept

LEFT = ScannerSettings(name="left", driver="serial")


@pytest.fixture
def ring() -> FrameRing:
    return FrameRing(LEFT)


def _scan(ring: FrameRing, data: bytes, *, reads: int = 1, **chunk: Any) -> None:
    for start in range(reads):
        ring.add(Chunk(data[start::reads], float(start), **chunk))
    ring.keep(now(), data, None)


def _size(kept: Kept) -> int:
    return sum(frame.size for frame in kept.frames)


def test_frames_are_in_order_with_their_chunks(ring: FrameRing) -> None:
    ring.add(Chunk(b"SN", 0.0))
    ring.add(Chunk(b"-1\rSN-2\rS", 0.1))
    ring.keep(now(), b"SN-1", None)
    ring.keep(now(), b"SN-2", "cut")
    ring.add(Chunk(b"N", 0.2))
    kept = ring.kept()
    assert [(frame.data, frame.reason) for frame in kept.frames] == [(b"SN-1", None), (b"SN-2", "cut")]
    read = [[chunk.data for chunk in frame.chunks] for frame in kept.frames]
    assert read == [[b"SN", b"-1\rSN-2\rS"], []]
    assert [chunk.data for chunk in kept.unfinished] == [b"N"]


def test_only_the_newest_frames_are_kept(ring: FrameRing) -> None:
    for number in range(FRAMES * 3):
        _scan(ring, str(number).encode())
    assert [frame.data for frame in ring.kept().frames] == [
        str(number).encode() for number in range(FRAMES * 2, FRAMES * 3)
    ]


@pytest.mark.parametrize("reads", [1, 7])
def test_long_frames_stay_within_the_limit(ring: FrameRing, reads: int) -> None:
    for _ in range(FRAMES):
        _scan(ring, b"x" * 20_000, reads=reads)
        assert 0 < _size(ring.kept()) <= BYTES
    assert len(ring.kept().frames) == BYTES // (2 * 20_000 + 64 * reads)


def test_the_newest_frame_is_kept_however_long_it_is(ring: FrameRing) -> None:
    _scan(ring, b"SN-1")
    _scan(ring, b"x" * BYTES)
    assert [len(frame.data) for frame in ring.kept().frames] == [BYTES]
    _scan(ring, b"SN-2")
    assert [frame.data for frame in ring.kept().frames] == [b"SN-2"]


def test_endless_keys_stay_within_the_limit(ring: FrameRing) -> None:
    events = ((4, 4, 458756), (1, 30, 2), (0, 0, 0))
    for count in range(10_000):
        ring.add(Chunk(b"", float(count), events))
    unfinished = ring.kept().unfinished
    assert len(unfinished) == BYTES // (64 + 3 * 24)
    assert unfinished[-1].t == 9_999


def test_a_reopened_scanner_keeps_its_frames_but_not_an_unfinished_one(ring: FrameRing) -> None:
    _scan(ring, b"SN-1")
    ring.add(Chunk(b"SN", 1.0))
    ring.opened(LEFT, {})
    kept = ring.kept()
    assert ([frame.data for frame in kept.frames], kept.unfinished) == ([b"SN-1"], ())


def test_a_reconfigured_scanner_keeps_its_frames_unless_its_driver_changes() -> None:
    rings = FrameRings()
    _scan(rings.of(LEFT), b"SN-1")
    other = ScannerSettings(name="left", driver="serial", terminator="\n")
    rings.of(other).opened(other, {})
    (kept,) = rings.kept()
    assert ([frame.data for frame in kept.frames], kept.options["terminator"]) == ([b"SN-1"], "\n")
    usb = ScannerSettings(name="left", driver="usb")
    rings.of(usb).opened(usb, {"report_descriptor": "05"})
    (kept,) = rings.kept()
    assert (kept.frames, kept.driver, kept.options["report_descriptor"]) == ((), "usb", "05")
