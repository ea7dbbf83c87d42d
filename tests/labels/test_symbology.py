from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.labels.symbology import SYMBOLOGIES, name_of, split


@pytest.mark.parametrize(
    ("identifier", "name"),
    [
        ("]C1", "Code 128"),
        ("]d2", "Data Matrix"),
        ("]Q3", "QR Code"),
        ("]e0", "GS1 DataBar"),
        ("]J1", "DotCode"),
        ("]E4", "EAN/UPC"),
        ("]A0", "Code 39"),
        ("]zC", "Aztec"),
        ("]C9", None),
        ("]x1", None),
        ("C1", None),
        ("[C1", None),
        ("]C", None),
        ("]C12", None),
    ],
)
def test_an_identifier_names_its_symbology(identifier: str, name: str | None) -> None:
    assert name_of(identifier) == name


@pytest.mark.parametrize("text", ["SN-1", "]x1SN-1", "]C9SN-1", "]", "]C", "C0]SN-1", " ]C0SN-1", ""])
def test_auto_keeps_a_text_without_a_known_identifier(text: str) -> None:
    assert split(text, "auto") == (None, text)


@settings(deadline=None)  # may be slow on a busy machine
@given(st.text())
def test_auto_removes_every_known_identifier_and_nothing_else(data: str) -> None:
    for letter, (_, modifiers) in SYMBOLOGIES.items():
        identifier = f"]{letter}{modifiers[-1]}"
        assert split(identifier + data, "auto") == (identifier, data)


def test_never_removes_nothing() -> None:
    assert split("]C0SN-1", "never") == (None, "]C0SN-1")


def test_always_removes_an_unknown_identifier() -> None:
    assert split("]x1SN-1", "always") == ("]x1", "SN-1")


@pytest.mark.parametrize("text", ["SN-1", "]", "]C", "]-1SN", "]C-SN", ""])
def test_always_refuses_a_text_without_an_identifier(text: str) -> None:
    with pytest.raises(ValueError, match="no AIM identifier in front"):
        split(text, "always")
