"""GS1 Digital Link: the examples of the standard, and texts that are not links."""

from __future__ import annotations

from urllib.parse import quote

import biip
import pytest
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from hypothesis import given, settings
from hypothesis import strategies as st

from station.labels import check_digits, digital_link
from station.labels.contents import LabelError
from tests.labels.generated import SERIAL

GTIN = "09521000001015"


@pytest.mark.parametrize(
    ("uri", "serials", "gtin", "sscc"),
    [
        # GS1 Digital Link Standard: URI Syntax, section "Examples", with GS1's demonstration numbers.
        ("https://id.gs1.org/01/09506000134352", (), "09506000134352", None),
        ("https://id.gs1.org/01/09506000134352/21/12345", ("12345",), "09506000134352", None),
        ("https://id.gs1.org/01/09506000134352/10/ABC123/21/12345", ("12345",), "09506000134352", None),
        ("https://example.com/some/path/01/09506000134352/21/1?17=201225", ("1",), "09506000134352", None),
        ("http://example.co.uk:8080/01/09506000134352/21/1#top", ("1",), "09506000134352", None),
        ("HTTPS://EXAMPLE.COM/01/09506000134352/21/1/", ("1",), "09506000134352", None),
        (
            "https://id.gs1.org/01/09506000134352/22/2A/10/L/21/S?linkType=gs1:pip",
            ("S",),
            "09506000134352",
            None,
        ),
        ("https://id.gs1.org/01/09506000134352/21/AB%2FC%25", ("AB/C%",), "09506000134352", None),
        ("https://id.gs1.org/01/09506000134352?21=12345", ("12345",), "09506000134352", None),
        ("https://example.com/p?x=1&01=09506000134352&21=S%26T", ("S&T",), "09506000134352", None),
        ("https://example.com/gtin/09506000134352/lot/L/ser/S", ("S",), "09506000134352", None),
        ("https://id.gs1.org/01/09506000134352/21/S?21=S", ("S",), "09506000134352", None),
        ("https://id.gs1.org/8004/9521000ABC-1", ("9521000ABC-1",), None, None),
        ("https://id.gs1.org/8003/095210000010151234", ("095210000010151234",), None, None),
        ("https://id.gs1.org/8006/095060001343520102/21/S", ("S",), "09506000134352", None),
        ("https://id.gs1.org/00/106141411928374657?02=09506000134352&37=25", (), None, "106141411928374657"),
        ("https://id.gs1.org/414/4006381333931/254/32a", (), None, None),
        # The order of qualifiers has no meaning.
        ("https://id.gs1.org/01/09506000134352/21/S/10/L", ("S",), "09506000134352", None),
    ],
)
def test_a_link_is_read_from_its_path_and_query(
    uri: str, serials: tuple[str, ...], gtin: str | None, sscc: str | None
) -> None:
    found = digital_link.read(uri)
    assert found is not None
    assert (found.serials, found.gtin, found.sscc) == (serials, gtin, sscc)


@pytest.mark.parametrize(
    "uri",
    [
        "SN-1",
        "ftp://id.gs1.org/01/09506000134352",
        "id.gs1.org/01/09506000134352",
        "https://example.com/",
        "https://example.com/01",
        "https://example.com/01/",
        "https://example.com/01/hello",
        "https://example.com/products/8004/blue",
        "https://example.com/99/123/21/4",
        "https://example.com/orders?21=12345",
        "https://example.com/?id=09506000134352",
        "https://[broken/01/09506000134352",
        "https://dlnkd.tn.gg/AQnYUc1gmiERBhQ",
        " https://id.gs1.org/01/09506000134352",
        "https://example.com/01/٠٩٥٠٦٠٠٠١٣٤٣٥٢",
    ],
)
def test_other_texts_are_not_links(uri: str) -> None:
    assert digital_link.read(uri) is None


