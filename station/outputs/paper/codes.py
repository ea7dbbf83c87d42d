"""The codes of a sheet: the text, its meaning to the station, and its symbols."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.config.settings import LabelSettings
from station.errors import PaperError
from station.i18n.messages import escape_unprintable, msg
from station.labels.commands import Command
from station.labels.interpret import CommandRead, DocumentRead, OperatorRead, interpret
from station.labels.normalise import Label
from station.outputs.paper.symbols import code_128, qr_code

if TYPE_CHECKING:
    from station.config.settings import Preferences
    from station.labels.commands import Signing
    from station.labels.interpret import Meaning
    from station.outputs.paper.reading import Readers
    from station.outputs.paper.symbols import Symbol


@dataclass(frozen=True, slots=True)
class Code:
    """One code to scan; it has at least one of the symbols."""

    text: str
    bars: Symbol | None
    """Code 128; None: it can't encode the text, or would be misread."""
    square: Symbol | None
    """QR Code; None: it would be misread."""


def command_code(command: Command, signing: Signing, readers: Readers, argument: str | None = None) -> Code:
    """Return the code of a command.

    Raises:
        PaperError: a scanner would misread it.
    """
    meant = CommandRead(command, argument, signing.check(command, argument))
    return code_of(signing.code(command, argument), meant, readers)


def badge_code(operator: str, signing: Signing, readers: Readers) -> Code:
    """Return the code of an operator's badge.

    Raises:
        PaperError: a scanner would misread it.
    """
    meant = OperatorRead(operator, signing.check(Command.BADGE, operator))
    return code_of(signing.code(Command.BADGE, operator), meant, readers)


def document_code(number: str, preferences: Preferences, signing: Signing, readers: Readers) -> Code:
    """Return the code of a document: its number, or the command where the number doesn't match the pattern.

    Raises:
        PaperError: a scanner would misread it.
    """
    if interpret(Label(number), preferences, LabelSettings()) == DocumentRead(number):
        return code_of(number, DocumentRead(number), readers)
    return command_code(Command.OPEN, signing, readers, number)


def code_of(text: str, meant: Meaning, readers: Readers) -> Code:
    """Return the symbols of a text that every scanner here reads with the meaning `meant`.

    Raises:
        PaperError: there is none; the message names the scanner and what it would read.
    """
    misread = None
    good: list[Symbol | None] = []
    for symbol in (code_128(text), qr_code(text)):
        found = symbol and readers.misread(symbol, text, meant)
        misread = misread or found
        good.append(None if found else symbol)
    if not any(good):
        reason = str(misread) if misread else msg("it is too long for a bar code")
        raise PaperError(
            msg(
                '"{text}" can\'t be printed: {reason_text}', text=escape_unprintable(text), reason_text=reason
            )
        )
    return Code(text, *good)
