from __future__ import annotations

import biip.checksums
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.labels import check_digits

DIGITS = st.text("0123456789", min_size=1, max_size=30)
SET_43 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"


@pytest.mark.parametrize(
    ("scheme", "text"),
    [
        ("mod10", "4006381333931"),  # EAN-13 in the GS1 General Specifications' form
        ("mod10", "0614141999996"),  # GS1 check digit calculator
        ("mod10", "106141411928374657"),  # SSCC, GS1 Tag Data Standard
        ("luhn", "79927398713"),  # the well-known example of ISO/IEC 7812-1
        ("luhn", "490154203237518"),  # IMEI, 3GPP TS 23.003 annex B
        ("mod43", "CODE39W"),
        ("mod43", "12345ABCDE/T"),
    ],
)
def test_published_numbers_have_a_valid_check_digit(scheme: str, text: str) -> None:
    value = check_digits.SCHEMES[scheme](text[:-1])
    assert check_digits.holds(scheme, text), f"{text[:-1]} has {value}"


def test_the_check_characters_of_a_model_number_match_the_example_in_the_standard() -> None:
    assert check_digits.pair("1987654Ad4X4bL5ttr2310c") == "2K"  # General Specifications 7.9.5


@settings(deadline=None)
@given(DIGITS)
def test_the_gs1_check_digit_is_the_same_as_a_librarys(digits: str) -> None:
    assert check_digits.mod10(digits) == str(biip.checksums.gs1_standard_check_digit(digits))


@settings(deadline=None)
@given(st.sampled_from(["mod10", "luhn", "mod43"]), st.data())
def test_a_changed_character_never_passes(scheme: str, data: st.DataObject) -> None:
    alphabet = SET_43 if scheme == "mod43" else "0123456789"
    text = data.draw(st.text(alphabet, min_size=1, max_size=20))
    whole = text + (check_digits.SCHEMES[scheme](text) or "")
    at = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(st.sampled_from([each for each in alphabet if each != whole[at]]))
    assert check_digits.holds(scheme, whole)
    assert not check_digits.holds(scheme, whole[:at] + other + whole[at + 1 :])


@pytest.mark.parametrize("scheme", ["mod10", "luhn", "mod43"])
@pytest.mark.parametrize("text", ["", "1", "a1", "1ä", "٣٤", "\x1d1"])
def test_a_text_that_a_scheme_does_not_apply_to_never_passes(scheme: str, text: str) -> None:
    assert not check_digits.holds(scheme, text)
