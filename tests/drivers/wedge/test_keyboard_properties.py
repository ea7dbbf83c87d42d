from __future__ import annotations

import tracemalloc
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.base import BrokenFrame, Frame, KeyState
from drivers.wedge.input_events import CODES, EV_KEY, EV_SYN, SYN_DROPPED, SYN_REPORT
from drivers.wedge.keyboard import KeyboardDecoder
from drivers.wedge.layouts import layout_names
from tests.drivers.wedge.keys import DROPPED, ENTER, chunk, found, keys, read, texts
from tests.drivers.wedge.typist import Typist, press

if TYPE_CHECKING:
    from drivers.base import InputEvent

ENDING = "\r"
MODES = [
    {"terminator": "\r", "max_length": 8},
    {"terminator": "\r\n", "preamble": "\x02"},
    {"terminator": "", "gap_ms": 50},
    {"layout": "de", "dead_keys": "compose", "function_keys": {"F8": "\x1d\r"}},
    {"layout": "nordic", "frame_timeout_ms": 0},
]
FEW_CODES = st.sampled_from(
    [
        CODES[name]
        for name in (
            *("A", "E", "1", "ENTER", "KPENTER", "TAB", "M", "RIGHTBRACE", "EQUAL", "SPACE", "HOME", "F8"),
            *("LEFTSHIFT", "LEFTCTRL", "LEFTALT", "RIGHTALT", "CAPSLOCK", "NUMLOCK", "KP0", "KP6", "KP5"),
        )
    ]
)
EVENTS = st.one_of(
    st.tuples(st.just(EV_KEY), FEW_CODES, st.sampled_from([1, 1, 0, 0, 2])),
    st.tuples(st.just(EV_SYN), st.sampled_from([SYN_REPORT, SYN_REPORT, SYN_DROPPED, 1]), st.just(0)),
    st.tuples(st.integers(0, 0xFFFF), st.integers(0, 0xFFFF), st.integers(-(1 << 31), (1 << 31) - 1)),
)
STATES = st.none() | st.builds(
    KeyState, st.frozensets(st.integers(0, 0xFFFF) | FEW_CODES, max_size=4), st.frozensets(st.integers(0, 15))
)


@cache
def _typist(name: str, *, caps: bool = False, compose: bool = False) -> Typist:
    return Typist(name, caps=caps, compose_dead_keys=compose)


@pytest.mark.parametrize("locks", [[], ["CAPSLOCK"]])
@pytest.mark.parametrize("name", layout_names())
def test_every_character_of_a_layout_is_read_as_typed(name: str, locks: list[str]) -> None:
    typist = _typist(name, caps=bool(locks))
    characters = typist.characters.replace(ENDING, "")
    typed = [*keys(*locks), *typist.events(characters), *ENTER]
    assert read(typed, layout=name) == characters


@pytest.mark.parametrize("name", layout_names())
def test_every_character_of_a_composing_scanner_is_read_as_typed(name: str) -> None:
    characters = _typist(name, compose=True).characters.replace(ENDING, "")
    assert len(characters) > len(_typist(name).characters) or name == "us"
    typed = [*_typist(name, compose=True).events(characters), *ENTER]
    assert read(typed, layout=name, dead_keys="compose") == characters


@settings(deadline=None)  # a busy machine is not a failure
@given(st.data(), st.sampled_from(layout_names()), st.sampled_from(["reject", "compose"]))
def test_text_typed_is_the_text_read_however_the_events_are_cut(
    data: st.DataObject, name: str, dead_keys: str
) -> None:
    compose = dead_keys == "compose"
    alphabet = _typist(name, compose=compose).characters.replace(ENDING, "")
    labels = data.draw(st.lists(st.text(alphabet, min_size=1, max_size=20), min_size=1, max_size=3))
    typed = _typist(name, compose=compose).events("".join(label + ENDING for label in labels))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(typed)), max_size=8)))
    options = {"layout": name, "dead_keys": dead_keys}
    decoder = KeyboardDecoder.from_options(options)
    parts = [typed[start:end] for start, end in pairwise([0, *cuts, len(typed)])]
    frames = [frame for part in parts for frame in decoder.feed(chunk(part))]
    assert frames == found(typed, **options)
    assert texts(frames) == labels


@settings(deadline=None)  # a busy machine is not a failure
@given(st.sampled_from(MODES), st.lists(EVENTS, max_size=60))
def test_any_events_cut_one_by_one_give_the_same_frames(
    options: dict[str, object], events: list[InputEvent]
) -> None:
    single = KeyboardDecoder.from_options(options)
    frames = [frame for event in events for frame in single.feed(chunk([event]))]
    assert [*frames, *single.reset(0.0)] == found(events, **options)


@settings(deadline=None)  # a busy machine is not a failure
@given(
    st.sampled_from(MODES),
    st.lists(st.tuples(st.floats(0, 2), st.lists(EVENTS, max_size=20), STATES), max_size=12),
)
def test_random_events_never_raise_and_silence_may_be_noticed_late(
    options: dict[str, object], steps: list[tuple[float, list[InputEvent], KeyState | None]]
) -> None:
    punctual, late = KeyboardDecoder.from_options(options), KeyboardDecoder.from_options(options)
    in_time, afterwards = [], []
    t = 0.0
    for pause_s, events, key_state in steps:
        t += pause_s
        deadline = punctual.deadline()
        if deadline is not None and deadline < t:
            in_time += punctual.idle(deadline)
        in_time += punctual.feed(chunk(events, t, key_state))
        afterwards += late.feed(chunk(events, t, key_state))
    assert [*in_time, *punctual.reset(t)] == [*afterwards, *late.reset(t)]


@settings(deadline=None)  # a busy machine is not a failure
@given(
    st.lists(st.sampled_from("ABC123"), min_size=1, max_size=8),
    st.integers(0, 8),
    st.sampled_from(
        [press(CODES["HOME"]), press(CODES["LEFTMETA"], CODES["A"]), press(CODES["F9"]), [DROPPED, *press(1)]]
    ),
    st.lists(EVENTS.filter(lambda event: event[0] == EV_KEY and event[1] != CODES["ENTER"]), max_size=20),
)
def test_a_frame_that_was_broken_is_never_a_scan(
    label: list[str], where: int, fault: list[InputEvent], more: list[InputEvent]
) -> None:
    """Between the problem and the key that ends the scan there may be anything except another end."""
    more = [event for event in more if event[1] not in (CODES["KPENTER"], CODES["M"])]
    typed = [press(CODES[character]) for character in label]
    typed.insert(where, [*fault, *more])
    first, *_rest = found([*(event for events in typed for event in events), *ENTER, *ENTER])
    assert isinstance(first, BrokenFrame)


def test_a_hundred_thousand_key_strokes_need_no_memory() -> None:
    decoder = KeyboardDecoder.from_options({})
    codes = [code for code in range(1, 256) if code not in (CODES["ENTER"], CODES["KPENTER"], CODES["M"])]
    events = [(EV_KEY, code, value) for code in codes for value in (1, 2, 0)]
    tracemalloc.start()
    frames = [frame for _ in range(300_000 // len(events)) for frame in decoder.feed(chunk(events))]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000
    assert not any(isinstance(frame, Frame) for frame in frames)
