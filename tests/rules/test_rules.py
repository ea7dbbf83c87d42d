from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.config.settings import Preferences
from station.outcomes import Action
from station.questions import Answered, QuestionKind
from station.rules.judge import (
    CONCERNS,
    NO_TO_ALL,
    NOT_ASKED,
    Ask,
    Attach,
    Case,
    Consent,
    Placed,
    Reject,
    Verdict,
    consent_about,
    judge,
    needs_lock,
    place,
    refused,
    turned_away,
)
from station.rules.model import (
    AreaType,
    Attachment,
    Booking,
    Document,
    DocumentKind,
    Line,
    Status,
    Tracking,
    Unit,
)

OUT = Unit("SN-1", None, "PROC", "Processor", Tracking.SERIALIZED, "SOLD", AreaType.OUT, "MAIN", None)
STOCK = replace(OUT, area="STOCK", area_type=AreaType.STOCK)
MEMO = Document("CM-1", DocumentKind.CREDIT_MEMO, "Birch", "MAIN", Status.OPEN)
ORDER = replace(MEMO, number="CO-1", kind=DocumentKind.CREDIT_ORDER)
TODAY = date(2026, 11, 23)
BOOKING = Booking("CM-9", datetime(2026, 11, 20, tzinfo=UTC))
YES_TO_ALL = Consent(yes=frozenset(CONCERNS))
ALLOW = Preferences(negative="allow", other_customer="allow", late_return="allow", unexpected="allow")

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
    attached_to=st.none(),
    customer=st.sampled_from(["", "Acme", "Birch"]),
    returnable_until=st.sampled_from([None, TODAY, date(2026, 11, 22)]),
)
CASES = st.builds(
    Case,
    UNITS,
    st.builds(replace, st.sampled_from([MEMO, ORDER]), customer=st.sampled_from(["", "Birch"])),
    st.just(TODAY),
    st.sampled_from([frozenset(), frozenset({"SN-1"}), frozenset({"SN-2"})]),
    away=st.none(),
    booking=st.sampled_from([None, BOOKING]),
)
CHOICES = st.sampled_from(["prompt", "allow", "refuse"])
PREFERENCES = st.builds(
    Preferences,
    own_location_only=st.booleans(),
    prompt_when_not_on_document=st.booleans(),
    negative=CHOICES,
    over_quantity=CHOICES,
    other_customer=CHOICES,
    late_return=CHOICES,
    unexpected=CHOICES,
)


def line(
    number: int, requested: int = 1, credited: int = 0, *, negative: bool = False, raised: int = 0
) -> Line:
    return Line("CM-1", number, "PROC", requested, negative, added=negative, credited=credited, raised=raised)


def added(number: int, credited: int) -> Line:
    return Line("CM-1", number, "PROC", 0, negative=False, added=True, credited=credited)


def verdict_on(
    unit: Unit, lines: list[Line], preferences: Preferences = ALLOW, consent: Consent = NOT_ASKED
) -> Verdict:
    """Judge a unit with nothing unusual about it."""
    return judge(Case(unit, MEMO, TODAY), lines, preferences, consent)


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
    verdict = verdict_on(OUT, lines)
    assert isinstance(verdict, Attach)
    assert (verdict.action, verdict.line) == (Action.ASSIGNED, expected)


NEGATIVE = [line(1, 0, -1, negative=True)]
ADD = Attach(Action.ADDED, None)
ASK_TO_ADD = Ask((QuestionKind.ADD_ITEM,), ADD)
YES = Consent(yes=frozenset({QuestionKind.ADD_ITEM}))
NO = Consent(no=frozenset({QuestionKind.ADD_ITEM}))


@pytest.mark.parametrize("lines", [[], NEGATIVE], ids=["no line", "a negative line only"])
@pytest.mark.parametrize(
    ("prompt", "consent", "expected"),
    [
        (True, NOT_ASKED, ASK_TO_ADD),
        (True, YES, ADD),
        (True, NO, refused("declined")),
        (False, NOT_ASKED, ADD),
    ],
)
def test_r7_a_unit_whose_item_is_not_on_the_document_is_asked_about(
    lines: list[Line], *, prompt: bool, consent: Consent, expected: Attach | Ask
) -> None:
    preferences = Preferences(prompt_when_not_on_document=prompt)
    assert verdict_on(OUT, lines, preferences, consent) == expected


