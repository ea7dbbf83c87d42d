"""A scanner that drops separators: reported if it can be detected, and never guessed."""

from __future__ import annotations

import random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from station.config.settings import LabelSettings, Preferences
from station.labels import gs1, iso15434
from station.labels.contents import LabelError
from station.labels.explain import explain
from station.labels.gs1_formats import format_of
from station.labels.interpret import ItemRead, SerialRead, interpret
from station.labels.normalise import Label, Rejected
from station.labels.separators import MOST_CHARACTERS, runs_on
from tests.labels.generated import SERIAL

GTIN = "09521000001015"
GS = "\x1d"
DROPS = "the scanner seems to drop the separators (GS) or to send other characters instead"
DOCTOR = "scanstation doctor --scan"


def _refusal(text: str) -> str:
    rejected = interpret(Label(text, "]C1"), Preferences(), LabelSettings())
    assert isinstance(rejected, Rejected)
    return rejected.message


@pytest.mark.parametrize(
    "text",
    [
        # Too long: a serial number and a lot, a lot and a serial number, three of variable length.
        f"01{GTIN}21SN-123456789{GS}10LOT-4711",
        f"01{GTIN}10LOT-12345678901{GS}21SN-4711",
        f"10LOT-12345{GS}21SN-4711{GS}240X-1",
        # Too long by a date or a GTIN after it.
        f"21SN-12345678901{GS}17261231",
        f"21SN-12345678901{GS}01{GTIN}",
        # Characters that the first must not contain.
        f"3712{GS}21SN-1",
        f"422276{GS}21SN-1",
        f"8111{'0001'}{GS}10LOT",
        # Check characters that are no longer at the end.
        f"80131987654Ad4X4bL5ttr2310c2K{GS}10L",
    ],
)
def test_dropped_separators_are_reported_with_advice(text: str) -> None:
    assert gs1.elements(text)
    reason = _refusal(text.replace(GS, ""))
    assert DROPS in reason
    assert DOCTOR in reason
    assert "scan again" not in reason


@pytest.mark.parametrize("instead", ["|", "^", "~", "#", " ", "{", "\\"])
def test_replaced_separators_are_reported_with_advice(instead: str) -> None:
    reason = _refusal(f"01{GTIN}10LOT{instead}21SN-1")
    assert DROPS in reason
    assert DOCTOR in reason


@pytest.mark.parametrize(
    "text",
    [
        f"21{'S' * 21}",
        "21SN 1",
        "21SN#1",
        f"0195210000010{GS}15",
        "800319521000001015",
        "17261301",
        f"21{'S' * 3000}",
    ],
)
def test_other_errors_are_not_blamed_on_the_scanner(text: str) -> None:
    reason = _refusal(text)
    assert DOCTOR not in reason
    assert reason.endswith("scan again; if it repeats, the label is wrong")


@settings(deadline=None)
@given(st.text("0123456789", min_size=1, max_size=MOST_CHARACTERS))
def test_long_data_is_searched_with_bounded_effort(digits: str) -> None:
    form = format_of("21")
    assert form is not None
    assert runs_on(form, digits) in {True, False}
    assert not runs_on(form, "21" * MOST_CHARACTERS)


@settings(deadline=None, max_examples=300)
@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=20), SERIAL)
def test_a_dropped_separator_is_reported_or_appends_the_rest_to_the_serial_number(
    lot: str, serial: str
) -> None:
    """It can't always be detected: the label may still be valid, with a serial number that is too long."""
    form = format_of("10")
    assert form is not None
    assume(form.fault(lot) is None)
    dropped = interpret(Label(f"01{GTIN}21{serial}10{lot}", "]C1"), Preferences(), LabelSettings())
    if isinstance(dropped, Rejected):
        assert DROPS in dropped.reason
    else:
        assert dropped == SerialRead((f"{serial}10{lot}",), GTIN)
    # A lot before the serial number absorbs it: no serial number is found.
    dropped = interpret(Label(f"01{GTIN}10{lot}21{serial}", "]C1"), Preferences(), LabelSettings())
    if isinstance(dropped, Rejected):
        assert DROPS in dropped.reason
    else:
        assert dropped == ItemRead(GTIN)


def test_serial_numbers_that_could_end_in_element_strings_are_not_rejected_since_most_could() -> None:
    form, draw = format_of("21"), random.Random(4)
    assert form is not None
    numbers = ["".join(draw.choices("0123456789", k=10)) for _ in range(500)]
    ambiguous = [number for number in numbers if runs_on(form, number)]
    assert len(ambiguous) > len(numbers) / 2
    for number in ambiguous:
        assert gs1.read(f"01{GTIN}21{number}").serials == (number,)


# Hints in the explanation


def _notes(text: str) -> list[str]:
    steps = explain(Label(text, "]C1"), Preferences(), LabelSettings())
    return [each.found for each in steps if each.step == "  note"]


def test_a_hint_explains_a_serial_number_that_ends_with_a_date() -> None:
    (note,) = _notes(f"01{GTIN}21SN-117261231")
    assert note.startswith(
        "AI 21 ends like AI 17 (expiration date) with 261231: if the label prints them apart"
    )
    assert DOCTOR in note


def test_a_hint_explains_a_label_whose_data_may_contain_the_serial_number() -> None:
    (note,) = _notes(f"01{GTIN}10LOT21SN-1")
    assert note.startswith("AI 10 holds what could be AI 21 (serial number): if the label prints them apart")
    assert DOCTOR in note


@pytest.mark.parametrize(
    "text",
    [
        f"01{GTIN}21SN-1",
        f"01{GTIN}211721010110",
        f"01{GTIN}10LOT",
        f"01{GTIN}10LOT21SN-1{GS}21SN-2",
        f"01{GTIN}21SN17269931",
        f"01{GTIN}17261231",
        "1721",
    ],
)
def test_there_is_no_hint_on_other_labels(text: str) -> None:
    assert _notes(text) == []


# Envelopes


@pytest.mark.parametrize("lost", ["\x1d", "\x1e", "\x04", "\x1d\x1e", "\x1d\x1e\x04"])
@pytest.mark.parametrize("form", ["06\x1d1PPROC\x1dSSN-1", "05\x1d0109521000001015\x1d21SN-1", "12\x1dSER A"])
def test_an_envelope_without_its_control_characters_is_rejected_with_advice(form: str, lost: str) -> None:
    label = f"[)>\x1e{form}\x1e\x04"
    for character in lost:
        label = label.replace(character, "")
    rejected = interpret(Label(label), Preferences(), LabelSettings())
    assert isinstance(rejected, Rejected)
    assert "control characters" in rejected.message
    assert DOCTOR in rejected.message


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ("\x1dS1", 'the data element before "S1" is empty'),
        ("S1\x1d\x1d1PX", "the data element after S (serial number) is empty"),
        ("1PX\x1d", "the data element after 1P (supplier's item code) is empty"),
        ("K1\x1d", "the data element after K is empty"),
        ("", "it holds no data element"),
        ("S1\x1d1P", "1P (supplier's item code) is empty"),
    ],
)
def test_an_empty_data_element_is_identified_by_its_neighbour(fields: str, says: str) -> None:
    with pytest.raises(LabelError) as caught:
        iso15434.read(f"[)>\x1e06\x1d{fields}\x1e\x04")
    assert says in str(caught.value)


def test_an_empty_data_element_that_is_not_used_is_skipped() -> None:
    found = iso15434.read("[)>\x1e06\x1dK\x1dSSN-1\x1d1T\x1dQ\x1e\x04")
    assert found is not None
    assert found.serials == ("SN-1",)
