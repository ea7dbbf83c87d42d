"""Command bar codes: a prefix, a word, and for some an argument (``$$YES``, ``$$OPEN CM-1``)."""

from __future__ import annotations

from enum import StrEnum

from station.i18n.messages import msg


class Command(StrEnum):
    """What a worker can tell the station by scanning; also the words of the HTTP interface."""

    YES = "yes"
    NO = "no"
    CANCEL = "cancel"
    UNDO = "undo"
    DETACH = "detach"
    RANGE = "range"
    MFG = "mfg"
    GENERATE = "generate"
    """May have an item's code or GTIN behind it; without, the next scan names the item."""
    CLOSE = "close"
    SAVE = "save"
    HISTORY = "history"
    OPEN = "open"
    """Needs a document's number."""
    BADGE = "badge"
    """Needs an operator's code."""


_ARGUMENTS = {Command.OPEN: msg("a document's number"), Command.BADGE: msg("an operator's code")}
"""What a command needs behind it."""
_MAY_HAVE = {Command.GENERATE}
"""Commands with or without something behind them."""


def parse(text: str) -> tuple[Command, str | None]:
    """Read a command without its prefix; upper and lower case of the word are one.

    Returns:
        The command and its argument, None where there is none.

    Raises:
        ValueError: no such command, or the argument lacks or is too much.
    """
    word, _, argument = text.partition(" ")
    argument = argument.strip(" ")
    try:
        command = Command(word.lower())
    except ValueError:
        raise ValueError(msg('unknown command "{word}"', word=word[:32])) from None
    if needed := _ARGUMENTS.get(command):
        if not argument:
            raise ValueError(
                msg(
                    "the command {command} needs {needed_text} behind it",
                    command=command.upper(),
                    needed_text=needed,
                )
            )
        return command, argument
    if argument and command in _MAY_HAVE:
        return command, argument
    if argument:
        raise ValueError(
            msg(
                'the command {command} takes nothing behind it, but there is "{argument}"',
                command=command.upper(),
                argument=argument,
            )
        )
    return command, None
