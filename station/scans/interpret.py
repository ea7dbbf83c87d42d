"""What a label means: a command, a document, an operator, serial numbers, or what else it names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from station import patterns
from station.scans.commands import Command, parse
from station.scans.contents import LabelError
from station.scans.formats import formats_of
from station.scans.normalise import Rejected

if TYPE_CHECKING:
    from station.scans.contents import Contents
    from station.scans.normalise import Label
    from station.settings import LabelSettings, Preferences

MAX_DOCUMENT_CHARACTERS = 64
"""No document's number is longer."""
MAX_SERIALS = 200
"""Of one label: each becomes a row, and all of them one transaction."""


@dataclass(frozen=True, slots=True)
class SerialRead:
    """Serial numbers, each exactly as printed: mostly one."""

    serials: tuple[str, ...]
    gtin: str | None = None
    """14 digits, when the label says which product it is."""
    items: tuple[str, ...] = ()
    """Item codes, when the label says them: a customer's and a supplier's may stand side by side."""


@dataclass(frozen=True, slots=True)
class ItemRead:
    """A product, and no unit of it."""

    gtin: str | None = None
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShippingRead:
    """A logistic unit's label, and no unit's."""

    sscc: str
    """18 digits."""


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


Meaning = SerialRead | ItemRead | ShippingRead | CommandRead | DocumentRead | OperatorRead | OtherRead


def interpret(label: Label, preferences: Preferences, settings: LabelSettings) -> Meaning | Rejected:
    """Tell what a label means.

    Commands and documents come first, by their form alone; then the formats; what is of none of them is a
    serial number as printed. A label that contradicts its own format is rejected.
    """
    text = label.text
    if text.startswith(preferences.command_prefix):
        return command_of(text.removeprefix(preferences.command_prefix))
    if is_document(text, preferences):
        return DocumentRead(text)
    try:
        for form in formats_of(settings):
            if (contents := form.read(label)) is not None:
                if len(contents.serials) > MAX_SERIALS:
                    return Rejected(
                        f"the label bears {len(contents.serials)} serial numbers, more than {MAX_SERIALS}"
                    )
                return meaning_of(contents)
    except LabelError as error:
        return Rejected(str(error))
    return SerialRead((text,))


def is_document(text: str, preferences: Preferences) -> bool:
    """Whether a text is a document's number by its form."""
    return (
        len(text) <= MAX_DOCUMENT_CHARACTERS
        and patterns.linear(preferences.document_pattern).fullmatch(text) is not None
    )


def meaning_of(contents: Contents) -> Meaning:
    """What a label's contents mean to the station: what names a unit comes first."""
    if contents.serials:
        return SerialRead(contents.serials, contents.gtin, contents.items)
    if contents.notes:
        return OtherRead("; ".join(contents.notes))
    if contents.sscc:
        return ShippingRead(contents.sscc)
    if contents.gtin or contents.items:
        return ItemRead(contents.gtin, contents.items)
    return OtherRead(f"the label holds no serial number ({contents.form})")


def command_of(text: str) -> Meaning:
    """What a command means, given without its prefix."""
    try:
        command, argument = parse(text)
    except ValueError as error:
        return OtherRead(str(error))
    if command is Command.BADGE and argument is not None:
        return OperatorRead(argument)
    return CommandRead(command, argument)
