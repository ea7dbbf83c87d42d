"""The meaning of a label: a command, a document, an operator, serial numbers or something else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from station import patterns
from station.i18n.messages import msg
from station.labels.commands import Command, parse, without_check
from station.labels.contents import Contents, LabelError, visible
from station.labels.formats import LabelFormat, formats_of
from station.labels.normalise import Rejected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.config.settings import LabelSettings, Preferences
    from station.labels.normalise import Label

MAX_DOCUMENT_CHARACTERS = 64
"""Document numbers are not longer than this."""
MAX_SERIALS = 200
"""On one label: each becomes a row, all in one transaction."""


@dataclass(frozen=True, slots=True)
class SerialRead:
    """Serial numbers exactly as printed, usually one."""

    serials: tuple[str, ...]
    gtin: str | None = None
    """14 digits, if the label names the product."""
    items: tuple[str, ...] = ()
    """Item codes, if the label has any: there may be both a customer's and a supplier's."""


@dataclass(frozen=True, slots=True)
class ItemRead:
    """A product, without a unit."""

    gtin: str | None = None
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShippingRead:
    """The label of a logistic unit, not of a single unit."""

    sscc: str
    """18 digits."""


@dataclass(frozen=True, slots=True)
class CommandRead:
    """A command bar code."""

    command: Command
    argument: str | None = None
    check: str | None = None
    """Of a signed code, in upper case (D11); whose it is, only the station can tell."""

    def signed_part(self) -> tuple[Command, str | None]:
        """Return the command and argument that the check is for."""
        return self.command, self.argument


@dataclass(frozen=True, slots=True)
class DocumentRead:
    """A document number, which opens the document."""

    number: str


@dataclass(frozen=True, slots=True)
class OperatorRead:
    """A badge."""

    code: str
    check: str | None = None
    """As in `CommandRead`."""

    def signed_part(self) -> tuple[Command, str | None]:
        """Return the command and argument that the check is for."""
        return Command.BADGE, self.code


@dataclass(frozen=True, slots=True)
class OtherRead:
    """A good scan that the station has no use for."""

    reason: str


Meaning = SerialRead | ItemRead | ShippingRead | CommandRead | DocumentRead | OperatorRead | OtherRead


@dataclass(frozen=True, slots=True)
class CommandForm:
    """A command bar code, recognized by its prefix."""

    prefix: str
    name: str = "command"

    def read(self, label: Label) -> Meaning | None:
        """As `formats.LabelFormat.read`, but returns the meaning."""
        text = label.text
        if not text.startswith(self.prefix):
            return None
        return command_of(*without_check(text.removeprefix(self.prefix)))

    def why_not(self, label: Label) -> str:  # noqa: ARG002 - the same for all labels
        """As `formats.LabelFormat.why_not`."""
        return f"no, does not begin with {self.prefix}"


@dataclass(frozen=True, slots=True)
class DocumentForm:
    """A document number, recognized by the preference `document_pattern`."""

    preferences: Preferences
    name: str = "document"

    def read(self, label: Label) -> Meaning | None:
        """As `formats.LabelFormat.read`, but returns the meaning."""
        return DocumentRead(label.text) if is_document(label.text, self.preferences) else None

    def why_not(self, label: Label) -> str:  # noqa: ARG002 - the same for all labels
        """As `formats.LabelFormat.why_not`."""
        return f"no, is not {self.preferences.document_pattern}"


Form = CommandForm | DocumentForm | LabelFormat


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt to read a label in one form."""

    form: Form
    meaning: Meaning | Rejected | None
    """None: the label does not have this form."""
    contents: Contents | None = None
    """Its contents, if the form has fields and they could be read."""


def attempts(label: Label, preferences: Preferences, settings: LabelSettings) -> Iterator[Attempt]:
    """Try the forms in order, up to the first one that matches.

    Commands and documents come first, then the formats. A label that matches none of them is plain text.
    """
    forms: tuple[Form, ...] = (
        CommandForm(preferences.command_prefix),
        DocumentForm(preferences),
        *formats_of(settings),
    )
    for form in forms:
        attempt = _attempt(form, label)
        yield attempt
        if attempt.meaning is not None:
            return


def _attempt(form: Form, label: Label) -> Attempt:
    try:
        found = form.read(label)
    except LabelError as error:
        return Attempt(form, Rejected(visible(str(error)), error.advice))
    if isinstance(found, Contents):
        return Attempt(form, meaning_of(found), found)
    return Attempt(form, found)


def interpret(label: Label, preferences: Preferences, settings: LabelSettings) -> Meaning | Rejected:
    """Interpret a label by the first form that matches.

    A label that matches none is a serial number as printed. One that violates its own format is rejected.
    """
    for attempt in attempts(label, preferences, settings):
        if attempt.meaning is not None:
            return attempt.meaning
    return plain(label)


def plain(label: Label) -> SerialRead:
    """The meaning of a label that matches no form: a serial number, exactly as printed."""
    return SerialRead((label.text,))


def is_document(text: str, preferences: Preferences) -> bool:
    """Whether a text looks like a document number."""
    return (
        len(text) <= MAX_DOCUMENT_CHARACTERS
        and patterns.linear(preferences.document_pattern).fullmatch(text) is not None
    )


def meaning_of(contents: Contents) -> Meaning | Rejected:
    """The meaning of a label's contents; whatever names a unit takes precedence."""
    if len(contents.serials) > MAX_SERIALS:
        return Rejected(
            msg(
                "the label has {number} serial numbers, more than {most}",
                number=len(contents.serials),
                most=MAX_SERIALS,
            ),
            msg("scan the units' own labels"),
        )
    if contents.serials:
        return SerialRead(contents.serials, contents.gtin, contents.items)
    if contents.notes:
        return OtherRead(visible(reduce(_both, contents.notes)))
    if contents.sscc:
        return ShippingRead(contents.sscc)
    if contents.gtin or contents.items:
        return ItemRead(contents.gtin, contents.items)
    return OtherRead(msg("the label holds no serial number ({form})", form=contents.form))


def _both(one: str, other: str) -> str:
    return msg("{one_text}; {other_text}", one_text=one, other_text=other)


def command_of(text: str, check: str | None = None) -> Meaning:
    """The meaning of a command without its prefix and check."""
    try:
        command, argument = parse(text)
    except ValueError as error:
        return OtherRead(visible(str(error)))
    if command is Command.BADGE and argument is not None:
        return OperatorRead(argument, check)
    return CommandRead(command, argument, check)
