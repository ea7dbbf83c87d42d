from __future__ import annotations

import pytest

from drivers.wedge.input_events import CODES
from drivers.wedge.layout_check import GS, TEST_TEXT, gs_arrival, layouts_that_read
from drivers.wedge.layouts import layout_names
from tests.drivers.wedge.keys import keys
from tests.drivers.wedge.typist import Typist, press, scan

ALIKE = [{"ch-de", "ch-fr"}, {"se", "fi"}]
"""Layouts that type ASCII alike."""
NAMES = [name for name in layout_names() if name != "nordic"]


@pytest.mark.parametrize("name", NAMES)
def test_the_test_code_distinguishes_the_layouts(name: str) -> None:
    expected = next((alike for alike in ALIKE if name in alike), {name})
    assert set(layouts_that_read(scan(TEST_TEXT, name), TEST_TEXT)) == expected


def test_nordic_is_listed_if_it_is_enough() -> None:
    assert layouts_that_read(scan("AB-12", "no"), "AB-12")[-1] == "nordic"


@pytest.mark.parametrize("name", NAMES)
def test_gs_is_recognised(name: str) -> None:
    assert gs_arrival(scan(TEST_TEXT, name), TEST_TEXT) == "GS"


def test_the_function_key_that_replaces_gs_is_named() -> None:
    before, after = TEST_TEXT.split(GS)
    typist = Typist("de")
    events = [*typist.events(before), *press(CODES["F8"]), *typist.events(after), *keys("ENTER")]
    assert layouts_that_read(events, TEST_TEXT) == ["de"]
    assert gs_arrival(events, TEST_TEXT) == "F8"
    assert gs_arrival(events, TEST_TEXT, {"function_keys": {"F8": GS}}) == "GS"


def test_missing_gs_is_noticed() -> None:
    events = scan(TEST_TEXT.replace(GS, ""), "us")
    assert layouts_that_read(events, TEST_TEXT) == ["us"]
    assert gs_arrival(events, TEST_TEXT) == ""


def test_the_scanners_terminator_is_respected() -> None:
    events = scan(TEST_TEXT, "us", CODES["TAB"])
    assert layouts_that_read(events, TEST_TEXT) == []
    assert layouts_that_read(events, TEST_TEXT, {"terminator": "\t"}) == ["us"]
    assert layouts_that_read(events, TEST_TEXT, {"terminator": "", "gap_ms": 50}) == []
    silent = events[: -len(keys("TAB"))]
    assert layouts_that_read(silent, TEST_TEXT, {"terminator": "", "gap_ms": 50}) == ["us"]


def test_another_text_is_read_in_no_layout() -> None:
    assert layouts_that_read(scan("SOMETHING ELSE", "us"), TEST_TEXT) == []
    assert layouts_that_read([], TEST_TEXT) == []
    assert gs_arrival([], TEST_TEXT) == ""
