from __future__ import annotations

from drivers.wedge.input_events import EventPacket, Gap
from drivers.wedge.keyboard import EVENTS_LOST, KeyboardDecoder
from tests.drivers.wedge.keys import (
    DROPPED,
    ENTER,
    chunk,
    down,
    found,
    keys,
    reasons,
    state,
    texts,
    up,
)
from tests.drivers.wedge.typist import SYNCHRONISED

GAP = [DROPPED, *keys("A")[:1], SYNCHRONISED]
"""What the kernel sends: its mark, the rest of a report, and the report's end."""


def test_a_scan_with_lost_events_is_rejected_and_the_next_one_is_read() -> None:
    frames = found([*keys("1", "2"), *GAP, *keys("3"), *ENTER, *keys("4"), *ENTER])
    assert (reasons(frames), texts(frames)) == ([EVENTS_LOST], ["4"])


def test_the_rest_of_a_report_after_lost_events_is_ignored() -> None:
    enter_in_gap = [DROPPED, *down("ENTER")]
    frames = found([*keys("1"), *enter_in_gap, *keys("2"), *ENTER, *keys("3"), *ENTER])
    assert (reasons(frames), texts(frames)) == ([EVENTS_LOST], ["3"])
    shift_in_gap = [DROPPED, *down("LEFTSHIFT")]
    assert texts(found([*shift_in_gap, *ENTER, *keys("A"), *ENTER])) == ["a"]


def test_events_lost_between_scans_may_have_been_the_beginning_of_the_next() -> None:
    frames = found([*keys("1"), *ENTER, *GAP, *keys("2"), *ENTER, *keys("3"), *ENTER])
    assert (reasons(frames), texts(frames)) == ([EVENTS_LOST], ["1", "3"])


def test_a_completely_lost_scan_is_reported_after_a_silence() -> None:
    decoder = KeyboardDecoder.from_options({})
    decoder.feed(chunk(GAP, 1.0))
    assert decoder.deadline() == 2.0
    assert reasons(decoder.idle(2.0)) == [EVENTS_LOST]
    assert texts(decoder.feed(chunk([*keys("1"), *ENTER], 3.0))) == ["1"]


def test_lost_events_are_reported_if_silence_ends_a_scan() -> None:
    decoder = KeyboardDecoder.from_options({"terminator": "", "gap_ms": 50})
    decoder.feed(chunk([*keys("1"), *GAP, *keys("2")], 1.0))
    frames = [*decoder.idle(1.05), *decoder.feed(chunk(keys("3"), 1.1)), *decoder.idle(2.0)]
    assert (reasons(frames), texts(frames)) == ([EVENTS_LOST], ["3"])


def test_keys_held_before_lost_events_count_as_released() -> None:
    events = [*down("LEFTSHIFT"), *GAP, *keys("A"), *ENTER, *keys("A"), *ENTER]
    assert texts(found(events)) == ["a"]


def test_the_queried_key_state_counts_after_lost_events() -> None:
    decoder = KeyboardDecoder.from_options({})
    decoder.feed(chunk([*GAP]))
    events = [*ENTER, *keys("A"), *up("LEFTSHIFT"), *keys("B"), *ENTER]
    frames = decoder.feed(chunk(events, key_state=state("LEFTSHIFT", leds=[1])))
    assert texts(frames) == ["aB"]


def test_lost_events_at_the_end_of_an_overlong_scan_are_reported_too() -> None:
    frames = found([*keys("A") * 5, *GAP, *keys("1"), *ENTER, *keys("2"), *ENTER], max_length=4)
    assert (reasons(frames), texts(frames)) == (["longer than 4 bytes", EVENTS_LOST], ["2"])


def test_a_number_begun_before_lost_events_is_discarded() -> None:
    events = [*down("LEFTALT"), *keys("KP0", "KP6"), *GAP, *keys("KP5"), *up("LEFTALT"), *ENTER]
    frames = found([*events, *keys("1"), *ENTER])
    assert (reasons(frames), texts(frames)) == ([EVENTS_LOST], ["1"])


def test_a_gap_ends_with_the_report_after_the_mark() -> None:
    gap = Gap()
    parts = [keys("1")[:2], [DROPPED], GAP[1:2], GAP[2:], keys("2")[:2], GAP]
    ends = [gap.ends_in(EventPacket(tuple(part), 0.0)) for part in parts]
    assert ends == [False, False, False, True, False, True]
