from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.base import BrokenFrame, Chunk, Frame
from drivers.framing import FramingOptions, SerialFraming

STREAMS = st.lists(st.sampled_from([b"A", b"BC", b"\r", b"D\rE", None]), max_size=30)
"""The input; None: the frame is spoiled there."""


def _fed(decoder: SerialFraming, parts: list[bytes | None]) -> list[Frame | BrokenFrame]:
    found: list[Frame | BrokenFrame] = []
    for part in parts:
        if part is None:
            decoder.spoil("wrong", 0.0)
        else:
            found += decoder.feed(Chunk(part, 0.0))
    return found


def _expected(parts: list[bytes | None]) -> list[Frame | BrokenFrame]:
    """The data between terminators, with "!" where it is spoiled."""
    *frames, rest = b"".join(b"!" if part is None else part for part in parts).split(b"\r")
    found: list[Frame | BrokenFrame] = []
    for frame in frames:
        if b"!" in frame:
            found.append(BrokenFrame("wrong", 0.0, frame.replace(b"!", b"")))
        elif frame:
            found.append(Frame(frame, 0.0))
    if b"!" in rest:
        found.append(BrokenFrame("wrong", 0.0, rest.replace(b"!", b"")))
    elif rest:
        found.append(BrokenFrame("the connection ended in the middle of a scan", 0.0, rest))
    return found


@settings(deadline=None)  # a busy machine is not a failure
@given(STREAMS)
def test_a_spoiled_frame_is_broken_at_its_end(parts: list[bytes | None]) -> None:
    decoder = SerialFraming(FramingOptions())
    assert [*_fed(decoder, parts), *decoder.reset(0.0)] == _expected(parts)


def test_a_spoiled_frame_ends_with_silence_too() -> None:
    decoder = SerialFraming(FramingOptions(terminator=b"", gap_ms=50))
    decoder.feed(Chunk(b"A", 1.0))
    decoder.spoil("wrong", 1.02)
    assert decoder.deadline() == 1.02 + 0.05
    assert decoder.idle(2.0) == [BrokenFrame("wrong", 1.02 + 0.05, b"A")]
    assert decoder.deadline() is None


def test_a_spoiled_frame_that_grows_too_long_is_reported_once() -> None:
    decoder = SerialFraming(FramingOptions(max_length=4))
    found = _fed(decoder, [b"AB", None, b"CDEF", b"GH\rI\r"])
    assert found == [BrokenFrame("wrong", 0.0, b"ABCD"), Frame(b"I", 0.0)]


def test_hold_only_restarts_the_silence() -> None:
    decoder = SerialFraming(FramingOptions())
    decoder.feed(Chunk(b"A", 1.0))
    decoder.hold(1.9)
    assert decoder.deadline() == 2.9
    assert decoder.feed(Chunk(b"\r", 2.8)) == [Frame(b"A", 2.8)]
    assert not decoder.under_way
