"""GS1 element strings: published examples, errors in invalid ones, and round trips."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.labels import check_digits, gs1
from station.labels.contents import LabelError
from station.labels.gs1_formats import ROWS, Format, format_of

GTIN = "09521000001015"
SSCC = "106141411928374657"


def _text(marked: str) -> str:
    return marked.replace("<GS>", "\x1d")


@pytest.mark.parametrize(
    ("text", "serials", "gtin", "sscc"),
    [
        # GS1 General Specifications 3.2 and 7.8: fixed before variable, a separator where one is needed.
        (f"01{GTIN}21SN-1", ("SN-1",), GTIN, None),
        (f"21SN-1<GS>01{GTIN}", ("SN-1",), GTIN, None),
        ("21SN-1", ("SN-1",), None, None),
        # 7.8.6: a separator after data of predefined length, and one at the end, are tolerated.
        (f"01{GTIN}<GS>21SN-1<GS>", ("SN-1",), GTIN, None),
        (f"<GS>01{GTIN}21SN-1", ("SN-1",), GTIN, None),
        # All others are skipped by their length rules; a serial number may look like identifiers.
        (f"01{GTIN}17261231310300150010LOT<GS>3922100<GS>21SN-1", ("SN-1",), GTIN, None),
        (f"01{GTIN}211721010110", ("1721010110",), GTIN, None),
        (f"01{GTIN}21!\"%&'()*+,-./09:;<=", ("!\"%&'()*+,-./09:;<=",), GTIN, None),
        # Section 3: a secondary serial number belongs to a part.
        (f"01{GTIN}21SN-1<GS>250PART-7", ("SN-1",), GTIN, None),
        (f"01{GTIN}250PART-7", (), GTIN, None),
        # Section 3: returnable asset, individual asset, piece of a trade item.
        ("8003095210000010151234", ("095210000010151234",), None, None),
        ("800309521000001015", (), None, None),
        ("80049521000ABC-1", ("9521000ABC-1",), None, None),
        ("8006095210000010150102<GS>21SN-1", ("SN-1",), GTIN, None),
        # 4.14: an identifier may appear twice with the same data.
        (f"01{GTIN}21SN-1<GS>01{GTIN}21SN-1", ("SN-1",), GTIN, None),
        # 3.2: a logistic unit.
        (f"00{SSCC}", (), None, SSCC),
        (f"00{SSCC}02{GTIN}3712", (), None, SSCC),
        (f"10{'L' * 20}<GS>91whatever a company likes".replace(" ", "_"), (), None, None),
        # 7.9.5: check characters. Dates with times; 8008 to the hour, the minute or the second.
        ("80131987654Ad4X4bL5ttr2310c2K", (), None, None),
        ("70032612312359", (), None, None),
        ("800826123123", (), None, None),
        ("8008261231235959", (), None, None),
        ("11260200", (), None, None),
    ],
)
def test_element_strings_are_read_by_their_length_rules(
    text: str, serials: tuple[str, ...], gtin: str | None, sscc: str | None
) -> None:
    found = gs1.read(_text(text))
    assert (found.serials, found.gtin, found.sscc) == (serials, gtin, sscc)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "holds no element string"),
        ("<GS>", "holds no element string"),
        ("SN-1", 'begins with "SN-1", which is not an Application Identifier'),
        ("0521SN", 'begins with "0521", which is not an Application Identifier'),
        ("2", 'begins with "2", which is not an Application Identifier'),
        (f"01{GTIN}7", 'has "7" at position 17, which is not an Application Identifier'),
        ("0109521000001014", 'AI 01 (GTIN) has a wrong check digit, and is "09521000001014"'),
        ("010952100000101", 'AI 01 (GTIN) must be 14 digits, and is "0952100000101"'),
        ("0109521000A01015", "AI 01 (GTIN) must be 14 digits"),
        ("01095210000010<GS>15", "AI 01 (GTIN) must be 14 digits"),
        ("21", 'AI 21 (serial number) must be up to 20 characters of GS1\'s set 82, and is ""'),
        (f"21{'S' * 21}", "AI 21 (serial number) must be up to 20 characters"),
        ("21SN 1", "AI 21 (serial number) must be up to 20 characters of GS1's set 82"),
        ("21SN#1", "AI 21"),
        ("21SÑ-1", "AI 21"),
        ("21٣", "AI 21"),
        ("21SN-1<GS><GS>10L", "not an Application Identifier"),
        ("21SN-1<GS>21SN-2", "AI 21 appears twice, as SN-1 and as SN-2"),
        (f"01{GTIN}0109521000001022", "AI 01 appears twice"),
        (f"01{GTIN}8006095210000010150102", "exclude each other"),
        ("00106141411928374656", "AI 00 (SSCC) has a wrong check digit"),
        ("17261301", "AI 17 (expiration date) is not a date YYMMDD"),
        ("17260230", "AI 17 (expiration date) is not a date YYMMDD"),
        ("17260229", "AI 17 (expiration date) is not a date YYMMDD"),
        ("4326260100", "AI 4326 (release date) is not a date YYMMDD"),
        ("70032612312460", "AI 7003 (expiration time) is not a time HHMM"),
        ("800319521000001015", "AI 8003 (returnable asset) has a wrong check digit"),
        ("8006095210000010150201", "AI 8006 (piece of a trade item) is not a piece of a total"),
        ("80131987654Ad4X4bL5ttr2310c2L", "AI 8013 (global model number) has wrong check characters"),
        ("8004ASSET-1", "AI 8004 (individual asset) does not begin with a GS1 company prefix"),
        ("4307de", "AI 4307 (ship to country) is not a two-letter country code"),
        ("8010comp", "AI 8010 (component or part) must be up to 30 characters of GS1's set 39"),
        ("8040490154203237517", "AI 8040 (IMEI) has a wrong check digit"),
    ],
)
def test_invalid_element_strings_are_rejected_with_the_reason(text: str, says: str) -> None:
    with pytest.raises(LabelError) as caught:
        gs1.read(_text(text))
    assert says in str(caught.value)


@pytest.mark.parametrize("text", ["17280229", "17000229", "11260200", "43242601159999"])
def test_dates_that_the_formats_allow_are_read(text: str) -> None:
    assert gs1.read(text).fields


# Lengths; those of every other identifier are held against a library's in test_gs1_oracle

LENGTHS = {
    "00": (SSCC, SSCC),
    "01": (GTIN, GTIN),
    "10": ("L", "L" * 20),
    "21": ("S", "S" * 20),
    "250": ("P", "P" * 30),
    "30": ("1", "1" * 8),
    "3912": ("9781", "978" + "1" * 15),
    "4309": ("1" * 20, "1" * 20),
    "4330": ("000100", "000100-"),
    "4331": ("000100", "000100-"),
    "4332": ("000100", "000100-"),
    "4333": ("000100", "000100-"),
    "7258": ("1/2", "1/2"),
    "8003": ("09521000001015", "09521000001015" + "A" * 16),
    "8004": ("9521A", "9521" + "A" * 26),
    "8006": ("095210000010150102", "095210000010150102"),
    "8010": ("9521A", "9521" + "A" * 26),
    "8013": ("1" + (check_digits.pair("1") or ""), "1" * 23 + (check_digits.pair("1" * 23) or "")),
    "8030": ("A", "A" * 90),
    "91": ("A", "A" * 90),
}


@pytest.mark.parametrize(("ai", "shortest", "longest"), [(ai, *both) for ai, both in LENGTHS.items()])
def test_data_of_any_length_from_the_shortest_to_the_longest_is_read(
    ai: str, shortest: str, longest: str
) -> None:
    for value in (shortest, longest):
        assert [(each.identifier, each.value) for each in gs1.elements(ai + value)] == [(ai, value)]
    for value in (shortest[:-1], longest + longest[-1]):
        with pytest.raises(LabelError):
            gs1.elements(ai + value)


# Building and reading


def _value(data: st.DataObject, form: Format) -> str:
    """A valid value of a format."""
    return data.draw(
        st.from_regex(form.pattern, fullmatch=True).filter(lambda value: form.fault(value) is None)
    )


FREE = [ai for ai in ROWS if not re.search(r":", ROWS[ai][0])]


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(FREE), min_size=1, max_size=5, unique=True), st.data())
def test_generated_element_strings_are_read_back(ais: list[str], data: st.DataObject) -> None:
    values = {ai: _value(data, form) for ai in ais if (form := format_of(ai))}
    assert [(each.identifier, each.value) for each in gs1.elements(_built(values))] == list(values.items())


def _built(values: dict[str, str]) -> str:
    text = ""
    for ai, value in values.items():
        form = format_of(ai)
        assert form is not None
        text += ai + value + ("" if form.length else "\x1d")
    return text.removesuffix("\x1d")
