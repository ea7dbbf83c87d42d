from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.config.settings import LabelSettings, Preferences
from station.labels.commands import Command, Signing, check_of, is_genuine, parse, without_check
from station.labels.interpret import CommandRead, Meaning, OperatorRead, interpret
from station.labels.normalise import Label, Rejected


@pytest.mark.parametrize(
    "word", ["yes", "no", "cancel", "undo", "detach", "range", "mfg", "generate", "close", "save", "history"]
)
def test_a_command_may_be_in_upper_or_lower_case(word: str) -> None:
    assert parse(word.upper()) == parse(word) == parse(word.title()) == (Command(word), None)


@pytest.mark.parametrize("text", ["OPEN CM-1", "open CM-1", "OPEN  CM-1 "])
def test_a_document_follows_open(text: str) -> None:
    assert parse(text) == (Command.OPEN, "CM-1")


def test_an_item_may_follow_generate() -> None:
    assert parse("generate  PROC 1 ") == (Command.GENERATE, "PROC 1")


def test_an_argument_keeps_its_case_and_its_inner_spaces() -> None:
    assert parse("BADGE Anna 7") == (Command.BADGE, "Anna 7")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", 'unknown command ""'),
        (" YES", 'unknown command ""'),
        ("YESNO", 'unknown command "YESNO"'),
        ("X" * 4000, 'unknown command "' + "X" * 32 + '"'),
        ("OPEN", "the command OPEN must be followed by a document's number"),
        ("BADGE ", "the command BADGE must be followed by an operator's code; SIGNOFF signs off"),
        ("YES please", 'the command YES takes no argument, but "please" follows'),
    ],
)
def test_an_invalid_command_is_refused_with_a_reason(text: str, message: str) -> None:
    with pytest.raises(ValueError, match="command") as error:
        parse(text)
    assert str(error.value) == message


# Signed codes (D11)

KEY = bytes(range(32))
SIGNING = Signing("$$", KEY)
ARGUMENTS = st.text(st.characters(exclude_categories=["C"]), min_size=1).filter(lambda text: text.strip(" "))


def _read(code: str) -> Meaning | Rejected:
    return interpret(Label(code), Preferences(), LabelSettings())


def test_a_check_is_known_by_heart() -> None:
    assert SIGNING.code(Command.SAVE) == "$$SAVE~66DY"
    assert SIGNING.code(Command.OPEN, "R/2026/17") == "$$OPEN R/2026/17~F0PQ"
    assert Signing("$$", None).code(Command.OPEN, "CM-1") == "$$OPEN CM-1"


@given(st.sampled_from(sorted({Command.OPEN, Command.BADGE, Command.REASON, Command.GENERATE})), ARGUMENTS)
def test_a_signed_code_is_read_as_what_was_signed(command: Command, argument: str) -> None:
    read = _read(SIGNING.code(command, argument))
    assert isinstance(read, CommandRead | OperatorRead)
    assert read.signed_part() == (command, argument.strip(" "))
    assert read.check is not None
    assert is_genuine(read.check, KEY, *read.signed_part())
    assert not is_genuine(read.check, KEY[::-1], *read.signed_part())


@given(
    st.sampled_from(
        sorted(set(Command) - {Command.OPEN, Command.BADGE, Command.REASON, Command.CONDITION, Command.QTY})
    )
)
def test_a_signed_command_may_be_in_upper_or_lower_case(command: Command) -> None:
    code = SIGNING.code(command)
    for typed in (code, code.lower()):
        read = _read(typed)
        assert isinstance(read, CommandRead)
        assert read.check is not None
        assert is_genuine(read.check, KEY, *read.signed_part())


def test_a_check_holds_for_no_other_command_argument_or_key() -> None:
    check = check_of(KEY, Command.OPEN, "CM-1")
    assert is_genuine(check, KEY, Command.OPEN, "CM-1")
    assert not is_genuine(check, KEY, Command.OPEN, "CM-2")
    assert not is_genuine(check, KEY, Command.OPEN, "cm-1")
    assert not is_genuine(check, KEY, Command.BADGE, "CM-1")
    assert not is_genuine(check, KEY[::-1], Command.OPEN, "CM-1")


@pytest.mark.parametrize(
    ("text", "command", "check"),
    [
        ("SAVE", "SAVE", None),
        ("SAVE~7KQ2", "SAVE", "7KQ2"),
        ("SAVE~7kq2", "SAVE", "7KQ2"),
        ("BADGE A~7KQ2~0000", "BADGE A~7KQ2", "0000"),
        ("BADGE A~7KQ", "BADGE A~7KQ", None),
        ("BADGE A~7KQ22", "BADGE A~7KQ22", None),
        ("BADGE A~7KU2", "BADGE A~7KU2", None),
    ],
)
def test_only_the_last_four_characters_after_a_tilde_are_a_check(
    text: str, command: str, check: str | None
) -> None:
    assert without_check(text) == (command, check)
