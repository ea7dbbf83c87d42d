from __future__ import annotations

import time
import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.base import BrokenFrame, Chunk, DeviceOptionError, Frame
from drivers.framing import FramingOptions, SerialFraming

ONE_OF_FEW_BYTES = st.sampled_from(b"\r\n\x02\x03AB")
STREAMS = st.binary(max_size=60) | st.lists(ONE_OF_FEW_BYTES, max_size=60).map(bytes)
ALL_OPTIONS = st.builds(
    FramingOptions,
    terminator=st.sampled_from([b"\r", b"\r\n", b"\x03", b"AAB"]),
    preamble=st.sampled_from([b"", b"\x02", b"AB"]),
    max_length=st.sampled_from([1, 4, 16, 4096]),
) | st.builds(
    FramingOptions,
    terminator=st.just(b""),
    preamble=st.sampled_from([b"", b"\x02"]),
    gap_ms=st.just(50),
    max_length=st.sampled_from([1, 4, 16, 4096]),
)


def _run(
    options: FramingOptions, *chunks: tuple[float, bytes], end: float = 0.0
) -> list[Frame | BrokenFrame]:
    """Decode the chunks; silence is noticed only at the next chunk or the end."""
    decoder = SerialFraming(options)
    found = [found for t, data in chunks for found in decoder.feed(Chunk(data, t))]
    return found + decoder.reset(end)


def _scans(found: list[Frame | BrokenFrame]) -> list[bytes]:
    return [frame.data for frame in found if isinstance(frame, Frame)]


def _reasons(found: list[Frame | BrokenFrame]) -> list[str]:
    return [frame.reason for frame in found if isinstance(frame, BrokenFrame)]


