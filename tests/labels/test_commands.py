from __future__ import annotations

import pytest

from station.labels.commands import Command, parse


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
        ("BADGE ", "the command BADGE must be followed by an operator's code"),
        ("YES please", 'the command YES takes no argument, but "please" follows'),
    ],
)
def test_an_invalid_command_is_refused_with_a_reason(text: str, message: str) -> None:
    with pytest.raises(ValueError, match="command") as error:
        parse(text)
    assert str(error.value) == message
