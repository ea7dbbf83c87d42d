from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.config.settings import Preferences
from station.outcomes import Action
from station.questions import QuestionKind
from station.rules.judge import Ask, Attach, Reject, judge, needs_counts, refused, turned_away
from station.rules.model import AreaType, Line, Tracking, Unit

OUT = Unit("SN-1", None, "PROC", "Processor", Tracking.SERIALIZED, "SOLD", AreaType.OUT, "MAIN", None)
STOCK = replace(OUT, area="STOCK", area_type=AreaType.STOCK)

UNITS = st.builds(
    Unit,
    serial_number=st.just("SN-1"),
    mfr_serial_number=st.none(),
    item=st.just("PROC"),
    description=st.just(""),
    tracking=st.sampled_from(Tracking),
    area=st.just("AREA"),
    area_type=st.sampled_from(AreaType),
    area_location=st.sampled_from(["MAIN", "SHOP"]),
    attached_to=st.sampled_from([None, None, "CM-2"]),
)
PREFERENCES = st.builds(
    Preferences,
    own_location_only=st.booleans(),
    prompt_when_not_on_document=st.booleans(),
    negative=st.sampled_from(["allow", "refuse"]),
    over_quantity=st.sampled_from(["allow", "prompt", "refuse"]),
)


def line(number: int, requested: int = 1, credited: int = 0, *, negative: bool = False) -> Line:
    return Line("CM-1", number, "PROC", requested, negative, added=negative, credited=credited)


def added(number: int, credited: int) -> Line:
    return Line("CM-1", number, "PROC", 0, negative=False, added=True, credited=credited)


@st.composite
def documents(draw: st.DrawFn) -> list[Line]:
    """Lines of one item: the office's or one added line, and at most one negative line."""
    quantities = st.integers(0, 3)
    lines = [line(n, draw(quantities), draw(quantities)) for n in range(1, draw(st.integers(0, 3)) + 1)]
    if not lines and draw(st.booleans()):
        lines = [added(1, draw(quantities))]
    if draw(st.booleans()):
        lines.append(line(9, 0, -draw(quantities), negative=True))
    return lines


def assigned(to: Line) -> Attach:
    return Attach(Action.ASSIGNED, to)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([line(1), line(2)], line(1), id="the first line has room"),
        pytest.param([line(1, 1, 1), line(2)], line(2), id="the first line is full, the second has room"),
        pytest.param([line(1, 1, 1), line(2, 1, 1)], line(1, 1, 1), id="both lines are full"),
        pytest.param([line(1, 0)], line(1, 0), id="nothing was requested"),
        pytest.param([line(1, 0, -1, negative=True), line(2)], line(2), id="the negative line comes first"),
        pytest.param([added(1, 4)], added(1, 4), id="retrieval added the line"),
    ],
)
def test_r6_a_unit_from_an_out_area_goes_on_the_first_line_with_room_otherwise_on_the_first(
    lines: list[Line], expected: Line
) -> None:
    assert judge(OUT, lines, "MAIN", Preferences()) == assigned(expected)


NEGATIVE = [line(1, 0, -1, negative=True)]
ASK = Ask(QuestionKind.ADD_ITEM)
ADD = Attach(Action.ADDED, None)


@pytest.mark.parametrize("lines", [[], NEGATIVE], ids=["no line", "a negative line only"])
@pytest.mark.parametrize(
    ("prompt", "consent", "expected"),
    [
        (True, None, ASK),
        (True, True, ADD),
        (True, False, refused("declined")),
        (False, None, ADD),
    ],
)
def test_r7_a_unit_whose_item_is_not_on_the_document_is_asked_about(
    lines: list[Line], *, prompt: bool, consent: bool | None, expected: Attach | Ask
) -> None:
    preferences = Preferences(prompt_when_not_on_document=prompt)
    assert judge(OUT, lines, "MAIN", preferences, consent) == expected


@pytest.mark.parametrize(
    ("lines", "prompt", "consent", "expected"),
    [
        pytest.param([line(1)], True, None, Attach(Action.NEGATIVE, None), id="on a regular line"),
        pytest.param(NEGATIVE, True, None, Attach(Action.NEGATIVE, NEGATIVE[0]), id="on a negative line"),
        pytest.param([], True, None, ASK, id="on no line: asks"),
        pytest.param([], True, True, Attach(Action.NEGATIVE, None), id="on no line, Yes"),
        pytest.param([], True, False, refused("declined"), id="on no line, No"),
        pytest.param([], False, None, Attach(Action.NEGATIVE, None), id="on no line, prompting is off"),
    ],
)
def test_r8_a_unit_from_a_stock_area_goes_on_a_negative_line(
    lines: list[Line], *, prompt: bool, consent: bool | None, expected: Attach | Ask | Reject
) -> None:
    preferences = Preferences(prompt_when_not_on_document=prompt)
    assert judge(STOCK, lines, "MAIN", preferences, consent) == expected


@pytest.mark.parametrize("lines", [[], [line(1)], NEGATIVE])
def test_r8_a_unit_from_a_stock_area_is_refused_if_negative_quantities_are(lines: list[Line]) -> None:
    assert judge(STOCK, lines, "MAIN", Preferences(negative="refuse")) == refused("not in an out area")


