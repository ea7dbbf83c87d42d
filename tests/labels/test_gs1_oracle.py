"""GS1 element strings compared with an independent library: the standard explains each difference."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import biip
import pytest
from biip.gs1_messages import GS1Message
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from station.labels import gs1
from station.labels.contents import LabelError
from station.labels.gs1_formats import ROWS, format_of

if TYPE_CHECKING:
    from collections.abc import Callable

GS = "\x1d"


def _oracle(text: str) -> list[tuple[str, str]] | None:
    try:
        message = GS1Message.parse(text)
    except (biip.ParseError, ValueError, IndexError):
        return None
    if any(each.gtin_error or each.gln_error or each.sscc_error for each in message.element_strings):
        return None
    return [(each.ai.ai, each.value) for each in message.element_strings]


def test_the_table_has_the_identifiers_of_the_published_list_and_their_separators() -> None:
    from biip.gs1_application_identifiers import _GS1_APPLICATION_IDENTIFIERS as PUBLISHED  # noqa: PLC0415

    assert set(ROWS) == set(PUBLISHED)
    for ai, published in PUBLISHED.items():
        form = format_of(ai)
        assert form is not None
        assert (form.length is None) is published.separator_required, ai


LENGTHS_CHECKED_ELSEWHERE = {
    **dict.fromkeys(
        ("4330", "4331", "4332", "4333"), "the seventh character is a minus sign, checked separately"
    ),
    "7258": "the second of three characters is a slash, checked separately",
    "8010": "begins with a company prefix of at least four digits, checked separately",
}
"""Identifiers whose lengths the library checks elsewhere, and why."""


@pytest.mark.parametrize("ai", sorted(set(ROWS) - set(LENGTHS_CHECKED_ELSEWHERE)))
def test_data_may_have_the_same_lengths_as_in_the_library(ai: str) -> None:
    from biip.gs1_application_identifiers import _GS1_APPLICATION_IDENTIFIERS as PUBLISHED  # noqa: PLC0415

    form = format_of(ai)
    assert form is not None
    for length in range(1, 96):
        # A zero is in every character set.
        ours = form.pattern.fullmatch("0" * length) is not None
        assert ours == (re.fullmatch(PUBLISHED[ai].pattern, ai + "0" * length) is not None), length


@settings(deadline=None, max_examples=400)
@given(st.sampled_from(sorted(ROWS)), st.data())
def test_the_library_reads_valid_data_in_the_same_way(ai: str, data: st.DataObject) -> None:
    form = format_of(ai)
    assert form is not None
    value = data.draw(st.from_regex(form.pattern, fullmatch=True))
    assume(form.fault(value) is None)
    assert _oracle(ai + value) == [(ai, value)]


@settings(deadline=None, max_examples=400)
@given(st.sampled_from(sorted(ROWS)), st.data())
def test_data_that_the_librarys_pattern_refuses_is_refused(ai: str, data: st.DataObject) -> None:
    form = format_of(ai)
    assert form is not None
    value = data.draw(st.from_regex(form.pattern, fullmatch=True))
    at = data.draw(st.integers(0, len(value) - 1))
    # Character set 39 (7.11), which 8010 alone uses, has a number sign.
    signs = [" ", "\x1c", "é", "^", *([] if ai == "8010" else ["#"])]
    bad = data.draw(st.sampled_from(signs))
    damaged = ai + value[:at] + bad + value[at + 1 :]
    # The library strips white space at the end, which is in none of GS1's sets (7.11).
    assert _oracle(damaged) is None or damaged != damaged.strip()
    with pytest.raises(LabelError):
        gs1.elements(damaged)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "0109521000001014",
            "7.9.1: the check digit is part of a GTIN; biip keeps a wrong one and adds an error",
        ),
        ("4104006381333930", "7.9.1: the same for a GLN"),
        ("00106141411928374656", "7.9.1: the same for an SSCC"),
        ("40295210000000000000", "7.9.1: the same for a shipment number, where biip checks nothing"),
        ("2539521000001014", "7.9.1: the same for a document type"),
        ("80131987654Ad4X4bL5ttr2310c2L", "7.9.5: check characters, which biip does not check"),
        ("8040490154203237517", "section 3: an IMEI's check digit, which biip does not check"),
        ("8006095210000010150201", "section 3: piece 2 of 1, which biip does not check"),
        ("8003095210000010141", "section 3: the check digit of a returnable asset"),
        ("30", "3.2: N..8 is at least one digit"),
        ("7004", "3.2: N..4 is at least one digit"),
        ("801100", "section 3: a serial number of a component does not begin with zero"),
        ("21SN ", "7.11: a space is in no set; biip strips it"),
        ("21SN-1\x1d21SN-2", "4.14: an identifier twice with different data; biip lists both"),
        ("21SN-1\x1d\x1d10L", "7.8.5: there is nothing between two separators; biip skips both"),
    ],
)
def test_where_the_library_is_laxer_the_standard_agrees_with_us(text: str, why: str) -> None:
    assert why
    assert GS1Message.parse(text).element_strings
    with pytest.raises(LabelError):
        gs1.read(text)


# Several element strings, with and without separators


def _value(draw: st.DrawFn, ai: str) -> str:
    """Data of an identifier: mostly valid, else damaged, or valid only by its characters."""
    form = format_of(ai)
    assert form is not None
    value: str = draw(st.from_regex(form.pattern, fullmatch=True))
    if form.fault(value) is not None and draw(st.booleans()):
        value = draw(st.from_regex(form.pattern, fullmatch=True))
    at = draw(st.integers(0, len(value) - 1))
    match draw(st.sampled_from(["good"] * 5 + ["shorter", "longer", "changed"])):
        case "shorter":
            return value[:-1]
        case "longer":
            return value + draw(st.sampled_from("0A# "))
        case "changed":
            return value[:at] + draw(st.sampled_from("0A# ")) + value[at + 1 :]
        case _:
            return value


@st.composite
def _labels(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(["", "", GS]))
    families = sorted({ai[:2] for ai in ROWS})
    for family in draw(st.lists(st.sampled_from(families), min_size=1, max_size=5)):
        ai = draw(st.sampled_from([each for each in sorted(ROWS) if each[:2] == family]))
        form = format_of(ai)
        ends = ["", "", GS, GS * 2] if form and form.length else [GS, GS, GS, GS, "", GS * 2]
        text += ai + _value(draw, ai) + draw(st.sampled_from(ends))
    return text


def _has_invalid_content(_text: str, theirs: list[tuple[str, str]]) -> bool:
    faults = [form.fault(value) for ai, value in theirs if (form := format_of(ai))]
    return any(fault and not fault.startswith("must be") for fault in faults)


def _ends_without_separator(text: str, theirs: list[tuple[str, str]]) -> bool:
    rest, such = text.strip(), False
    for ai, value in theirs:
        rest = rest[len(ai) + len(value) :]
        form = format_of(ai)
        such = such or (form is not None and form.length is None and rest[:1] not in {"", GS})
        rest = rest.lstrip(GS)
    return such


DIFFERENCES: dict[str, Callable[[str, list[tuple[str, str]]], bool]] = {
    "7.8.5: data of variable length ends at a separator or the end; biip cuts it at its maximum length": (
        _ends_without_separator
    ),
    "7.8.5: there is nothing between two separators; biip skips both": lambda text, _: GS * 2 in text,
    "3 and 7.9: check digits, prefixes, countries and the like, which biip does not check, or only notes": (
        _has_invalid_content
    ),
    "3.2: N..n is at least one digit; biip accepts none": lambda _, theirs: any(
        not value for _, value in theirs
    ),
    "7.11: a space is in no set; biip strips it": lambda text, _: text.strip(GS) != text.strip(),
}
"""Why the library reads labels that we reject. The reverse never happens."""


@settings(deadline=None, max_examples=600)
@given(_labels())
def test_several_element_strings_are_read_in_the_same_way_except_for_known_differences(text: str) -> None:
    theirs = _read_by_the_library(text)
    try:
        ours = [(each.identifier, each.value) for each in gs1.elements(text)]
    except LabelError:
        assert theirs is None or any(explains(text, theirs) for explains in DIFFERENCES.values())
        return
    assert ours == theirs


def _read_by_the_library(text: str) -> list[tuple[str, str]] | None:
    try:
        message = GS1Message.parse(text)
    except (biip.ParseError, ValueError, IndexError):
        return None
    return [(each.ai.ai, each.value) for each in message.element_strings]


@pytest.mark.parametrize(
    ("text", "theirs"),
    [
        (f"21{'S' * 20}10L", [("21", "S" * 20), ("10", "L")]),
        (f"10L{GS}{GS}21S", [("10", "L"), ("21", "S")]),
        ("8004AB1", [("8004", "AB1")]),
        (f"30{GS}21S", [("30", ""), ("21", "S")]),
        ("21S ", [("21", "S")]),
    ],
)
def test_each_known_difference_has_an_example(text: str, theirs: list[tuple[str, str]]) -> None:
    assert _read_by_the_library(text) == theirs
    assert len([why for why, explains in DIFFERENCES.items() if explains(text, theirs)]) == 1
    with pytest.raises(LabelError):
        gs1.elements(text)
