"""The format of a label, by its symbology identifier and the scanner's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.config.settings import LabelSettings, Preferences
from station.labels import symbology
from station.labels.interpret import (
    CommandRead,
    DocumentRead,
    ItemRead,
    Meaning,
    OtherRead,
    SerialRead,
    ShippingRead,
    interpret,
)
from station.labels.normalise import Label, Rejected

if TYPE_CHECKING:
    from station.config.settings import Gs1

GTIN = "09521000001015"
GS1 = f"01{GTIN}21SN-1"
GS1_IDENTIFIERS = ["]C1", "]d2", "]d5", "]Q3", "]Q4", "]e0", "]e1", "]J1", "]J4", "]z1", "]z4", "]K1", "]T1"]
OTHER_IDENTIFIERS = [
    *[None, "]C0", "]C2", "]C4", "]d1", "]d3", "]d4", "]d6", "]Q0", "]Q1", "]Q2", "]Q5", "]Q6"],
    *["]J0", "]J2", "]z0", "]z2", "]A0", "]L0", "]e2", "]X0", "]x1", "]", "]C", ""],
]


def _read(text: str, identifier: str | None = None, gs1: Gs1 = "identifier") -> Meaning | Rejected:
    return interpret(Label(text, identifier), Preferences(), LabelSettings(gs1=gs1))


@pytest.mark.parametrize("identifier", GS1_IDENTIFIERS)
def test_an_identifier_with_fnc1_in_first_position_means_gs1(identifier: str) -> None:
    assert _read(GS1, identifier) == SerialRead(("SN-1",), GTIN)


@pytest.mark.parametrize("identifier", OTHER_IDENTIFIERS)
def test_without_such_an_identifier_nothing_is_gs1_even_if_it_looks_like_it(identifier: str | None) -> None:
    assert _read(GS1, identifier) == SerialRead((GS1,))
    assert _read("2112345", identifier) == SerialRead(("2112345",))


@pytest.mark.parametrize("identifier", [None, "]C1"])
def test_a_setting_declares_all_labels_gs1_or_none(identifier: str | None) -> None:
    assert _read(GS1, identifier, "always") == SerialRead(("SN-1",), GTIN)
    assert _read(GS1, identifier, "never") == SerialRead((GS1,))


def test_the_setting_never_overrides_the_identifier() -> None:
    assert _read("2112345", "]C0", "always") == SerialRead(("2112345",))
    assert _read("8004123456784", "]E0", "always") == ItemRead("08004123456784")


def test_an_article_number_is_never_an_element_string() -> None:
    assert _read("8004123456784", None, "always") == ItemRead("08004123456784")


def test_a_label_with_too_many_serial_numbers_is_rejected() -> None:
    many = "\x1d".join(f"S{number:05}" for number in range(201))
    rejected = _read(f"[)>\x1e06\x1d{many}\x1e\x04", None)
    assert rejected == Rejected(
        "the label has 201 serial numbers, more than 200", "scan the units' own labels"
    )


def test_if_all_labels_are_gs1_others_are_rejected_except_commands_and_other_formats() -> None:
    assert isinstance(_read("SN-1", None, "always"), Rejected)
    assert isinstance(_read("$$YES", None, "always"), CommandRead)
    assert _read("CM-1001", None, "always") == DocumentRead("CM-1001")
    assert _read("[)>\x1e06\x1dSA1\x1e\x04", None, "always") == SerialRead(("A1",))
    assert _read(f"https://id.gs1.org/01/{GTIN}/21/S", None, "always") == SerialRead(("S",), GTIN)


@pytest.mark.parametrize(
    ("text", "identifier"),
    [("01234565", "]E0"), ("12", "]E1"), ("12345", "]E2"), ("03600029145", "]E0"), ("963850", "]E4")],
)
def test_a_text_that_an_ean_or_upc_symbol_cannot_hold_is_rejected(text: str, identifier: str) -> None:
    rejected = _read(text, identifier)
    assert isinstance(rejected, Rejected)
    assert f"{text} is no article number" in rejected.reason


@pytest.mark.parametrize(
    ("text", "identifier", "meaning"),
    [
        # EAN/UPC: an article by the symbology; prefixes 02, 04 and 20 to 29 are for internal use.
        ("4006381333931", "]E0", ItemRead("04006381333931")),
        ("036000291452", "]E0", ItemRead("00036000291452")),
        ("96385074", "]E4", ItemRead("00000096385074")),
        ("400638133393112", "]E3", ItemRead("04006381333931")),
        ("2006381333931", "]E0", SerialRead(("2006381333931",))),
        ("0212345678905", "]E0", SerialRead(("0212345678905",))),
        ("20123451", "]E4", SerialRead(("20123451",))),
        ("4006381333931", "]C0", SerialRead(("4006381333931",))),
        ("4006381333931", None, SerialRead(("4006381333931",))),
        # A label without a unit means what it names instead.
        (f"01{GTIN}10LOT", "]C1", ItemRead(GTIN)),
        ("00106141411928374657", "]C1", ShippingRead("106141411928374657")),
        ("4104006381333931", "]C1", OtherRead("the label holds no serial number (GS1 element string)")),
        (
            f"01{GTIN}250PART",
            "]C1",
            OtherRead("AI 250 is the secondary serial number of a part, and AI 21 is missing"),
        ),
        ("[)>\x1e06\x1d1PPROC\x1e\x04", None, ItemRead(None, ("PROC",))),
        # A check character that the reader has verified is verified again.
        ("SN-1G", "]A0", SerialRead(("SN-1G",))),
        ("12345670", "]I1", SerialRead(("12345670",))),
    ],
)
def test_the_symbology_determines_the_meaning_of_a_label(
    text: str, identifier: str | None, meaning: Meaning
) -> None:
    assert _read(text, identifier) == meaning


@pytest.mark.parametrize(
    ("text", "identifier", "says"),
    [
        ("4006381333930", "]E0", "the article number 4006381333930 has a wrong check digit"),
        ("96385075", "]E4", "the article number 96385075 has a wrong check digit"),
        ("SN-1X", "]A1", "]A1 means that the last character is a check character (mod43), but it is wrong"),
        (
            "12345671",
            "]I1",
            "]I1 means that the last character is a check character (mod10), but it is wrong",
        ),
        ("0109521000001014", "]C1", "AI 01 (GTIN) has a wrong check digit"),
        ("[)>06SA1", None, "the scanner seems to drop control characters"),
        ("https://id.gs1.org/01/09521000001014/21/S", "]Q1", "AI 01 (GTIN) has a wrong check digit"),
    ],
)
def test_a_label_that_violates_its_format_is_rejected(text: str, identifier: str | None, says: str) -> None:
    meaning = _read(text, identifier)
    assert isinstance(meaning, Rejected)
    assert says in meaning.reason


@pytest.mark.parametrize(
    ("text", "identifier", "gs1", "meaning"),
    [
        # EAN-8, by its identifier; those that begin with 0 and 2 are for internal use.
        ("96385074", "]E4", "identifier", ItemRead("00000096385074")),
        ("00123457", "]E4", "identifier", SerialRead(("00123457",))),
        ("20123451", "]E4", "identifier", SerialRead(("20123451",))),
        # Without one it is plain text, unless the scanner reads only GS1.
        ("96385074", None, "identifier", SerialRead(("96385074",))),
        ("96385074", "]C0", "identifier", SerialRead(("96385074",))),
        ("96385074", None, "always", ItemRead("00000096385074")),
        ("96385074", None, "never", SerialRead(("96385074",))),
        # Eight digits that are not an article are element strings then.
        ("21345679", None, "always", SerialRead(("345679",))),
    ],
)
def test_the_scanner_determines_the_meaning_of_eight_digits(
    text: str, identifier: str | None, gs1: Gs1, meaning: Meaning
) -> None:
    assert _read(text, identifier, gs1) == meaning


@pytest.mark.parametrize(
    ("text", "identifier", "says"),
    [
        ("96385075", "]E4", "the article number 96385075 has a wrong check digit"),
        ("9638507", "]E4", "9638507 is no article number"),
        ("963850741", "]E4", "963850741 is no article number"),
        ("01234565", "]E0", "a UPC-E must be sent expanded to UPC-A"),
        ("12", "]E1", "it is an add-on"),
        ("12345", "]E2", "it is an add-on"),
    ],
)
def test_the_reason_says_what_is_missing_from_an_incomplete_article(
    text: str, identifier: str, says: str
) -> None:
    rejected = _read(text, identifier)
    assert isinstance(rejected, Rejected)
    assert says in rejected.message


def test_the_reason_names_the_setting_of_a_scanner_that_reads_only_gs1() -> None:
    rejected = _read("SN-1", None, "always")
    assert isinstance(rejected, Rejected)
    assert rejected.reason.startswith(
        'because of the scanner\'s setting gs1 = "always": the GS1 label begins with "SN-1"'
    )


@settings(deadline=None)
@given(st.text(min_size=1), st.sampled_from([None, "]C0", "]Q1", "]d1", "]A0"]))
def test_plain_text_is_the_serial_number_as_printed_or_not_a_serial_number(
    text: str, identifier: str | None
) -> None:
    meaning = _read(text, identifier)
    assert (
        not isinstance(meaning, SerialRead)
        or meaning == SerialRead((text,))
        or text[:4] in ("[)>\x1e", "http")
    )


# Symbology identifiers in words


@pytest.mark.parametrize(
    ("identifier", "says"),
    [
        ("]C0", "Code 128"),
        ("]C1", "Code 128, GS1: FNC1 in first position"),
        ("]C2", "Code 128, FNC1 in second position: begins with an industry's application indicator"),
        ("]A1", "Code 39, check character verified by the reader and sent as the last character"),
        ("]A3", "Code 39, check character verified by the reader and not sent"),
        (
            "]d5",
            "Data Matrix, GS1: FNC1 in first position, ECI: character sets are marked, backslashes doubled",
        ),
        ("]x1", "unknown symbology"),
        ("]", "unknown symbology"),
    ],
)
def test_an_identifier_is_described_in_words(identifier: str, says: str) -> None:
    assert symbology.describe(identifier) == says


def test_every_modifier_with_a_meaning_belongs_to_its_symbology() -> None:
    for table in (symbology._GS1, symbology._INDUSTRY, symbology._ECI, symbology._STRIPPED):
        for code, modifiers in table.items():
            assert set(modifiers) <= set(symbology.SYMBOLOGIES[code][1]), code
