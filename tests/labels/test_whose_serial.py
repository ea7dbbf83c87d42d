"""Labels with ambiguous serial numbers: only those are used that the label names for certain."""

from __future__ import annotations

import pytest

from station import patterns
from station.config.loading import from_table
from station.config.settings import LabelSettings, Preferences
from station.errors import ConfigError
from station.labels.interpret import (
    ItemRead,
    Meaning,
    OtherRead,
    SerialRead,
    interpret,
    is_document,
)
from station.labels.normalise import Label, Rejected

GTIN = "09521000001015"


def _read(text: str, identifier: str | None = None) -> Meaning | Rejected:
    return interpret(Label(text, identifier), Preferences(), LabelSettings())


def _envelope(*fields: str) -> str:
    return "[)>\x1e06\x1d" + "\x1d".join(fields) + "\x1e\x04"


def test_the_gtin_of_a_made_to_order_trade_item_is_read_like_any_other() -> None:
    assert _read(f"03{GTIN}21SN-1", "]d2") == SerialRead(("SN-1",), GTIN)
    both = _read(f"01{GTIN}03{GTIN}21SN-1", "]d2")
    assert isinstance(both, Rejected)
    assert both.reason == "AI 01 (trade item) and AI 03 (made-to-order trade item) exclude each other"


@pytest.mark.parametrize("other", [f"02{GTIN}3712\x1d", "00095210000010150012"])
def test_a_serial_number_with_a_key_that_has_none_is_rejected(other: str) -> None:
    rejected = _read(f"{other}21SN-1", "]C1")
    assert isinstance(rejected, Rejected)
    assert "AI " in rejected.reason


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        (f"01{GTIN}21S1\x1d8004095210000ABC", "]C1"),
        ("21S1\x1d8004095210000ABC", "]C1"),
        ("8004095210000ABC\x1d800300952100001015S7", "]C1"),
    ],
)
def test_serial_numbers_of_different_things_on_one_label_are_rejected(text: str, identifier: str) -> None:
    rejected = _read(text, identifier)
    assert isinstance(rejected, Rejected)
    assert "exclude each other" in rejected.reason


@pytest.mark.parametrize("lost", ["N1", "S1", "SN"])
def test_a_plain_serial_number_that_differs_from_the_one_with_the_issuer_is_rejected(lost: str) -> None:
    rejected = _read(_envelope("25SUN123456789SN1", f"S{lost}"))
    assert isinstance(rejected, Rejected)
    assert rejected.reason == f"25S UN123456789SN1 has serial number SN1, but the label has {lost}"


def test_serial_numbers_that_differ_after_their_issuers_are_rejected() -> None:
    assert isinstance(_read(_envelope("18S0ABCDXYZ", "25SUN123456789SN1")), Rejected)
    assert _read(_envelope("18S0ABCDXYZ", "25SUN123456789XYZ")) == SerialRead(("XYZ",))
    assert _read(_envelope("18S0ABCDX1", "18S0ABCDX2")) == SerialRead(("X1", "X2"))


def test_no_serial_number_is_used_if_another_format_has_an_unreadable_one() -> None:
    read = _read("[)>\x1e06\x1d25S1ABCD123\x1e12\x1dSER 77\x1e\x04")
    assert isinstance(read, OtherRead)
    assert "25S 1ABCD123" in read.reason


def test_a_number_after_8004_in_the_path_of_any_web_site_is_not_an_asset() -> None:
    address = "https://shop.example/order/8004/20240117"
    assert _read(address) == SerialRead((address,))
    assert _read("https://id.gs1.example/8004/20240117") == SerialRead(("20240117",))


@pytest.mark.parametrize(
    "query", ["21=SN-1&B", "21=SN-1&10=L&B", "B"], ids=["unescaped &", "after a lot", "unescaped ?"]
)
def test_a_link_with_an_unescaped_serial_number_is_rejected(query: str) -> None:
    path = f"https://x/01/{GTIN}/21/SN-1" if query == "B" else f"https://x/01/{GTIN}"
    rejected = _read(f"{path}?{query}")
    assert isinstance(rejected, Rejected)
    assert '"B" in its query' in rejected.reason