TAKE = Attach(Action.NEGATIVE, None)


@pytest.mark.parametrize(
    ("lines", "prompt", "consent", "expected"),
    [
        pytest.param([line(1)], True, NOT_ASKED, TAKE, id="on a regular line"),
        pytest.param(NEGATIVE, True, NOT_ASKED, replace(TAKE, line=NEGATIVE[0]), id="on a negative line"),
        pytest.param([], True, NOT_ASKED, Ask((QuestionKind.ADD_ITEM,), TAKE), id="on no line: asks"),
        pytest.param([], True, YES, TAKE, id="on no line, Yes"),
        pytest.param([], True, NO, refused("declined"), id="on no line, No"),
        pytest.param([], False, NOT_ASKED, TAKE, id="on no line, prompting is off"),
    ],
)
def test_r8_allowed_a_unit_from_a_stock_area_goes_on_a_negative_line_at_once(
    lines: list[Line], *, prompt: bool, consent: Consent, expected: Attach | Ask | Reject
) -> None:
    preferences = Preferences(prompt_when_not_on_document=prompt, negative="allow")
    assert verdict_on(STOCK, lines, preferences, consent) == expected


@pytest.mark.parametrize("lines", [[], [line(1)], NEGATIVE])
def test_r8_a_unit_from_a_stock_area_is_refused_if_negative_quantities_are(lines: list[Line]) -> None:
    preferences = Preferences(negative="refuse")
    assert verdict_on(STOCK, lines, preferences) == refused("not in an out area")
    came_back = Case(STOCK, MEMO, TODAY, booking=BOOKING)
    assert judge(came_back, lines, preferences) == refused("not in an out area: it came back on CM-9")


FULL = line(1, 2, 2)


MANY = (QuestionKind.OVER_QUANTITY,)


@pytest.mark.parametrize(
    ("over_quantity", "lines", "quantity", "expected"),
    [
        pytest.param("allow", [FULL], 1, Placed(Action.ASSIGNED, FULL, (), 1), id="allow"),
        pytest.param("refuse", [FULL], 1, refused("above the requested quantity"), id="refuse"),
        pytest.param("prompt", [FULL], 1, Placed(Action.ASSIGNED, FULL, MANY, 1), id="prompt"),
        pytest.param("prompt", [line(1, 2, 1)], 1, Placed(Action.ASSIGNED, line(1, 2, 1)), id="room left"),
        pytest.param("refuse", [added(1, 5)], 1, Placed(Action.ASSIGNED, added(1, 5)), id="added line"),
        pytest.param("refuse", [FULL, line(2)], 1, Placed(Action.ASSIGNED, line(2)), id="next line"),
        pytest.param(
            "refuse",
            [line(1, 1, 2), line(2)],
            1,
            refused("above the requested quantity"),
            id="all lines count",
        ),
        pytest.param(
            "allow",
            [line(1, 4, 4, raised=2)],
            1,
            Placed(Action.ASSIGNED, line(1, 4, 4, raised=2), (), 3),
            id="raised",
        ),
        pytest.param("prompt", [line(1, 5, 2)], 3, Placed(Action.ASSIGNED, line(1, 5, 2)), id="a count fits"),
        pytest.param(
            "prompt",
            [line(1, 5, 2)],
            5,
            Placed(Action.ASSIGNED, line(1, 5, 2), MANY, 2),
            id="a count is more",
        ),
        pytest.param(
            "allow", [line(1, 0)], 1, Placed(Action.ASSIGNED, line(1, 0), (), 1), id="none requested"
        ),
    ],
)
def test_r9_the_preference_decides_above_the_requested_quantity(
    over_quantity: str, lines: list[Line], quantity: int, expected: Placed | Reject
) -> None:
    preferences = Preferences(over_quantity=over_quantity)  # type: ignore[arg-type]
    assert place(lines, quantity, preferences) == expected


