from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.scans.commands import Command
from station.scans.interpret import (
    CommandRead,
    DocumentRead,
    Meaning,
    OperatorRead,
    OtherRead,
    SerialRead,
    interpret,
)
from station.scans.normalise import Label, Rejected
from station.settings import LabelSettings, Preferences


def _read(text: str, preferences: Preferences | None = None) -> Meaning | Rejected:
    return interpret(Label(text), preferences or Preferences(), LabelSettings())


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("SN-1", SerialRead(("SN-1",))),
        ("CM-1001", DocumentRead("CM-1001")),
        ("CO-7", DocumentRead("CO-7")),
        ("XCM-1001", SerialRead(("XCM-1001",))),
        ("CM-1001X", SerialRead(("CM-1001X",))),
        ("CM-1001\n", SerialRead(("CM-1001\n",))),
        ("cm-1001", SerialRead(("cm-1001",))),
        ("CM-" + "1" * 62, SerialRead(("CM-" + "1" * 62,))),
        ("$$YES", CommandRead(Command.YES)),
        ("$$OPEN CM-1", CommandRead(Command.OPEN, "CM-1")),
        ("$$BADGE anna", OperatorRead("anna")),
        ("$$GENERATE", OtherRead("the command GENERATE is not available in this version")),
        ("$$", OtherRead('unknown command ""')),
        ("$YES", SerialRead(("$YES",))),
        ("SN$$YES", SerialRead(("SN$$YES",))),
    ],
)
def test_a_text_means_what_its_form_says(text: str, meaning: Meaning) -> None:
    assert _read(text) == meaning


def test_prefix_and_document_pattern_are_the_stations_own() -> None:
    preferences = Preferences(command_prefix="CMD:", document_pattern="R[0-9]{4}")
    assert _read("CMD:no", preferences) == CommandRead(Command.NO)
    assert _read("R2026", preferences) == DocumentRead("R2026")
    assert _read("$$YES", preferences) == SerialRead(("$$YES",))


@settings(deadline=None)  # a busy machine is no failure
@given(st.text(min_size=1))
def test_every_text_means_something_and_a_serial_number_is_never_altered(text: str) -> None:
    meaning = _read(text)
    assert not isinstance(meaning, SerialRead) or meaning == SerialRead((text,))


def test_a_pattern_that_is_slow_on_long_texts_never_meets_one() -> None:
    started = time.monotonic()
    _read("A" * 60_000, Preferences(document_pattern="(A*)*(A*)*B"))
    assert time.monotonic() - started < 1
