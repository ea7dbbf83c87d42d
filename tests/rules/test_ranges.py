from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.rules.ranges import MAX_NAMED, MAX_SPAN, Span, retrieved, span

PREFIXES = st.text(max_size=6).filter(lambda text: not text[-1:].isascii() or not text[-1:].isdigit())


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("SN-001", "SN-010", Span("SN-", 3, 1, 10)),
        ("SN-001", "SN-001", Span("SN-", 3, 1, 1)),
        ("1", "9", Span("", 1, 1, 9)),
        ("A1B08", "A1B11", Span("A1B", 2, 8, 11)),
        ("é\n7", "é\n8", Span("é\n", 1, 7, 8)),
        ("X000001", "X100000", Span("X", 6, 1, MAX_SPAN)),
    ],
)
def test_m2_a_range_has_one_prefix_and_a_numeric_last_part(first: str, last: str, expected: Span) -> None:
    assert span(first, last) == expected


@pytest.mark.parametrize(
    ("first", "last", "reason"),
    [
        ("SN", "SN-9", "range: SN does not end in a number"),
        ("SN-9", "SN", "range: SN does not end in a number"),
        ("", "", "range:  does not end in a number"),
        ("SN-1", "SN-1x", "range: SN-1x does not end in a number"),
        ("SN-१", "SN-२", "range: SN-१ does not end in a number"),
        ("SN-9", "SN-10", "range: first and last end in numbers of different width"),
        ("SN-1", "sn-2", "range: first and last begin differently"),
        ("A-1", "B-2", "range: first and last begin differently"),
        ("SN-2", "SN-1", "range: first is above last"),
        ("X000001", "X100001", "range: more than 100,000 numbers"),
    ],
)
def test_m2_an_invalid_range_has_a_reason(first: str, last: str, reason: str) -> None:
    assert span(first, last) == reason


@given(PREFIXES, st.integers(1, 9), st.data())
def test_m2_a_range_holds_exactly_the_numbers_from_first_to_last(
    prefix: str, width: int, data: st.DataObject
) -> None:
    numbers = st.integers(0, 10**width - 1)
    start = data.draw(numbers)
    end = data.draw(st.integers(start, min(10**width - 1, start + MAX_SPAN - 1)))
    tried = data.draw(numbers | st.sampled_from([start, end, max(0, start - 1), end + 1]))
    found = span(f"{prefix}{start:0{width}}", f"{prefix}{end:0{width}}")
    assert isinstance(found, Span)
    assert found.size == end - start + 1
    assert found.holds(f"{prefix}{tried:0{width}}") is (start <= tried <= end)


@given(PREFIXES, st.integers(2, 9), st.integers(0, 9))
def test_m2_a_number_of_another_width_or_prefix_is_outside(prefix: str, width: int, number: int) -> None:
    found = span(f"{prefix}{0:0{width}}", f"{prefix}{9:0{width}}")
    assert isinstance(found, Span)
    assert found.holds(f"{prefix}{number:0{width}}")
    assert not found.holds(f"{prefix}{number:0{width + 1}}")
    assert not found.holds(f"{prefix}{number:0{width - 1}}")
    assert not found.holds(f"x{prefix}{number:0{width}}")
    assert not found.holds(f"{prefix}{number:0{width - 1}}x")


@given(st.text(max_size=8), st.text(max_size=8))
def test_m2_any_two_texts_are_a_range_or_a_reason(first: str, last: str) -> None:
    found = span(first, last)
    if isinstance(found, Span):
        assert found.holds(first)
        assert found.holds(last)
    else:
        assert found.startswith("range: ")


WHOLE = Span("SD10001", 1, 1, 6)
SIX = [WHOLE.text(number) for number in range(1, 7)]


@pytest.mark.parametrize(
    ("held", "taken", "text"),
    [
        pytest.param(SIX, 6, "6 of 6 retrieved", id="whole"),
        pytest.param([*SIX[:3], *SIX[4:]], 5, "5 of 6 retrieved; SD100014 is unknown", id="one is missing"),
        pytest.param(
            [SIX[0], SIX[5]], 2, "2 of 6 retrieved; SD100012 to SD100015 are unknown", id="a span is missing"
        ),
        pytest.param(
            [SIX[0], SIX[2], SIX[5]],
            3,
            "3 of 6 retrieved; SD100012 and SD100014 to SD100015 are unknown",
            id="several are missing",
        ),
        pytest.param(SIX, 5, "5 of 6 retrieved; 1 was skipped or refused", id="one is not taken"),
        pytest.param(
            SIX[1:],
            3,
            "3 of 6 retrieved; SD100011 is unknown; 2 were skipped or refused",
            id="missing and not taken",
        ),
        pytest.param([], 0, "0 of 6 retrieved; SD100011 to SD100016 are unknown", id="nothing is there"),
    ],
)
def test_m2_the_end_of_a_range_says_what_is_missing(held: list[str], taken: int, text: str) -> None:
    assert retrieved(WHOLE, held, taken) == text


def test_m2_at_most_twenty_gaps_are_named_then_counted() -> None:
    whole = Span("N", 3, 1, 100)
    held = [whole.text(number) for number in range(2, 55, 2)]
    text = retrieved(whole, held, len(held))
    assert text.startswith("27 of 100 retrieved; N001 and N003 and ")
    assert text.endswith(" and N039 and 53 more are unknown")
    assert len(whole.gaps(held)[:MAX_NAMED]) == MAX_NAMED


@given(PREFIXES, st.integers(0, 900), st.integers(1, 60), st.data())
def test_m2_gaps_and_units_together_are_the_range(
    prefix: str, start: int, size: int, data: st.DataObject
) -> None:
    whole = Span(prefix, 3, start, start + size - 1)
    numbers = range(start, start + size)
    held = sorted(data.draw(st.sets(st.sampled_from(numbers))))
    missing = [
        number
        for gap in whole.gaps([whole.text(number) for number in held])
        for number in range(gap.first, gap.last + 1)
    ]
    assert sorted([*held, *missing]) == list(numbers)
