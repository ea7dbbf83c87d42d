"""Command bar codes: a prefix, a word, and for some an argument (``$$YES``, ``$$OPEN CM-1``)."""

from __future__ import annotations

from enum import StrEnum


class Command(StrEnum):
    """What a worker can tell the station by scanning; also the words of the HTTP interface."""

    YES = "yes"
    NO = "no"
    CANCEL = "cancel"
    UNDO = "undo"
    DETACH = "detach"
    RANGE = "range"
    MFG = "mfg"
    CLOSE = "close"
    SAVE = "save"
    HISTORY = "history"
    OPEN = "open"
    """Needs a document's number."""
    BADGE = "badge"
    """Needs an operator's code."""


_ARGUMENTS = {Command.OPEN: "a document's number", Command.BADGE: "an operator's code"}


def parse(text: str) -> tuple[Command, str | None]:
    """Read a command without its prefix; upper and lower case of the word are one.

    Returns:
        The command and its argument, None for commands without.

    Raises:
        ValueError: no such command, or the argument lacks or is too much.
    """
    word, _, argument = text.partition(" ")
    argument = argument.strip(" ")
    try:
        command = Command(word.lower())
    except ValueError:
        if word.upper() == "GENERATE":
            raise ValueError("the command GENERATE is not available in this version") from None
        raise ValueError(f'unknown command "{word[:32]}"') from None
    if needed := _ARGUMENTS.get(command):
        if not argument:
            raise ValueError(f"the command {command.upper()} needs {needed} behind it")
        return command, argument
    if argument:
        raise ValueError(f'the command {command.upper()} takes nothing behind it, but there is "{argument}"')
    return command, None
