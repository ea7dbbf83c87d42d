"""Data Identifiers of ANSI MH10.8.2, category 16: those that name the item, and those that only seem to."""

from __future__ import annotations

import pytest

from station.config.settings import LabelSettings, Preferences
from station.labels.interpret import ItemRead, Meaning, SerialRead, interpret
from station.labels.normalise import Label, Rejected

GTIN = "04150123456782"


def _read(*fields: str) -> Meaning | Rejected:
    text = "[)>\x1e06\x1d" + "\x1d".join(fields) + "\x1e\x04"
    return interpret(Label(text), Preferences(), LabelSettings())


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("PC-1", "C-1"),
        ("1PX-1", "X-1"),
        ("30PD-732-ND", "D-732-ND"),
        ("9P123456789X-1", "X-1"),
        ("9P1234567891", "1"),
        ("25PUN123456789X-1", "X-1"),
        ("25PD1A2B3X-1", "X-1"),
        # The standard's own examples: an item number, a plus sign, no version.
        ("50PDEF+", "DEF"),
        ("51PJ4LBE0431863103+ABC+", "ABC"),
        ("37SUN123456789X-1+SN-1", "X-1"),
    ],
)
def test_the_item_code_is_read_no_matter_who_assigned_it(field: str, code: str) -> None:
    assert _read(field, "SSN-1") == SerialRead(("SN-1",), None, (code,))


def test_an_item_code_without_a_serial_number_is_an_item() -> None:
    assert _read("30PX-1", "Q5") == ItemRead(None, ("X-1",))
    assert _read("50PX-1+") == ItemRead(None, ("X-1",))


def test_codes_are_in_the_labels_order_without_duplicates() -> None:
    assert _read("30PX-1", "PC-1", "1PX-1", "SA") == SerialRead(("A",), None, ("X-1", "C-1"))


@pytest.mark.parametrize(
    "field",
    [
        *(
            "2PB",
            "3P4006381333931",
            "4P12345",
            "6PSUP1X-1",
            "7PABCD",
            "11PABCDEFGHIJ",
            "17P123456X-1",
            "18PABX",
        ),
        *("19PX-1", "26PX-1", "34SX-1"),
        *("20PX-1", "21PX-1", "24PX-1", "31PX-1", "33PX-1", "34PX-1"),
        *("25PLEEHAX-1", "50PX-1+6", "50PDEF++S1234", "51PUN123456789+X-1+6"),
        *(
            "5P1",
            "10P1",
            "12PX",
            "16PX",
            "27P4012.11",
            "28PX",
            "29P12345",
            "40PX",
            "49PDE1",
            "52PRED",
            "54PX-1",
        ),
        "9N110375286414",
    ],
)
def test_a_field_that_is_not_certainly_the_item_code_is_skipped(field: str) -> None:
    assert _read(field, "SSN-1") == SerialRead(("SN-1",))


@pytest.mark.parametrize(
    ("field", "says"),
    [
        ("9P12345678X-1", "9P (DUNS number and item code) 12345678X-1 must be nine digits and an item code"),
        ("9P123456789", "9P (DUNS number and item code) 123456789 must be nine digits and an item code"),
        ("25PUN123456789", "25P (issuer and item code) UN123456789 is too short to hold an item code"),
        (
            "50PX-1",
            "50P (manufacturer's item code and version) X-1 must have a plus sign after the item code",
        ),
        ("50P+", "50P (manufacturer's item code and version) + is too short to hold an item code"),
        (
            "51PUN123456789+X-1",
            "51P (issuer, item code and version) UN123456789+X-1 must have two plus signs",
        ),
        (
            "51PUN123456789++",
            "51P (issuer, item code and version) UN123456789++ is too short to hold an item code",
        ),
        ("30P", "30P (supplier's item code, first level) is empty"),
    ],
)
def test_a_code_that_violates_its_format_is_rejected(field: str, says: str) -> None:
    rejected = _read(field, "SSN-1")
    assert isinstance(rejected, Rejected)
    assert says in rejected.reason


@pytest.mark.parametrize("digits", ["4150123456782", "404150123456782", "0415012345678X", "04150123456783"])
def test_a_gtin_has_fourteen_digits_with_a_valid_check_digit(digits: str) -> None:
    assert _read(f"8P{GTIN}", "SSN-1") == SerialRead(("SN-1",), GTIN)
    rejected = _read(f"8P{digits}", "SSN-1")
    assert isinstance(rejected, Rejected)
    assert f"8P (GTIN) {digits} must be 14 digits with a valid check digit" in rejected.reason