@pytest.mark.parametrize(
    ("uri", "says"),
    [
        ("https://id.gs1.org/01/09506000134353/21/S", "AI 01 (GTIN) has a wrong check digit"),
        ("https://id.gs1.org/01/9506000134352/21/S", "AI 01 (GTIN) must be 14 digits"),
        ("https://id.gs1.org/01/09506000134352/21", 'ends with "21" in its path, without a value'),
        ("https://id.gs1.org/01/09506000134352/21/", 'ends with "21" in its path, without a value'),
        (
            "https://id.gs1.org/01/09506000134352/serial/S",
            'has "serial" in its path, which is not a key qualifier',
        ),
        (
            "https://id.gs1.org/01/09506000134352/17/201225",
            'has "17" in its path, which is not a key qualifier',
        ),
        ("https://id.gs1.org/01/09506000134352/21/S%2", "percent-encoding is damaged"),
        ("https://id.gs1.org/01/09506000134352/21/S%ZZ", "percent-encoding is damaged"),
        ("https://id.gs1.org/01/09506000134352/21/S%FF", "percent-encoding is not UTF-8"),
        ("https://id.gs1.org/01/09506000134352/21/S%20T", "AI 21 (serial number) must be up to 20"),
        ("https://id.gs1.org/01/09506000134352?21=S+T", "AI 21 (serial number) must be up to 20"),
        ("https://id.gs1.org/01/09506000134352/21/" + "S" * 21, "AI 21 (serial number) must be up to 20"),
        ("https://id.gs1.org/01/09506000134352/21/S?21=T", "AI 21 appears twice, as S and as T"),
        ("https://id.gs1.org/01/09506000134352/21/S?17=201325", "AI 17 (expiration date) is not a date"),
        ("https://id.gs1.org/00/106141411928374656", "AI 00 (SSCC) has a wrong check digit"),
    ],
)
def test_a_damaged_link_is_rejected_with_the_reason(uri: str, says: str) -> None:
    with pytest.raises(LabelError) as caught:
        digital_link.read(uri)
    assert says in str(caught.value)


@settings(deadline=None)
@given(st.text("0123456789", min_size=13, max_size=13), SERIAL, st.sampled_from(["", "/shop/a", "/x/y/z"]))
def test_a_generated_link_is_read_back_and_the_library_agrees(digits: str, serial: str, path: str) -> None:
    gtin = digits + (check_digits.mod10(digits) or "")
    uri = f"https://example.com{path}/01/{gtin}/21/{quote(serial, safe='')}"
    found = digital_link.read(uri)
    assert found is not None
    assert (found.gtin, found.serials) == (gtin, (serial,))
    read = GS1DigitalLinkURI.parse(uri).element_strings
    assert [(each.ai.ai, each.value) for each in read] == [("01", gtin), ("21", serial)]


@pytest.mark.parametrize(
    ("uri", "why"),
    [
        ("https://id.gs1.org/01/9506000134352/21/S", "since version 1.2 a GTIN in a URI has 14 digits"),
        ("https://id.gs1.org/01/09506000134353/21/S", "the check digit is part of the GTIN"),
        ("https://id.gs1.org/01/09506000134352/21/S?21=T", "different data; biip lists both"),
    ],
)
def test_where_the_library_is_laxer_the_standard_agrees_with_us(uri: str, why: str) -> None:
    assert why
    assert GS1DigitalLinkURI.parse(uri)
    with pytest.raises(LabelError):
        digital_link.read(uri)


@pytest.mark.parametrize(
    ("uri", "why"),
    [
        ("https://id.gs1.org/01/09506000134352/21/S/10/L", "the order of qualifiers has no meaning"),
        (
            "https://example.com/?01=09506000134352&21=S",
            "a key only in the query: required here, not standard",
        ),
    ],
)
def test_where_the_library_is_stricter_the_link_is_still_unambiguous(uri: str, why: str) -> None:
    assert why
    with pytest.raises(biip.ParseError):
        GS1DigitalLinkURI.parse(uri)
    found = digital_link.read(uri)
    assert found is not None
    assert (found.gtin, found.serials) == ("09506000134352", ("S",))
