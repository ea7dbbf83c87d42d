from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.config.settings import LabelSettings, Preferences
from station.labels.commands import Command
from station.labels.interpret import (
    MAX_DOCUMENT_CHARACTERS,
    CommandRead,
    DocumentRead,
    Meaning,
    OperatorRead,
    OtherRead,
    SerialRead,
    interpret,
)
from station.labels.normalise import Label, Rejected
from tests.labels.generated import IDENTIFIERS, SETTINGS, TEXTS


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
        ("$$GENERATE", CommandRead(Command.GENERATE)),
        ("$$GENERATE PROC-1", CommandRead(Command.GENERATE, "PROC-1")),
        ("$$", OtherRead('unknown command ""')),
        ("$YES", SerialRead(("$YES",))),
        ("SN$$YES", SerialRead(("SN$$YES",))),
    ],
)
def test_the_form_of_a_text_determines_its_meaning(text: str, meaning: Meaning) -> None:
    assert _read(text) == meaning


def test_prefix_and_document_pattern_can_be_configured() -> None:
    preferences = Preferences(command_prefix="CMD:", document_pattern="R[0-9]{4}")
    assert _read("CMD:no", preferences) == CommandRead(Command.NO)
    assert _read("R2026", preferences) == DocumentRead("R2026")
    assert _read("$$YES", preferences) == SerialRead(("$$YES",))


@settings(deadline=None)  # may be slow on a busy machine
@given(st.text(min_size=1))
def test_every_text_has_a_meaning_and_a_serial_number_is_never_altered(text: str) -> None:
    meaning = _read(text)
    assert not isinstance(meaning, SerialRead) or meaning == SerialRead((text,))


def test_a_text_longer_than_a_document_number_is_not_matched() -> None:
    preferences = Preferences(document_pattern="A+")
    longest = "A" * MAX_DOCUMENT_CHARACTERS
    assert _read(longest, preferences) == DocumentRead(longest)
    assert _read(longest + "A", preferences) == SerialRead((longest + "A",))


@settings(deadline=None, max_examples=300)
@given(TEXTS, IDENTIFIERS, SETTINGS)
def test_no_message_contains_a_control_character(
    text: str, identifier: str | None, chosen: LabelSettings
) -> None:
    meaning = interpret(Label(text, identifier), Preferences(), chosen)
    if isinstance(meaning, Rejected | OtherRead):
        assert meaning.reason.isprintable()


@pytest.mark.parametrize(
    ("text", "identifier", "says"),
    [
        ("21A\x1e1", "]C1", "A<RS>1"),
        ("[)>\x1e06\x1d\x1c1\x1e\x04", None, '"<FS>1" does not begin with a Data Identifier'),
        (
            "[)>\x1e06\x1d25SLE\x1fHA1\x1e\x04",
            None,
            "25S LE<US>HA1: it is unclear where the serial number begins",
        ),
        ("$$A\x1dB", None, 'unknown command "A<GS>B"'),
        ("21A\u202e1", "]C1", r"A\u202E1"),
    ],
)
def test_control_characters_appear_by_name(text: str, identifier: str | None, says: str) -> None:
    meaning = interpret(Label(text, identifier), Preferences(), LabelSettings())
    assert isinstance(meaning, Rejected | OtherRead)
    assert says in meaning.reason
