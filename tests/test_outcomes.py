from __future__ import annotations

from station.i18n.catalogues import texts
from station.outcomes import OUTCOMES, SHOWN_ACTIONS, WORDS, Sign, Tone, outcome_type


def test_each_outcome_sounds_looks_and_counts_as_documented() -> None:
    assert {row.action: (row.tone, row.sign, row.takes_reason, row.units) for row in OUTCOMES.values()} == {
        "Assigned": (Tone.GOOD, Sign.CHECK, False, 1),
        "Added": (Tone.GOOD, Sign.PLUS, False, 1),
        "Counted": (Tone.GOOD, Sign.COUNT, False, 0),
        "Negative": (Tone.ATTENTION, Sign.MINUS, False, 1),
        "Skipped": (Tone.ATTENTION, Sign.SKIP, True, 0),
        "Detached": (Tone.ATTENTION, Sign.BACK, False, -1),
        "Refused": (Tone.REFUSED, Sign.CROSS, True, 0),
        "Rejected": (Tone.REFUSED, Sign.CROSS, False, 0),
    }


def test_every_action_has_one_row_in_the_table() -> None:
    assert sorted(OUTCOMES) == sorted(SHOWN_ACTIONS)


def test_outcomes_are_told_apart_by_sign_except_that_nothing_was_booked() -> None:
    signs = [row.sign for row in OUTCOMES.values() if row.tone is not Tone.REFUSED]
    assert len(set(signs)) == len(signs)
    assert Sign.CROSS not in signs


def test_an_action_of_a_newer_station_is_shown_as_it_came_and_as_if_refused() -> None:
    row = outcome_type("Weighed")
    assert (row.word, row.tone, row.sign) == ("Weighed", Tone.REFUSED, Sign.CROSS)


def test_both_displays_can_translate_every_word() -> None:
    page, other = ({one for one, _ in kind} for kind in (texts().page, texts().other))
    assert set(WORDS) <= page & other
