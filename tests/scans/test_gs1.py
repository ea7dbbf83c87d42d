"""GS1 element strings: published examples, what is wrong with wrong ones, and a library as the oracle."""

from __future__ import annotations

import re

import biip
import pytest
from biip.gs1_messages import GS1Message
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from station.scans import checks, gs1
from station.scans.contents import LabelError
from station.scans.gs1_formats import ROWS, Format, format_of

GTIN = "09521000001015"
SSCC = "106141411928374657"
SET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
SERIAL = st.text(SET_82, min_size=1, max_size=20)


def _text(marked: str) -> str:
    return marked.replace("<GS>", "\x1d")


@pytest.mark.parametrize(
    ("text", "serials", "gtin", "sscc"),
    [
        # GS1 General Specifications 3.2 and 7.8: fixed before variable, a separator where one is needed.
        (f"01{GTIN}21SN-1", ("SN-1",), GTIN, None),
        (f"21SN-1<GS>01{GTIN}", ("SN-1",), GTIN, None),
        ("21SN-1", ("SN-1",), None, None),
        # 7.8.6: a separator behind data of predefined length, and one at the end, are tolerated.
        (f"01{GTIN}<GS>21SN-1<GS>", ("SN-1",), GTIN, None),
        (f"<GS>01{GTIN}21SN-1", ("SN-1",), GTIN, None),
        # All others are passed over by their length rules; a serial number may look like identifiers.
        (f"01{GTIN}17261231310300150010LOT<GS>3922100<GS>21SN-1", ("SN-1",), GTIN, None),
        (f"01{GTIN}211721010110", ("1721010110",), GTIN, None),
        (f"01{GTIN}21!\"%&'()*+,-./09:;<=", ("!\"%&'()*+,-./09:;<=",), GTIN, None),
        # Section 3: a secondary serial number is a part's.
        (f"01{GTIN}21SN-1<GS>250PART-7", ("SN-1",), GTIN, None),
        (f"01{GTIN}250PART-7", (), GTIN, None),
        # Section 3: returnable asset, individual asset, piece of a trade item.
        ("8003095210000010151234", ("095210000010151234",), None, None),
        ("800309521000001015", (), None, None),
        ("80049521000ABC-1", ("9521000ABC-1",), None, None),
        ("8006095210000010150102<GS>21SN-1", ("SN-1",), GTIN, None),
        # 4.14: an identifier may stand there twice with the same data.
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
        ("SN-1", 'begins with "SN-1", no Application Identifier'),
        ("0521SN", 'begins with "0521", no Application Identifier'),
        ("2", 'begins with "2", no Application Identifier'),
        (f"01{GTIN}7", 'goes on at position 17 with "7", no Application Identifier'),
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
        ("21SN-1<GS><GS>10L", "no Application Identifier"),
        ("21SN-1<GS>21SN-2", "AI 21 stands there twice, as SN-1 and as SN-2"),
        (f"01{GTIN}0109521000001022", "AI 01 stands there twice"),
        (f"01{GTIN}8006095210000010150102", "exclude each other"),
        ("00106141411928374656", "AI 00 (SSCC) has a wrong check digit"),
        ("17261301", "AI 17 (expiration date) is no date YYMMDD"),
        ("17260230", "AI 17 (expiration date) is no date YYMMDD"),
        ("17260229", "AI 17 (expiration date) is no date YYMMDD"),
        ("4326260100", "AI 4326 (release date) is no date YYMMDD"),
        ("70032612312460", "AI 7003 (expiration time) is no time HHMM"),
        ("800319521000001015", "AI 8003 (returnable asset) has a wrong check digit"),
        ("8006095210000010150201", "AI 8006 (piece of a trade item) is no piece of a total"),
        ("80131987654Ad4X4bL5ttr2310c2L", "AI 8013 (global model number) has wrong check characters"),
        ("8004ASSET-1", "AI 8004 (individual asset) does not begin with a GS1 company prefix"),
        ("4307de", "AI 4307 (ship to country) is no country of two letters"),
        ("8010comp", "AI 8010 (component or part) must be up to 30 characters of GS1's set 39"),
        ("8040490154203237517", "AI 8040 (IMEI) has a wrong check digit"),
    ],
)
def test_what_gs1_does_not_allow_is_rejected_and_named(text: str, says: str) -> None:
    with pytest.raises(LabelError) as caught:
        gs1.read(_text(text))
    assert says in str(caught.value)


@pytest.mark.parametrize("text", ["17280229", "17000229", "11260200", "43242601159999"])
def test_dates_that_the_formats_allow_are_read(text: str) -> None:
    assert gs1.read(text).fields


# Building and reading


def _value(data: st.DataObject, form: Format) -> str:
    """A value of a format, by its own pattern, with the content that the format wants."""
    return data.draw(
        st.from_regex(form.pattern, fullmatch=True).filter(lambda value: form.fault(value) is None)
    )


FREE = [ai for ai in ROWS if not re.search(r":", ROWS[ai][0])]


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(FREE), min_size=1, max_size=5, unique=True), st.data())
def test_what_is_built_is_read_back(ais: list[str], data: st.DataObject) -> None:
    said = {ai: _value(data, form) for ai in ais if (form := format_of(ai))}
    assert [(each.identifier, each.value) for each in gs1.elements(_built(said))] == list(said.items())


def _built(said: dict[str, str]) -> str:
    text = ""
    for ai, value in said.items():
        form = format_of(ai)
        assert form is not None
        text += ai + value + ("" if form.length else "\x1d")
    return text.removesuffix("\x1d")


