from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.labels.normalise import Label, Rejected, normalise

if TYPE_CHECKING:
    from station.labels.symbology import Aim

ENCODINGS = ["utf-8", "ascii", "iso-8859-1", "iso-8859-15", "windows-1252", "shift_jis"]
KEPT = "\x04\x1c\x1d\x1e\x1f"


def _normalise(data: bytes, encoding: str = "utf-8", aim: Aim = "auto") -> Label | Rejected:
    return normalise(data, encoding=encoding, aim=aim)


@settings(deadline=None)  # may be slow on a busy machine
@given(st.binary(), st.sampled_from(ENCODINGS), st.sampled_from(["auto", "always", "never"]))
def test_any_bytes_are_a_label_without_control_characters_or_rejected(
    data: bytes,
    encoding: str,
    aim: Aim,
) -> None:
    label = _normalise(data, encoding, aim)
    if isinstance(label, Rejected):
        assert label.reason
        return
    assert label.text
    assert not [
        char for char in label.text if unicodedata.category(char) in ("Cc", "Cs") and char not in KEPT
    ]
    assert ((label.symbology_identifier or "") + label.text).encode(
        encoding
    ) == data or encoding == "shift_jis"


@pytest.mark.parametrize(
    "text", ["SN-1", " SN-1 ", "sn1", "0001", "ÄÖ€", "[)>\x1e06\x1dS1\x1e\x04", "\x1dSN", "]x1"]
)
def test_a_text_is_kept_unchanged(text: str) -> None:
    assert _normalise(text.encode()) == Label(text)


def test_an_identifier_is_split_from_the_text() -> None:
    assert _normalise(b"]C1SN-1") == Label("SN-1", "]C1")


def test_an_identifier_sent_by_the_protocol_overrides_one_in_the_text() -> None:
    assert normalise(b"]C0SN-1", encoding="utf-8", aim="always", symbology_identifier="]d1") == Label(
        "]C0SN-1", "]d1"
    )


@pytest.mark.parametrize(
    ("data", "encoding", "reason"),
    [
        (b"", "utf-8", "the label is empty"),
        (b"]C0", "utf-8", "the label is empty"),
        (b"SN-\xff", "utf-8", "is not utf-8: byte 4 is 0xFF; is the scanner's setting encoding right?"),
        (b"SN\xe2\x82", "utf-8", "is not utf-8: byte 3 is 0xE2; is the scanner's setting encoding right?"),
        (b"\xed\xa0\x80", "utf-8", "is not utf-8: byte 1 is 0xED; is the scanner's setting encoding right?"),
        (b"\xc3\xa4", "ascii", "is not ascii: byte 1 is 0xC3; is the scanner's setting encoding right?"),
        (
            b"SN\x811",
            "windows-1252",
            "is not windows-1252: byte 3 is 0x81; is the scanner's setting encoding right?",
        ),
        (b"SN\x811", "iso-8859-1", "holds U+0081, a control character, at position 3"),
        (b"SN\x7f", "utf-8", "ends with U+007F, a control character"),
        (b"\nSN", "utf-8", 'starts with LF: the scanner seems to send CR LF; set terminator = "\\r\\n"'),
        (b"\rSN", "utf-8", 'starts with CR: the scanner seems to send LF CR; set terminator = "\\n\\r"'),
        (
            b"\x02SN",
            "utf-8",
            'starts with STX: the scanner seems to send a preamble; set preamble = "\\u0002"',
        ),
        (b"\x1bSN", "utf-8", "starts with ESC, a control character"),
        (b"SN\r", "utf-8", 'ends with CR: the scanner seems to send CR LF; set terminator = "\\r\\n"'),
        (b"SN\n", "utf-8", 'ends with LF: the scanner seems to send LF CR; set terminator = "\\n\\r"'),
        (
            b"SN\t",
            "utf-8",
            "ends with TAB: it seems to belong to the scanner's terminator; add it to the setting terminator",
        ),
        (
            b"SN\x03",
            "utf-8",
            "ends with ETX: it seems to belong to the scanner's terminator; add it to the setting terminator",
        ),
        (b"A\rB", "utf-8", "holds CR, a control character, at position 2; is the setting terminator right?"),
        (b"A\tB", "utf-8", "holds TAB, a control character, at position 2"),
        (b"A\x00B", "utf-8", "holds NUL, a control character, at position 2"),
    ],
)
def test_invalid_data_is_rejected_with_a_helpful_reason(data: bytes, encoding: str, reason: str) -> None:
    assert _normalise(data, encoding) == Rejected(reason)


def test_a_missing_identifier_is_rejected_if_it_is_required() -> None:
    assert _normalise(b"SN-1", aim="always") == Rejected(
        'no AIM identifier in front, and the scanner\'s setting is aim = "always"'
    )


def test_a_control_character_before_an_identifier_is_named_first() -> None:
    label = _normalise(b"\n]C0SN-1", aim="always")
    assert isinstance(label, Rejected)
    assert label.reason.startswith("starts with LF")