def test_an_escaped_name_in_the_query_of_a_link_is_read() -> None:
    rejected = _read(f"https://x/01/{GTIN}/21/SN-1?2%31=SN-2")
    assert isinstance(rejected, Rejected)
    assert rejected.message == (
        "AI 21 appears twice, as SN-1 and as SN-2: scan again; if it repeats, the label is wrong"
    )


def test_a_semicolon_in_the_query_of_a_link_is_part_of_the_serial_number() -> None:
    assert _read(f"https://x/01/{GTIN}?21=SN-1;2") == SerialRead(("SN-1;2",), GTIN)


@pytest.mark.parametrize(
    ("field", "serial"),
    [
        ("25SUN123456789SN-1", "SN-1"),
        ("25SLD1A2B3CSN-1", "SN-1"),
        ("18S1A2B3SN-1", "SN-1"),
        ("37SUN123456789PN+SN-1", "SN-1"),
        ("42S04UN123SN-1", "SN-1"),
    ],
)
def test_a_serial_number_after_a_known_issuer_is_read(field: str, serial: str) -> None:
    read = _read(_envelope(field))
    assert isinstance(read, SerialRead)
    assert read.serials == (serial,)


@pytest.mark.parametrize(
    "field",
    ["25SUN0459123PR400001", "25SUN12345SN1234", "37SUN123456789PN+SN-1+34", "18Sab-c SN1", "25SLEEHASN"],
)
def test_a_serial_number_with_an_uncertain_beginning_is_not_used(field: str) -> None:
    read = _read(_envelope(field))
    assert isinstance(read, OtherRead)
    assert "it is unclear where the serial number begins" in read.reason


def test_a_length_that_leaves_no_room_for_the_issuer_is_rejected() -> None:
    assert isinstance(_read(_envelope("42S06ABCDE")), Rejected)


def test_the_part_number_between_issuer_and_serial_number_is_an_item_code() -> None:
    assert _read(_envelope("37SUN123456789MEM-32+SN-1")) == SerialRead(("SN-1",), None, ("MEM-32",))


def test_an_issuer_that_contradicts_the_serial_number_is_rejected() -> None:
    rejected = _read(_envelope("18VUN123456789", "25SUN987654321SN-1"))
    assert isinstance(rejected, Rejected)
    assert (
        rejected.reason
        == "the serial number UN987654321SN-1 does not begin with the issuer UN123456789 (18V)"
    )


@pytest.mark.parametrize(
    ("fields", "serials", "items"),
    [
        # A plus sign in the part number or in the serial number: it is unclear which one separates them.
        (("37SUN123456789PN+7+SN-1", "SSN-1"), ("SN-1",), ()),
        (("37SUN123456789PN+SN-1+34", "SSN-1+34"), ("SN-1+34",), ()),
        (("37SUN123456789PN+SN-1", "SSN-1"), ("SN-1",), ("PN",)),
        (("37SLHABCPN+SN-1", "SSN-1"), ("SN-1",), ()),
    ],
)
def test_a_plain_serial_number_decides_if_there_are_several_plus_signs(
    fields: tuple[str, ...], serials: tuple[str, ...], items: tuple[str, ...]
) -> None:
    assert _read(_envelope(*fields)) == SerialRead(serials, None, items)


def test_a_document_pattern_cannot_hang_the_station() -> None:
    preferences = Preferences(document_pattern="(([A-Z]+)[0-9]*)+-")
    assert type(patterns.linear(preferences.document_pattern)).__module__ == "re2"
    assert not is_document("A" * 60, preferences)
    with pytest.raises(ConfigError, match="not a regular expression for RE2"):
        from_table({"preferences": {"document_pattern": "(?=C)C[0-9]+"}}, "test")


def test_an_article_alone_is_an_item() -> None:
    assert _read("4006381333931", "]E0") == ItemRead("04006381333931")
