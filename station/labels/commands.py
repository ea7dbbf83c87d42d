"""Command bar codes: a prefix, a word and, for some, an argument (``$$YES``, ``$$OPEN CM-1``)."""

from __future__ import annotations

from enum import StrEnum

from station.i18n.messages import msg


class Command(StrEnum):
    """The commands that a worker can scan; also the words of the HTTP interface."""

    YES = "yes"
    NO = "no"
    CANCEL = "cancel"
    UNDO = "undo"
    DETACH = "detach"
    RANGE = "range"
    MFG = "mfg"
    GENERATE = "generate"
    """Takes an optional item code or GTIN; without it, the next scan names the item."""
    CLOSE = "close"
    SAVE = "save"
    HISTORY = "history"
    OPEN = "open"
    """Takes a document number."""
    BADGE = "badge"
    """Takes an operator code."""
    LATER = "later"
    """Answers a Save's question: the rest comes later (D6)."""
    QTY = "qty"
    """Takes how many units a scan counts (M6)."""
    REASON = "reason"
    """Takes the code of a reason (M7)."""
    CONDITION = "condition"
    """Takes the code of a condition (M7)."""
    NEW = "new"
    """Makes a document for the next unit's customer (M8)."""
    SIGNOFF = "signoff"
    """Signs the operator off (D5)."""


_ARGUMENTS = {
    Command.OPEN: msg("a document's number"),
    Command.BADGE: msg("an operator's code"),
    Command.QTY: msg("a quantity"),
    Command.REASON: msg("a reason's code"),
    Command.CONDITION: msg("a condition's code"),
}
"""Required arguments."""
_OPTIONAL_ARGUMENT = {Command.GENERATE}


def parse(text: str) -> tuple[Command, str | None]:
    """Read a command without its prefix; the word may be in upper or lower case.

    Returns:
        The command and its argument, or None.

    Raises:
        ValueError: the command is unknown, or its argument is missing or not allowed.
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
                    "the command {command} must be followed by {needed_text}",
                    command=command.upper(),
                    needed_text=needed,
                )
            )
        return command, argument
    if argument and command in _OPTIONAL_ARGUMENT:
        return command, argument
    if argument:
        raise ValueError(
            msg(
                'the command {command} takes no argument, but "{argument}" follows',
                command=command.upper(),
                argument=argument,
            )
        )
    return command, None
