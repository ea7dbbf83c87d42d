from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.labels import normalise as eci
from station.labels.normalise import Label, Rejected, normalise


@pytest.mark.parametrize(
    ("text", "encoding", "plain"),
    [
        ("SN-1", "utf-8", "SN-1"),
        (r"A\\B", "utf-8", r"A\B"),
        (r"\000026SN-Ä", "utf-8", "SN-Ä"),
        (r"\000003SN-1", "utf-8", "SN-1"),
        (r"\000003SN-Ä", "iso-8859-1", "SN-Ä"),
        (r"\000026A\000003B\\\\", "utf-8", r"AB\\"),
        (r"\\000026", "utf-8", r"\000026"),
        (r"\000017SN-€", "iso-8859-15", "SN-€"),
        (r"\000020SN", "shift_jis", "SN"),
    ],
)
def test_the_marks_are_removed(text: str, encoding: str, plain: str) -> None:
    assert eci.plain(text, encoding) == plain


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (r"A\B", "holds a single backslash at position 2"),
        (r"A\00002B", "holds a single backslash at position 2"),
        ("A\\", "holds a single backslash at position 2"),
        (r"\000003SN-Ä", 'is in ECI 000003 (iso-8859-1), but the scanner\'s setting is encoding = "utf-8"'),
        (r"\000899SN", "is in ECI 000899, which is not text"),
        (r"\999999SN", "is in ECI 999999, which is not text"),
    ],
)
def test_data_that_violates_the_protocol_is_refused(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        eci.plain(text, "utf-8")


@settings(deadline=None)
@given(st.text())
def test_any_text_sent_by_the_protocol_is_read_back(text: str) -> None:
    sent = "\\000026" + text.replace("\\", "\\\\")
    assert eci.plain(sent, "utf-8") == text


def test_marks_are_read_only_with_an_eci_identifier() -> None:
    assert normalise(rb"]Q1A\000026B", encoding="utf-8", aim="auto") == Label(r"A\000026B", "]Q1")
    assert normalise(rb"]Q2A\000026B", encoding="utf-8", aim="auto") == Label("AB", "]Q2")
    assert isinstance(normalise(rb"]d4A\B", encoding="utf-8", aim="auto"), Rejected)
