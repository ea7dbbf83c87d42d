"""ISO/IEC 15434 envelopes with data identifiers and text element identifiers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.labels import iso15434
from station.labels.contents import LabelError

PRINTABLE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=30)


def _text(marked: str) -> str:
    return marked.replace("<GS>", "\x1d").replace("<RS>", "\x1e").replace("<EOT>", "\x04")


@pytest.mark.parametrize(
    ("label", "serials", "gtin", "items"),
    [
        # MIL-STD-130N, construct 1 with a CAGE code (figure 2), with the whole identifier (figure 3), and as
        # text elements; construct 2 with part number and serial number (figure 4).
        ("06<GS>18S0CVA5786950", ("786950",), None, ()),
        ("06<GS>25SUN0433257117869501", ("7869501",), None, ()),
        ("06<GS>25SD0CVA5786950", ("786950",), None, ()),
        ("12<GS>MFR 0CVA5<GS>SER 786950", ("786950",), None, ()),
        ("12<GS>SPL 0CVA5<GS>UCN 786950<GS>PNR 1234", ("786950",), None, ("1234",)),
        ("06<GS>17V0CVA5<GS>1P1234<GS>S786950", ("786950",), None, ("1234",)),
        ("06<GS>18VD0CVA5<GS>1P1234<GS>S786950", ("786950",), None, ("1234",)),
        ("12<GS>MFR 0CVA5<GS>PNO 1234<GS>SEQ 786950", ("786950",), None, ("1234",)),
        ("05<GS>800409521000ABC", ("09521000ABC",), None, ()),
        # IFA coding system (securPharm): PPN, batch, expiry, serial number; or GTIN in place of the PPN.
        (
            "06<GS>9N110375286414<GS>1T12345ABCD<GS>D150617<GS>S12345ABCDEF98765",
            ("12345ABCDEF98765",),
            None,
            (),
        ),
        (
            "06<GS>8P04150123456782<GS>1T1A<GS>D151231<GS>S1234567",
            ("1234567",),
            "04150123456782",
            (),
        ),
        ("05<GS>0109521000001015<GS>21SN-1<GS>17261231", ("SN-1",), "09521000001015", ()),
        # Several serial numbers; a repeated one counts once.
        ("06<GS>1PPROC<GS>SA1<GS>SA2<GS>SA3<GS>Q3", ("A1", "A2", "A3"), None, ("PROC",)),
        ("06<GS>SA1<GS>SA2<GS>SA1", ("A1", "A2"), None, ()),
        ("06<GS>18S0CVA5A1<GS>18S0CVA5A2", ("A1", "A2"), None, ()),
        ("06<GS>25SD0CVA5A1<GS>SA1", ("A1",), None, ()),
        ("06<GS>37SLHABCPN-7+SN/1", ("SN/1",), None, ()),
        ("06<GS>42S04LHABCPSN12", ("SN12",), None, ()),
        # A customer's and a supplier's item code side by side.
        ("06<GS>PCUST-1<GS>1PSUP-1<GS>SA1", ("A1",), None, ("CUST-1", "SUP-1")),
        ("06<GS>1PPROC<GS>Q12", (), None, ("PROC",)),
        # Two formats in one envelope, one of them not supported.
        ("05<GS>0109521000001015<RS>06<GS>SA1<GS>1PPROC", ("A1",), "09521000001015", ("PROC",)),
        ("0102<GS>840<RS>06<GS>SA1", ("A1",), None, ()),
        ("06<GS>S A-1 /x", (" A-1 /x",), None, ()),
    ],
)
def test_serial_numbers_and_items_are_read_from_an_envelope(
    label: str, serials: tuple[str, ...], gtin: str | None, items: tuple[str, ...]
) -> None:
    found = iso15434.read(_text(f"[)><RS>{label}<RS><EOT>"))
    assert found is not None
    assert (found.serials, found.gtin, found.items) == (serials, gtin, items)


@pytest.mark.parametrize("label", ["SN-1", "[)SN-1", "", " [)>\x1e06\x1dS1\x1e\x04", "(>\x1e06"])
def test_a_text_without_an_envelope_is_not_read(label: str) -> None:
    assert iso15434.read(label) is None


@pytest.mark.parametrize(
    ("label", "says"),
    [
        ("[)>06S1", "RS does not follow: the scanner seems to drop control characters"),
        ("[)>", "RS does not follow"),
        ("[)><RS>06<GS>S1", "RS and EOT at its end are missing"),
        ("[)><RS>06<GS>S1<RS>", "RS and EOT at its end are missing"),
        ("[)><RS>06<GS>S1<EOT>", "RS and EOT at its end are missing"),
        ("[)><RS><RS><EOT>", "does not begin with a format indicator"),
        ("[)><RS>6<GS>S1<RS><EOT>", "does not begin with a format indicator"),
        ("[)><RS>٠٦<GS>S1<RS><EOT>", "does not begin with a format indicator"),
        ("[)><RS>06<GS>S1<RS><RS><EOT>", "does not begin with a format indicator"),
        ("[)><RS>06S1<RS><EOT>", "GS is missing after the indicator"),
        ("[)><RS>09<GS>jpg<GS><GS>2<GS>\x1e\x1f<RS><EOT>", "binary data"),
        ("[)><RS>06<GS><RS><EOT>", "it holds no data element"),
        ("[)><RS>06<GS>S1<GS><GS>1PX<RS><EOT>", "the data element after S (serial number) is empty"),
        ("[)><RS>06<GS>S<RS><EOT>", "S (serial number) is empty"),
        ("[)><RS>06<GS>1P<GS>S1<RS><EOT>", "1P (supplier's item code) is empty"),
        ("[)><RS>06<GS>1234SX<RS><EOT>", "does not begin with a Data Identifier"),
        ("[)><RS>06<GS>18S0CVA5<RS><EOT>", "18S (CAGE code and serial number) 0CVA5 is too short"),
        ("[)><RS>06<GS>42S99LHAB1<RS><EOT>", "is too short to hold a serial number"),
        ("[)><RS>06<GS>25SD0CVA5A1<GS>SA2<RS><EOT>", "has serial number A1, but the label has A2"),
        ("[)><RS>06<GS>8P04150123456783<GS>S1<RS><EOT>", "8P (GTIN) 04150123456783 must be 14 digits with a"),
        ("[)><RS>05<GS>0109521000001014<RS><EOT>", "AI 01 (GTIN) has a wrong check digit"),
        ("[)><RS>05<GS>21A<GS>21B<RS><EOT>", "AI 21 appears twice"),
        ("[)><RS>12<GS>SE 1<RS><EOT>", "does not begin with a Text Element Identifier"),
        ("[)><RS>12<GS>SER <RS><EOT>", "SER (serial number) is empty"),
        (
            "[)><RS>05<GS>0109521000001015<RS>06<GS>8P04150123456782<RS><EOT>",
            "the GTIN appears twice",
        ),
    ],
)
def test_a_damaged_envelope_is_rejected_with_the_reason(label: str, says: str) -> None:
    with pytest.raises(LabelError) as caught:
        iso15434.read(_text(label))
    assert says in str(caught.value)


def test_the_beginning_of_a_serial_number_is_never_guessed() -> None:
    found = iso15434.read(_text("[)><RS>06<GS>25SLEEHASN1<RS><EOT>"))
    assert found is not None
    assert found.serials == ()
    assert found.notes == ("25S LEEHASN1: it is unclear where the serial number begins",)


@settings(deadline=None)
@given(st.lists(PRINTABLE, min_size=1, max_size=6, unique=True), PRINTABLE)
def test_a_generated_envelope_is_read_back(serials: list[str], item: str) -> None:
    fields = "\x1d".join([f"1P{item}", *(f"S{serial}" for serial in serials)])
    found = iso15434.read(f"[)>\x1e06\x1d{fields}\x1e\x04")
    assert found is not None
    assert (found.serials, found.items) == (tuple(serials), (item,))


@settings(deadline=None)
@given(st.lists(PRINTABLE, min_size=1, max_size=3), st.data())
def test_a_truncated_label_is_never_read(serials: list[str], data: st.DataObject) -> None:
    fields = "\x1d".join(f"S{serial}" for serial in serials)
    label = f"[)>\x1e06\x1d{fields}\x1e\x04"
    cut = label[: data.draw(st.integers(3, len(label) - 1))]
    with pytest.raises(LabelError):
        iso15434.read(cut)