@settings(deadline=None, max_examples=300)
@given(st.text("0123456789", min_size=13, max_size=13), SERIAL, st.data())
def test_a_damaged_gtin_is_never_another_one(digits: str, serial: str, data: st.DataObject) -> None:
    """A digit of the GTIN that is changed rejects the label; one that is lost or doubled puts all that
    follows out of step, so that no label of another product with the same serial number comes out.
    """
    gtin = digits + (checks.mod10(digits) or "")
    at = data.draw(st.integers(2, 15))
    text = f"01{gtin}21{serial}"
    how = data.draw(st.sampled_from(["changed", "lost", "doubled"]))
    if how == "changed":
        other = data.draw(st.sampled_from([each for each in "0123456789" if each != text[at]]))
        damaged = text[:at] + other + text[at + 1 :]
    else:
        damaged = text[:at] + (text[at] * 2 if how == "doubled" else "") + text[at + 1 :]
    assume(damaged != text)
    try:
        found = gs1.read(damaged)
    except LabelError:
        return
    assert how != "changed"
    assert found.serials != (serial,)


# The library as oracle


def _oracle(text: str) -> list[tuple[str, str]] | None:
    try:
        message = GS1Message.parse(text)
    except (biip.ParseError, ValueError, IndexError):
        return None
    if any(each.gtin_error or each.gln_error or each.sscc_error for each in message.element_strings):
        return None
    return [(each.ai.ai, each.value) for each in message.element_strings]


def test_the_table_has_the_identifiers_of_the_published_list_and_their_separators() -> None:
    from biip.gs1_application_identifiers import _GS1_APPLICATION_IDENTIFIERS as PUBLISHED  # noqa: PLC0415

    assert set(ROWS) == set(PUBLISHED)
    for ai, published in PUBLISHED.items():
        form = format_of(ai)
        assert form is not None
        assert (form.length is None) is published.separator_required, ai


OTHERWISE_LONG = {
    **dict.fromkeys(
        ("4330", "4331", "4332", "4333"), "the seventh character is a minus sign, looked at apart"
    ),
    "7258": "the second of three characters is a slash, looked at apart",
    "8010": "begins with a company prefix of four digits at least, looked at apart",
}
"""Identifiers whose lengths the library has in another place than we, and why."""


@pytest.mark.parametrize("ai", sorted(set(ROWS) - set(OTHERWISE_LONG)))
def test_data_may_be_as_long_as_the_library_lets_it_be_and_no_longer(ai: str) -> None:
    from biip.gs1_application_identifiers import _GS1_APPLICATION_IDENTIFIERS as PUBLISHED  # noqa: PLC0415

    form = format_of(ai)
    assert form is not None
    for length in range(1, 96):
        # A zero is in every character set.
        ours = form.pattern.fullmatch("0" * length) is not None
        assert ours == (re.fullmatch(PUBLISHED[ai].pattern, ai + "0" * length) is not None), length


@settings(deadline=None, max_examples=400)
@given(st.sampled_from(sorted(ROWS)), st.data())
def test_what_we_read_the_library_reads_alike(ai: str, data: st.DataObject) -> None:
    form = format_of(ai)
    assert form is not None
    value = data.draw(st.from_regex(form.pattern, fullmatch=True))
    assume(form.fault(value) is None)
    assert _oracle(ai + value) == [(ai, value)]


@settings(deadline=None, max_examples=400)
@given(st.sampled_from(sorted(ROWS)), st.data())
def test_what_the_library_refuses_by_its_pattern_we_refuse(ai: str, data: st.DataObject) -> None:
    form = format_of(ai)
    assert form is not None
    value = data.draw(st.from_regex(form.pattern, fullmatch=True))
    at = data.draw(st.integers(0, len(value) - 1))
    bad = data.draw(st.sampled_from(["#", " ", "\x1c", "é", "^"]))
    damaged = ai + value[:at] + bad + value[at + 1 :]
    # It strips white space at the end, which is in none of GS1's sets (7.11).
    assert _oracle(damaged) is None or damaged != damaged.strip()
    with pytest.raises(LabelError):
        gs1.elements(damaged)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "0109521000001014",
            "7.9.1: the check digit is part of a GTIN, and biip keeps a wrong one beside an error",
        ),
        ("4104006381333930", "7.9.1: the same for a GLN"),
        ("00106141411928374656", "7.9.1: the same for an SSCC"),
        ("40295210000000000000", "7.9.1: the same for a shipment number, where biip looks at nothing"),
        ("2539521000001014", "7.9.1: the same for a document type"),
        ("80131987654Ad4X4bL5ttr2310c2L", "7.9.5: check characters, at which biip does not look"),
        ("8040490154203237517", "section 3: an IMEI's check digit, at which biip does not look"),
        ("8006095210000010150201", "section 3: piece 2 of 1, at which biip does not look"),
        ("8003095210000010141", "section 3: the check digit of a returnable asset"),
        ("30", "3.2: N..8 is one digit at least"),
        ("7004", "3.2: N..4 is one digit at least"),
        ("801100", "section 3: a serial number of a component does not begin with zero"),
        ("21SN ", "7.11: a space is in no set; biip strips it"),
        ("21SN-1\x1d21SN-2", "4.14: an identifier twice with different data; biip lists both"),
        ("21SN-1\x1d\x1d10L", "7.8.5: nothing stands between two separators; biip passes over both"),
    ],
)
def test_where_the_library_is_laxer_the_standard_is_with_us(text: str, why: str) -> None:
    assert why
    assert GS1Message.parse(text).element_strings
    with pytest.raises(LabelError):
        gs1.read(text)
