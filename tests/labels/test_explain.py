"""The explanation: what the reader does, step by step, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from station.config.settings import HouseFormat, LabelSettings, Preferences
from station.labels.contents import Contents, LabelError, visible
from station.labels.explain import explain, verdict
from station.labels.formats import formats_of
from station.labels.interpret import ItemRead, SerialRead, ShippingRead, interpret
from station.labels.normalise import Label, Rejected
from tests.labels.generated import IDENTIFIERS, SETTINGS, TEXTS

if TYPE_CHECKING:
    from collections.abc import Callable

GTIN = "09521000001015"
GS1 = f"01{GTIN}21SN-1"


# The explanation matches the reader


@settings(deadline=None, max_examples=500)
@given(TEXTS, IDENTIFIERS, SETTINGS)
def test_its_result_is_the_meaning_of_the_label(
    text: str, identifier: str | None, chosen: LabelSettings
) -> None:
    label = Label(text, identifier)
    meaning = interpret(label, Preferences(), chosen)
    result = explain(label, Preferences(), chosen)[-1]
    assert result.step == "result"
    assert result.found == visible(verdict(meaning))
    assert result.found.isprintable()
    if isinstance(meaning, Rejected):
        assert result.found.startswith("rejected: ")
    elif isinstance(meaning, SerialRead):
        assert all(meaning.serials)
        assert "serial number" in result.found
    else:
        assert result.found.startswith("no serial number: ")


@settings(deadline=None, max_examples=500)
@given(TEXTS.filter(str.isprintable), IDENTIFIERS, SETTINGS)
def test_its_result_has_the_readers_serial_numbers_gtin_and_items(
    text: str, identifier: str | None, chosen: LabelSettings
) -> None:
    label = Label(text, identifier)
    meaning = interpret(label, Preferences(), chosen)
    found = explain(label, Preferences(), chosen)[-1].found
    if isinstance(meaning, SerialRead):
        assert ", ".join(meaning.serials) in found
    if isinstance(meaning, SerialRead | ItemRead):
        assert ("GTIN " in found) == (meaning.gtin is not None) or "GTIN " in text
        assert meaning.gtin is None or f"GTIN {meaning.gtin}" in found
        assert all(f"item code {item}" in found for item in meaning.items)
    if isinstance(meaning, ShippingRead):
        assert f"SSCC {meaning.sscc}" in found


@settings(deadline=None, max_examples=500)
@given(TEXTS, IDENTIFIERS, SETTINGS)
def test_its_steps_are_the_formats_in_the_readers_order_up_to_the_first_match(
    text: str, identifier: str | None, chosen: LabelSettings
) -> None:
    label = Label(text, identifier)
    steps = explain(label, Preferences(), chosen)
    tried = [each for each in steps[1:-1] if not each.step.startswith("  ")]
    assert all(not each.found.startswith("yes") for each in tried[:-1])
    assert tried[-1].found.startswith("yes")
    names = ["command", "document"]
    if tried[-1].step not in names:
        names += _names_up_to_the_first_match(label, chosen)
        assert [each.step for each in tried] == names
    else:
        assert [each.step for each in tried] == names[: names.index(tried[-1].step) + 1]


def _names_up_to_the_first_match(label: Label, chosen: LabelSettings) -> list[str]:
    names = []
    for form in formats_of(chosen):
        names.append(form.name)
        if _read(form.read, label) is not None:
            return names
    return [*names, "plain text"]


def _read(read: Callable[[Label], Contents | None], label: Label) -> Contents | LabelError | None:
    try:
        return read(label)
    except LabelError as error:
        return error


def test_its_fields_are_those_of_the_matching_format() -> None:
    label = Label("[)>\x1e06\x1d1PP\x1dSA\x1dSB\x1e\x04")
    fields = [each.found for each in explain(label, Preferences(), LabelSettings()) if each.step[:2] == "  "]
    assert fields == ["P", "A", "B"]


# Step by step


def _steps(text: str, identifier: str | None = None, **given: object) -> list[tuple[str, str]]:
    chosen = LabelSettings(**given)  # type: ignore[arg-type]
    return [(each.step, each.found) for each in explain(Label(text, identifier), Preferences(), chosen)]


def test_a_gs1_label_is_explained_step_by_step() -> None:
    assert _steps(GS1, "]C1") == [
        ("symbology identifier", "]C1: Code 128, GS1: FNC1 in first position"),
        ("command", "no, does not begin with $$"),
        ("document", "no, is not C[OM]-[0-9]+"),
        ("check character", "none reported by the scanner"),
        ("GS1 element string", "yes"),
        ("  01 GTIN", GTIN),
        ("  21 serial number", "SN-1"),
        ("result", f"serial number SN-1 of GTIN {GTIN}"),
    ]


def test_it_explains_why_a_label_that_looks_like_gs1_is_plain_text() -> None:
    steps = dict(_steps(GS1, "]C0"))
    assert steps["GS1 element string"] == "no, ]C0 does not say so"
    assert steps["result"] == f"serial number {GS1}"
    steps = dict(_steps(GS1, "]C1", gs1="never"))
    assert steps["GS1 element string"] == 'no, ]C1 says so, but the scanner\'s setting is gs1 = "never"'


def test_it_explains_why_a_label_is_rejected_and_stops_there() -> None:
    steps = _steps("0109521000001014", "]C1")
    assert steps[-2] == ("GS1 element string", "yes, but wrong")
    assert steps[-1][1].startswith("rejected: AI 01 (GTIN) has a wrong check digit")
    assert steps[-1][1].endswith("scan again; if it repeats, the label is wrong")


def test_it_explains_why_each_house_format_does_not_match() -> None:
    formats = (
        HouseFormat(name="a", prefix="S/N "),
        HouseFormat(name="b", suffix="*"),
        HouseFormat(name="c", pattern="(?P<serial>[0-9]+)"),
        HouseFormat(name="d", pattern="(?P<serial>[A-Z]+)"),
    )
    steps = dict(_steps("ABC", house_format=formats))
    assert steps['house format "a"'] == 'no, does not begin with "S/N "'
    assert steps['house format "b"'] == 'no, does not end with "*"'
    assert steps['house format "c"'] == 'no, "ABC" is not (?P<serial>[0-9]+)'
    assert steps['house format "d"'] == "yes"
    assert steps["  serial"] == "ABC"


@pytest.mark.parametrize(
    ("text", "identifier", "result"),
    [
        ("$$YES", None, "no serial number: the command YES"),
        ("$$OPEN CM-1", None, "no serial number: the command OPEN CM-1"),
        ("$$BADGE E07", None, "no serial number: the badge E07"),
        ("$$NONE", None, 'no serial number: unknown command "NONE"'),
        ("CM-1001", None, "no serial number: the document CM-1001"),
        ("4006381333931", "]E0", "no serial number: the label is only GTIN 04006381333931"),
        ("00106141411928374657", "]C1", "no serial number: a shipping label, SSCC 106141411928374657"),
        ("[)>\x1e06\x1d1PX\x1dSA\x1dSB\x1e\x04", None, "2 serial numbers: A, B of item code X"),
        ("SN-1", None, "serial number SN-1"),
    ],
)
def test_its_last_step_is_the_result(text: str, identifier: str | None, result: str) -> None:
    assert _steps(text, identifier)[-1] == ("result", result)
