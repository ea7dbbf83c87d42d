"""A company's own label formats."""

from __future__ import annotations

import re

import pytest

from station import patterns
from station.config.settings import HouseFormat, LabelSettings, Preferences
from station.labels.interpret import DocumentRead, ItemRead, Meaning, SerialRead, interpret
from station.labels.normalise import Label, Rejected

PLAIN = HouseFormat(prefix="S/N ", suffix="*")
PAIR = HouseFormat(name="pair", pattern=r"(?P<item>[A-Z0-9-]+)/(?P<serial>[A-Z0-9]+)")
UPPER = HouseFormat(pattern=r"#(?P<serial>[A-Z]+[0-9]+)", case="upper")
LOWER = HouseFormat(pattern=r"=(?P<serial>[a-zä]+)", case="lower")
LUHN = HouseFormat(name="eleven", pattern=r"(?P<serial>[0-9]{11})", check="luhn")
STRIPPED = HouseFormat(prefix="+", check="mod10", strip_check=True)
WITH_GTIN = HouseFormat(pattern=r"(?P<gtin>[0-9]{13})-(?P<serial>.+)")
ITEM = HouseFormat(prefix="ITEM:", pattern="(?P<item>.+)")
LINK = HouseFormat(pattern=r"https://acme\.example/u/(?P<serial>\w+)")
ALL = (PLAIN, PAIR, UPPER, LOWER, LUHN, STRIPPED, WITH_GTIN, ITEM, LINK)


def _read(text: str, *formats: HouseFormat, identifier: str | None = None) -> Meaning | Rejected:
    settings = LabelSettings(house_format=formats or ALL)
    return interpret(Label(text, identifier), Preferences(), settings)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("S/N 12345*", SerialRead(("12345",))),
        ("S/N 12345", SerialRead(("S/N 12345",))),
        ("S/N *", SerialRead(("S/N *",))),
        ("PROC-8C/A1", SerialRead(("A1",), None, ("PROC-8C",))),
        ("#ab12", SerialRead(("AB12",))),
        ("=AB", SerialRead(("ab",))),
        ("=AÄ", SerialRead(("=AÄ",))),
        ("79927398713", SerialRead(("79927398713",))),
        ("+4006381333931", SerialRead(("400638133393",))),
        ("4006381333931-X", SerialRead(("X",), "04006381333931")),
        ("ITEM:PROC", ItemRead(None, ("PROC",))),
        ("https://acme.example/u/SN1", SerialRead(("SN1",))),
        ("SN-1", SerialRead(("SN-1",))),
        ("CM-1001", DocumentRead("CM-1001")),
    ],
)
def test_a_label_is_read_by_the_first_format_that_matches(text: str, meaning: Meaning) -> None:
    assert _read(text) == meaning


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("79927398714", '79927398714 has a wrong check digit (luhn of house format "eleven")'),
        ("+4006381333930", "4006381333930 has a wrong check digit (mod10 of house format"),
        ("+X", "X has a wrong check digit"),
        ("4006381333930-X", "GTIN 4006381333930 has a wrong check digit"),
    ],
)
def test_a_wrong_check_digit_is_rejected_without_trying_the_next_format(text: str, says: str) -> None:
    meaning = _read(text)
    assert isinstance(meaning, Rejected)
    assert says in meaning.reason


def test_formats_are_tried_in_order_and_before_the_standards() -> None:
    narrow, wide = HouseFormat(prefix="21"), HouseFormat(pattern="(?P<serial>.+)X")
    assert _read("21SN-1X", narrow, wide) == SerialRead(("SN-1X",))
    assert _read("21SN-1X", wide, narrow) == SerialRead(("21SN-1",))
    assert _read("21SN-1", HouseFormat(prefix="2"), identifier="]C1") == SerialRead(("1SN-1",))


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("(", "missing )"),
        ("(?P<serial>a)(?=b)", "invalid perl operator"),
        (r"(?P<serial>a)\1", "invalid escape sequence"),
        ("(?P<serial>(a{1000}){1000})", "invalid repetition size"),
        ("[A-Z]+", "none of the named groups serial, gtin, item"),
        ("(?P<serial>a)(?P<lot>b)", "the named group lot"),
        ("(?P<serial>a*)", "matches the empty text"),
    ],
)
def test_an_invalid_pattern_is_refused_with_the_reason(pattern: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        patterns.compiled(pattern)


@pytest.mark.parametrize(
    "pattern", ["(?P<serial>(a*)*(a*)*b)", "(?P<serial>(a|a)+b)", "(?P<serial>(.*)(.*)(.*)(.*)x)"]
)
def test_a_pattern_that_takes_exponential_time_in_other_engines_does_not_here(pattern: str) -> None:
    """RE2 takes linear time; the standard library's engine would never finish."""
    assert type(patterns.compiled(pattern)).__module__ == "re2"
    assert _read("a" * 4000, HouseFormat(pattern=pattern)) == SerialRead(("a" * 4000,))