FULL = line(1, 2, 2)


@pytest.mark.parametrize(
    ("preferences", "lines", "consent", "expected"),
    [
        pytest.param(Preferences(), [FULL], None, assigned(FULL), id="allow"),
        pytest.param(
            Preferences(over_quantity="refuse"),
            [FULL],
            None,
            refused("above the requested quantity"),
            id="no",
        ),
        pytest.param(
            Preferences(over_quantity="prompt"), [FULL], None, Ask(QuestionKind.OVER_QUANTITY), id="prompt"
        ),
        pytest.param(Preferences(over_quantity="prompt"), [FULL], True, assigned(FULL), id="prompt, Yes"),
        pytest.param(
            Preferences(over_quantity="prompt"), [FULL], False, refused("declined"), id="prompt, answered No"
        ),
        pytest.param(
            Preferences(over_quantity="prompt"),
            [line(1, 2, 1)],
            None,
            assigned(line(1, 2, 1)),
            id="room left",
        ),
        pytest.param(
            Preferences(over_quantity="refuse"), [added(1, 5)], None, assigned(added(1, 5)), id="added line"
        ),
        pytest.param(
            Preferences(over_quantity="refuse"), [FULL, line(2)], None, assigned(line(2)), id="next line"
        ),
    ],
)
def test_r9_the_preference_decides_above_the_requested_quantity(
    preferences: Preferences, lines: list[Line], *, consent: bool | None, expected: Attach | Ask | Reject
) -> None:
    assert judge(OUT, lines, "MAIN", preferences, consent) == expected


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        pytest.param(
            replace(OUT, attached_to="CM-2", area_location="SHOP", tracking=Tracking.NONE),
            Reject(Action.SKIPPED, "already on CM-2"),
            id="R4 before R5 and R10",
        ),
        pytest.param(
            replace(OUT, area_location="SHOP", tracking=Tracking.NONE),
            refused("stock area of another location: SOLD of SHOP"),
            id="R5 before R10",
        ),
        pytest.param(replace(OUT, tracking=Tracking.NONE), refused("item is not serialized"), id="R10"),
        pytest.param(replace(OUT, tracking=Tracking.AUTO_SERIALIZED), None, id="auto_serialized is taken"),
        pytest.param(OUT, None, id="serialized is taken"),
    ],
)
def test_r4_r5_r10_turn_a_unit_away_in_this_order(unit: Unit, expected: Reject | None) -> None:
    assert turned_away(unit, "MAIN", Preferences(own_location_only=True)) == expected


def test_r5_applies_only_with_its_preference() -> None:
    assert turned_away(replace(OUT, area_location="SHOP"), "MAIN", Preferences()) is None


@given(unit=UNITS, lines=documents(), preferences=PREFERENCES, consent=st.sampled_from([None, True, False]))
def test_a_unit_is_turned_away_before_any_effect_or_question(
    unit: Unit, lines: list[Line], preferences: Preferences, *, consent: bool | None
) -> None:
    away = turned_away(unit, "MAIN", preferences)
    if away is not None:
        assert judge(unit, lines, "MAIN", preferences, consent) == away


@given(unit=UNITS, lines=documents(), preferences=PREFERENCES, consent=st.booleans())
def test_an_answer_never_raises_another_question(
    unit: Unit, lines: list[Line], preferences: Preferences, *, consent: bool
) -> None:
    assert not isinstance(judge(unit, lines, "MAIN", preferences, consent), Ask)


@given(UNITS, documents(), PREFERENCES)
def test_an_answer_matters_only_if_there_was_a_question(
    unit: Unit, lines: list[Line], preferences: Preferences
) -> None:
    verdict = judge(unit, lines, "MAIN", preferences)
    yes, no = (judge(unit, lines, "MAIN", preferences, consent) for consent in (True, False))
    if isinstance(verdict, Ask):
        assert isinstance(yes, Attach)
        assert no == refused("declined")
    else:
        assert yes == verdict == no


@given(UNITS, documents(), PREFERENCES)
def test_a_unit_goes_only_on_a_line_of_its_own_sign(
    unit: Unit, lines: list[Line], preferences: Preferences
) -> None:
    verdict = judge(unit, lines, "MAIN", preferences, consent=True)
    if isinstance(verdict, Attach):
        out = unit.area_type is AreaType.OUT
        assert (verdict.action is Action.NEGATIVE) is not out
        assert verdict.line is None or verdict.line.negative is not out
        assert (verdict.line is None) is not any(each.negative is not out for each in lines)


@given(UNITS, documents(), PREFERENCES)
def test_counts_that_are_not_needed_change_nothing(
    unit: Unit, lines: list[Line], preferences: Preferences
) -> None:
    if not needs_counts(lines, preferences):
        uncounted = [replace(each, credited=0) for each in lines]
        verdict = judge(unit, lines, "MAIN", preferences)
        blind = judge(unit, uncounted, "MAIN", preferences)
        if isinstance(verdict, Attach) and isinstance(blind, Attach) and verdict.line and blind.line:
            assert verdict.line.number == blind.line.number
        else:
            assert verdict == blind