ACME = replace(OUT, customer="Acme")
LATE = replace(OUT, returnable_until=date(2026, 11, 22))
OTHERS = frozenset({"SN-2", "SN-3"})


@pytest.mark.parametrize(
    ("case", "concern", "note", "reason"),
    [
        pytest.param(
            Case(ACME, MEMO, TODAY),
            QuestionKind.OTHER_CUSTOMER,
            "other customer: Acme",
            "other customer: Acme",
            id="R12",
        ),
        pytest.param(
            Case(LATE, MEMO, TODAY),
            QuestionKind.LATE_RETURN,
            "late: returnable until 2026-11-22",
            "late: returnable until 2026-11-22",
            id="R13",
        ),
        pytest.param(
            Case(OUT, MEMO, TODAY, OTHERS),
            QuestionKind.UNEXPECTED,
            "unexpected",
            "CM-1 expects other units of PROC",
            id="R14",
        ),
    ],
)
def test_r12_r13_r14_the_preference_decides_and_a_unit_that_is_taken_is_noted(
    case: Case, concern: QuestionKind, note: str, reason: str
) -> None:
    lines = [line(1)]
    noted = Attach(Action.ASSIGNED, lines[0], 0, note)
    assert judge(case, lines, Preferences()) == Ask((concern,), noted)
    assert judge(case, lines, Preferences(), Consent(yes=frozenset({concern}))) == noted
    assert judge(case, lines, Preferences(), Consent(no=frozenset({concern}))) == refused("declined")
    assert judge(case, lines, ALLOW) == noted
    refuses = Preferences(other_customer="refuse", late_return="refuse", unexpected="refuse")
    assert judge(case, lines, refuses) == refused(reason)


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(Case(replace(OUT, customer="Birch"), MEMO, TODAY), id="R12: the same customer"),
        pytest.param(Case(ACME, replace(MEMO, customer=""), TODAY), id="R12: the document has none"),
        pytest.param(Case(OUT, MEMO, TODAY), id="R12: the unit has none"),
        pytest.param(Case(replace(OUT, returnable_until=TODAY), MEMO, TODAY), id="R13: the last day"),
        pytest.param(Case(OUT, MEMO, TODAY, frozenset({"SN-1", "SN-2"})), id="R14: it is expected"),
    ],
)
def test_r12_r13_r14_do_not_apply(case: Case) -> None:
    assert judge(case, [line(1)], Preferences()) == Attach(Action.ASSIGNED, line(1))


def test_everything_about_a_unit_is_one_question_in_the_order_of_the_rules() -> None:
    unit = replace(STOCK, customer="Acme", returnable_until=date(2025, 1, 1))
    verdict = judge(Case(unit, MEMO, TODAY, OTHERS, booking=BOOKING), [], Preferences())
    assert isinstance(verdict, Ask)
    assert verdict.concerns == (
        QuestionKind.ADD_ITEM,
        QuestionKind.NEGATIVE,
        QuestionKind.OTHER_CUSTOMER,
        QuestionKind.LATE_RETURN,
        QuestionKind.UNEXPECTED,
    )
    assert verdict.then.note == (
        "came back on CM-9; other customer: Acme; late: returnable until 2025-01-01; unexpected"
    )


def test_a_unit_that_was_ours_is_noted_with_its_area_if_no_save_is_known() -> None:
    verdict = judge(Case(STOCK, MEMO, TODAY), [line(1)], Preferences(), YES_TO_ALL)
    assert verdict == Attach(Action.NEGATIVE, None, 0, "ours already: STOCK")


def test_a_yes_covers_what_the_question_named_and_nothing_else() -> None:
    unit = replace(ACME, returnable_until=date(2025, 1, 1))
    consent = Consent(yes=frozenset({QuestionKind.LATE_RETURN}))
    verdict = judge(Case(unit, MEMO, TODAY), [line(1)], Preferences(), consent)
    assert isinstance(verdict, Ask)
    assert verdict.concerns == (QuestionKind.OTHER_CUSTOMER, QuestionKind.LATE_RETURN)


