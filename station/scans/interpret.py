"""What a scan's text means: a command, a document, an operator, or a serial number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.scans.commands import Command, parse

if TYPE_CHECKING:
    from station.config import Preferences

MAX_DOCUMENT_CHARACTERS = 64
"""No document's number is longer, and the pattern is the user's: it must not meet a text of thousands."""


@dataclass(frozen=True, slots=True)
class SerialRead:
    """A serial number, exactly as printed."""

    text: str
    gtin: str | None = None
    """14 digits, when the label says which product it is."""
    item: str | None = None
    """Item code, when the label says it."""


@dataclass(frozen=True, slots=True)
class CommandRead:
    """A command bar code."""

    command: Command
    argument: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentRead:
    """A document's number, which opens it."""

    number: str


@dataclass(frozen=True, slots=True)
class OperatorRead:
    """A badge."""

    code: str


@dataclass(frozen=True, slots=True)
class OtherRead:
    """A good scan that says nothing to the station."""

    reason: str


Meaning = SerialRead | CommandRead | DocumentRead | OperatorRead | OtherRead


def interpret(text: str, preferences: Preferences) -> Meaning:
    """Tell what a text means; commands come first, and what is nothing else is a serial number."""
    prefix = preferences.command_prefix
    if text.startswith(prefix):
        return _command(text.removeprefix(prefix))
    if len(text) <= MAX_DOCUMENT_CHARACTERS and re.fullmatch(preferences.document_pattern, text):
        return DocumentRead(text)
    return SerialRead(text)


def _command(text: str) -> Meaning:
    try:
        command, argument = parse(text)
    except ValueError as error:
        return OtherRead(str(error))
    if command is Command.BADGE and argument is not None:
        return OperatorRead(argument)
    return CommandRead(command, argument)