def _cut(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


@settings(deadline=None)  # a busy machine is not a failure
@given(ALL_OPTIONS, STREAMS, st.lists(st.integers(0, 60), max_size=20))
def test_however_a_stream_is_cut_into_chunks_it_gives_the_same_frames(
    options: FramingOptions,
    data: bytes,
    cuts: list[int],
) -> None:
    whole = _run(options, (0.0, data), end=9.0)
    assert _run(options, *((0.0, part) for part in _cut(data, cuts)), end=9.0) == whole
    assert _run(options, *((0.0, bytes([byte])) for byte in data), end=9.0) == whole


@settings(deadline=None)  # a busy machine is not a failure
@given(STREAMS)
def test_without_limits_frames_are_the_data_between_terminators(data: bytes) -> None:
    *between, rest = data.split(b"\r\n")
    found = _run(FramingOptions(terminator=b"\r\n"), (0.0, data))
    assert _scans(found) == [part for part in between if part]
    assert len(_reasons(found)) == bool(rest)


@settings(deadline=None)  # a busy machine is not a failure
@given(ALL_OPTIONS, st.lists(st.tuples(st.floats(0, 2), STREAMS), max_size=20))
def test_random_bytes_neither_raise_nor_exceed_its_limit(
    options: FramingOptions,
    steps: list[tuple[float, bytes]],
) -> None:
    decoder = SerialFraming(options)
    t = 0.0
    for pause_s, data in steps:
        t += pause_s
        for frame in decoder.feed(Chunk(data, t)):
            assert len(frame.data) <= max(options.max_length, 64)
        bound = options.max_length + len(options.preamble) + len(options.terminator)
        assert len(decoder._buffer) <= bound


@settings(deadline=None)  # a busy machine is not a failure
@given(ALL_OPTIONS, st.lists(st.tuples(st.floats(0, 2), STREAMS), max_size=20))
def test_noticing_silence_late_gives_the_same_result(
    options: FramingOptions,
    steps: list[tuple[float, bytes]],
) -> None:
    punctual, late = SerialFraming(options), SerialFraming(options)
    in_time, afterwards = [], []
    t = 0.0
    for pause_s, data in steps:
        t += pause_s
        deadline = punctual.deadline()
        if deadline is not None and deadline < t:
            in_time += punctual.idle(deadline)
        in_time += punctual.feed(Chunk(data, t))
        afterwards += late.feed(Chunk(data, t))
    assert in_time == afterwards


def test_a_frame_is_complete_at_its_terminator() -> None:
    assert _run(FramingOptions(), (1.0, b"SN"), (1.5, b"-1\r")) == [Frame(b"SN-1", 1.5)]


def test_empty_frames_are_ignored() -> None:
    assert _scans(_run(FramingOptions(), (0.0, b"\r\rSN-1\r\r"))) == [b"SN-1"]


def test_a_terminator_may_be_cut_in_two() -> None:
    options = FramingOptions(terminator=b"\r\n")
    assert _scans(_run(options, (0.0, b"SN-1\r"), (0.1, b"\nSN-2\r\n"))) == [b"SN-1", b"SN-2"]


def test_the_preamble_is_removed_once() -> None:
    options = FramingOptions(preamble=b"\x02", terminator=b"\x03")
    assert _scans(_run(options, (0.0, b"\x02\x02SN-1\x03"))) == [b"\x02SN-1"]


def test_a_frame_without_the_preamble_is_broken() -> None:
    options = FramingOptions(preamble=b"\x02", terminator=b"\x03")
    assert _run(options, (0.0, b"SN-1\x03")) == [
        BrokenFrame('does not begin with the preamble "\\x02"', 0.0, b"SN-1")
    ]


def test_silence_ends_a_frame_when_there_is_no_terminator() -> None:
    options = FramingOptions(terminator=b"", gap_ms=50)
    found = _run(options, (0.0, b"SN"), (0.04, b"-1"), (0.5, b"SN-2"), end=1.0)
    assert found == [Frame(b"SN-1", 0.09), Frame(b"SN-2", 0.55)]


def test_a_frame_that_silence_has_not_ended_is_broken_at_disconnection() -> None:
    options = FramingOptions(terminator=b"", gap_ms=50)
    assert _run(options, (0.0, b"SN-1"), end=0.01) == [
        BrokenFrame("the connection ended in the middle of a scan", 0.01, b"SN-1")
    ]


def test_with_a_terminator_silence_within_a_frame_breaks_it() -> None:
    found = _run(FramingOptions(), (0.0, b"SN-1"), (2.0, b"SN-2\r"))
    assert found == [
        BrokenFrame("no terminator after 1000 ms: the scan came incomplete", 1.0, b"SN-1"),
        Frame(b"SN-2", 2.0),
    ]


@pytest.mark.parametrize("rest_t", [1.0, 1.3, 1.99])
def test_the_rest_of_a_stalled_scan_is_no_scan_but_the_next_one_is(rest_t: float) -> None:
    found = _run(FramingOptions(), (0.0, b"SN-12"), (rest_t, b"345\r"), (rest_t + 0.5, b"SN-2\r"))
    assert _reasons(found) == [
        "no terminator after 1000 ms: the scan came incomplete",
        "may be the rest of the scan before, which came incomplete",
    ]
    assert found[-1] == Frame(b"SN-2", rest_t + 0.5)


@pytest.mark.parametrize("options", [FramingOptions(), FramingOptions(terminator=b"", gap_ms=50)])
def test_bytes_read_late_in_the_middle_of_a_scan_break_it(options: FramingOptions) -> None:
    decoder = SerialFraming(options)
    ending = options.terminator
    found = [
        *decoder.feed(Chunk(b"SN-12", 0.0)),
        *decoder.feed(Chunk(b"345" + ending, 1.3, late=True)),
        *decoder.idle(1.35),
        *decoder.feed(Chunk(b"SN-2" + ending, 9.0)),
        *decoder.idle(9.05),
    ]
    assert _reasons(found) == ["the station stood still in the middle of a scan"]
    assert [each.data for each in found if isinstance(each, Frame)] == [b"SN-2"]


def test_gap_ms_is_a_shorter_timeout_with_a_terminator() -> None:
    found = _run(FramingOptions(gap_ms=20), (0.0, b"SN-1"), (0.03, b"SN-2\r"), (0.04, b"SN-3\r"))
    assert _reasons(found) == [
        "no terminator after 20 ms: the scan came incomplete",
        "may be the rest of the scan before, which came incomplete",
    ]
    assert found[-1] == Frame(b"SN-3", 0.04)


def test_without_a_timeout_a_frame_may_take_forever() -> None:
    decoder = SerialFraming(FramingOptions(frame_timeout_ms=0))
    assert decoder.feed(Chunk(b"SN", 0.0)) == []
    assert decoder.deadline() is None
    assert decoder.feed(Chunk(b"-1\r", 1e6)) == [Frame(b"SN-1", 1e6)]


def test_without_a_current_frame_there_is_no_deadline() -> None:
    decoder = SerialFraming(FramingOptions())
    assert decoder.deadline() is None
    decoder.feed(Chunk(b"SN-1\rS", 1.0))
    assert decoder.deadline() == 2.0
    decoder.feed(Chunk(b"\r", 1.5))
    assert decoder.deadline() is None


def test_a_wrong_terminator_is_named_when_the_scan_ends_with_another() -> None:
    found = _run(FramingOptions(terminator=b"\x03"), (0.0, b"SN-1\r\n"), end=1.0)
    assert _reasons(found) == [
        (
            "no terminator after 1000 ms: the scan came incomplete, "
            'or the scanner ends its scans with CR LF; the setting is "\\x03"'
        )
    ]


@pytest.mark.parametrize("length", [4, 5])
def test_a_frame_over_the_limit_is_broken_and_one_at_the_limit_is_not(length: int) -> None:
    found = _run(FramingOptions(max_length=4), (0.0, b"X" * length + b"\rSN\r"))
    assert _scans(found) == ([b"XXXX", b"SN"] if length == 4 else [b"SN"])
    assert _reasons(found) == ([] if length == 4 else ["longer than 4 bytes"])


def test_the_end_of_an_overlong_frame_is_never_taken_for_a_scan() -> None:
    chunks = [(0.1 * number, b"0123456789") for number in range(10)]
    found = _run(FramingOptions(max_length=16), *chunks, (1.05, b"SN-9\r"), (1.1, b"SN-2\r"))
    assert (_scans(found), _reasons(found)) == ([b"SN-2"], ["longer than 16 bytes"])


def test_silence_ends_the_discarding_too() -> None:
    found = _run(FramingOptions(max_length=4), (0.0, b"0123456789"), (5.0, b"SN\r"))
    assert (_scans(found), _reasons(found)) == ([b"SN"], ["longer than 4 bytes"])


def test_ten_megabytes_without_a_terminator_need_little_memory_and_are_reported_once() -> None:
    decoder = SerialFraming(FramingOptions())
    chunk = b"X" * 4096
    tracemalloc.start()
    found = [found for _ in range(10_000_000 // 4096) for found in decoder.feed(Chunk(chunk, 0.0))]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert _reasons(found) == ["longer than 4096 bytes"]
    assert peak < 1_000_000


def test_single_bytes_take_linear_time() -> None:
    def seconds(count: int) -> float:
        decoder = SerialFraming(FramingOptions(terminator=b"\r\n", max_length=65_536))
        started = time.thread_time()
        for _ in range(count):
            decoder.feed(Chunk(b"\r", 0.0))
        return time.thread_time() - started

    seconds(1000)
    assert min(seconds(60_000) for _ in range(3)) < 40 * min(seconds(6000) for _ in range(3))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"terminator": 13}, "terminator = 13: must be a string"),
        ({"terminator": "€"}, "terminator = '€': each character stands for one byte, U+0000 to U+00FF"),
        ({"preamble": "x" * 65}, "preamble: has 65 characters; must have at most 64"),
        ({"gap_ms": "50"}, "gap_ms = '50': must be a whole number from 0 to 60000"),
        ({"gap_ms": True}, "gap_ms = True: must be a whole number from 0 to 60000"),
        ({"frame_timeout_ms": -1}, "frame_timeout_ms = -1: must be a whole number from 0 to 60000"),
        ({"max_length": 0}, "max_length = 0: must be a whole number from 1 to 65536"),
        ({"max_length": 4096.0}, "max_length = 4096.0: must be a whole number from 1 to 65536"),
        ({"terminator": ""}, 'terminator = "": frames need a terminator or gap_ms above 0'),
        ({"protocol": "hidpos"}, "protocol = 'hidpos': a serial scanner has \"ssi\" or none"),
    ],
)
def test_a_wrong_option_is_refused_with_what_is_allowed(options: dict[str, object], message: str) -> None:
    with pytest.raises(DeviceOptionError) as error:
        FramingOptions.from_options(options)
    assert str(error.value) == message


def test_other_drivers_options_are_ignored() -> None:
    assert FramingOptions.from_options({"aim": "always", "baud_rate": 9600}) == FramingOptions()