def test_the_answers_of_a_label_are_those_about_the_item_and_a_yes_stays_one() -> None:
    late, other = QuestionKind.LATE_RETURN, QuestionKind.OTHER_CUSTOMER
    answers = [
        Answered("PROC", True, (late,)),
        Answered("PROC", False, (other, late)),
        Answered("CASE", True, (other,)),
    ]
    assert consent_about("PROC", answers) == Consent(frozenset({late}), frozenset({other}))
    assert consent_about("MEM", answers) == NOT_ASKED


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


BOOKED = Attachment("CM-1", 1, "SN-1", "PROC", receipt=2)


def test_r4_a_unit_that_a_receipt_booked_is_skipped_with_the_receipt() -> None:
    skipped = Reject(Action.SKIPPED, "already on CM-1 (receipt 2)")
    assert turned_away(OUT, "MAIN", Preferences(), BOOKED) == skipped
    elsewhere = turned_away(replace(OUT, attached_to="CM-2"), "MAIN", Preferences(), BOOKED)
    assert elsewhere == Reject(Action.SKIPPED, "already on CM-2")


@given(CASES, documents(), PREFERENCES, st.sampled_from([NOT_ASKED, YES_TO_ALL, NO_TO_ALL]))
def test_a_unit_is_turned_away_before_any_effect_or_question(
    case: Case, lines: list[Line], preferences: Preferences, consent: Consent
) -> None:
    away = refused("item is not serialized")
    assert judge(replace(case, away=away), lines, preferences, consent) == away


@given(CASES, documents(), PREFERENCES)
def test_an_answer_to_everything_matters_only_if_there_was_a_question_and_raises_no_other(
    case: Case, lines: list[Line], preferences: Preferences
) -> None:
    verdict = judge(case, lines, preferences)
    yes, no = (judge(case, lines, preferences, consent) for consent in (YES_TO_ALL, NO_TO_ALL))
    if isinstance(verdict, Ask):
        assert yes == verdict.then
        assert no == refused("declined")
    else:
        assert yes == verdict == no


@given(CASES, documents(), PREFERENCES)
def test_only_what_the_preferences_want_asked_is_asked_each_once_and_in_order(
    case: Case, lines: list[Line], preferences: Preferences
) -> None:
    verdict = judge(case, lines, preferences)
    if isinstance(verdict, Ask):
        asked = [concern for concern in CONCERNS if concern in verdict.concerns]
        assert list(verdict.concerns) == asked
        wanted = {str(concern): getattr(preferences, concern, None) for concern in asked}
        wanted.pop("add_item", None)
        assert set(wanted.values()) <= {"prompt"}


@given(CASES, documents(), PREFERENCES)
def test_a_unit_goes_only_on_a_line_of_its_own_sign(
    case: Case, lines: list[Line], preferences: Preferences
) -> None:
    verdict = judge(case, lines, preferences, YES_TO_ALL)
    if isinstance(verdict, Attach):
        out = case.unit.area_type is AreaType.OUT
        assert (verdict.action is Action.NEGATIVE) is not out
        assert verdict.line is None or verdict.line.negative is not out
        assert (verdict.line is None) is not any(each.negative is not out for each in lines)


@given(CASES, documents(), PREFERENCES)
def test_counts_that_need_no_lock_change_only_how_many_are_too_many(
    case: Case, lines: list[Line], preferences: Preferences
) -> None:
    if not needs_lock(lines, case.document, preferences):
        uncounted = [replace(each, credited=0) for each in lines]
        verdict, blind = (judge(case, each, preferences, YES_TO_ALL) for each in (lines, uncounted))
        if isinstance(verdict, Attach) and isinstance(blind, Attach) and verdict.line and blind.line:
            assert verdict.line.number == blind.line.number
        else:
            assert verdict == blind
