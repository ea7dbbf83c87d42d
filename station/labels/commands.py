"""Command bar codes: a prefix, a word and, for some, an argument (``$$YES``, ``$$OPEN CM-1``).

A signed code ends with a check that only this company's key makes (D11): ``$$SAVE~7KQ2``. The check is the
first 20 bits of HMAC-SHA256 in the base 32 of Crockford, which has no letter that looks like another one.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

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
    Command.BADGE: msg("an operator's code; SIGNOFF signs off"),
    Command.QTY: msg("a quantity"),
    Command.REASON: msg("a reason's code"),
    Command.CONDITION: msg("a condition's code"),
}
"""Required arguments."""
_OPTIONAL_ARGUMENT = {Command.GENERATE}

_DIGITS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BITS: Final = 5
"""Bits of one character of a check."""
_CHARACTERS: Final = 4
_CHECK: Final = re.compile(
    rf"(?P<command>.*)~(?P<check>[{_DIGITS}]{{{_CHARACTERS}}})", re.IGNORECASE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Signing:
    """What makes a command's code: the prefix, and the key that signs it; None: it stays unsigned."""

    prefix: str
    key: bytes | None

    def code(self, command: Command, argument: str | None = None) -> str:
        """Return the text of a command's bar code."""
        text, check = self.prefix + _canonical(command, argument), self.check(command, argument)
        return text if check is None else f"{text}~{check}"

    def check(self, command: Command, argument: str | None = None) -> str | None:
        """Return the check of a command; None: its code is unsigned."""
        return None if self.key is None else check_of(self.key, command, argument)


def check_of(key: bytes, command: Command, argument: str | None = None) -> str:
    """Return the check of a command: four characters."""
    digest = hmac.digest(key, _canonical(command, argument).encode(), "sha256")
    number = int.from_bytes(digest) >> (8 * len(digest) - _BITS * _CHARACTERS)
    places = reversed(range(_CHARACTERS))
    return "".join(_DIGITS[number >> _BITS * place & (1 << _BITS) - 1] for place in places)


def is_genuine(check: str, key: bytes, command: Command, argument: str | None = None) -> bool:
    """Whether a check, in upper or lower case, was made with this key."""
    return hmac.compare_digest(check.upper(), check_of(key, command, argument))


def without_check(text: str) -> tuple[str, str | None]:
    """Split the text of a code into the command and its check; None: it has no check.

    Only what follows the last ``~`` is one: an argument may contain the character, too.
    """
    found = _CHECK.fullmatch(text)
    return (found["command"], found["check"].upper()) if found else (text, None)


def _canonical(command: Command, argument: str | None) -> str:
    # As `parse` returns it.
    return f"{command.upper()} {(argument or '').strip(' ')}".rstrip(" ")


def parse(text: str) -> tuple[Command, str | None]:
    """Read a command without its prefix and check; the word may be in upper or lower case.

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
