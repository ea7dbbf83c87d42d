"""How a label is read, step by step, and why it is or isn't a serial number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.scans import symbology
from station.scans.contents import LabelError
from station.scans.formats import formats_of
from station.scans.interpret import (
    CommandRead,
    DocumentRead,
    ItemRead,
    OperatorRead,
    OtherRead,
    SerialRead,
    ShippingRead,
    command_of,
    interpret,
    is_document,
)
from station.scans.normalise import Rejected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.scans.contents import Contents
    from station.scans.interpret import Meaning
    from station.scans.normalise import Label
    from station.settings import LabelSettings, Preferences


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was looked at."""

    step: str
    """What: ``symbology identifier``, ``GS1 element string``, ``AI 21``."""
    found: str
    """What came of it, as people read it; control characters stand as they are."""


def explain(label: Label, preferences: Preferences, settings: LabelSettings) -> list[Step]:
    """The steps by which `interpret` reads a label, and what comes of it as the last one."""
    result = Step("result", verdict(interpret(label, preferences, settings)))
    return [_identifier(label), *_steps(label, preferences, settings), result]


def verdict(meaning: Meaning | Rejected) -> str:
    """What a label comes to, in one sentence."""
    match meaning:
        case Rejected(reason):
            return f"rejected: {reason}"
        case SerialRead(serials, gtin, items):
            noun = "serial number" if len(serials) == 1 else f"{len(serials)} serial numbers:"
            return f"{noun} {', '.join(serials)}{_of_item(gtin, items)}"
        case ItemRead(gtin, items):
            return f"no serial number: the label is only{_of_item(gtin, items).removeprefix(' of')}"
        case ShippingRead(sscc):
            return f"no serial number: a shipping label, SSCC {sscc}"
        case OtherRead(reason):
            return f"no serial number: {reason}"
        case _:
            return f"no serial number: {_by_form(meaning)}"


def _by_form(meaning: CommandRead | DocumentRead | OperatorRead) -> str:
    match meaning:
        case DocumentRead(number):
            return f"the document {number}"
        case OperatorRead(code):
            return f"the badge {code}"
        case _:
            return f"the command {meaning.command.upper()}" + (
                f" {meaning.argument}" if meaning.argument else ""
            )


def _of_item(gtin: str | None, items: tuple[str, ...]) -> str:
    said = [f"GTIN {gtin}"] if gtin else []
    said += [f"item code {code}" for code in items]
    return f" of {' and '.join(said)}" if said else ""


def _identifier(label: Label) -> Step:
    said = label.symbology_identifier
    return Step(
        "symbology identifier", f"{said}: {symbology.describe(said)}" if said else "the scanner sent none"
    )


def _steps(label: Label, preferences: Preferences, settings: LabelSettings) -> Iterator[Step]:
    text, prefix = label.text, preferences.command_prefix
    if text.startswith(prefix):
        yield Step("command", f"yes, begins with {prefix}: {verdict(command_of(text.removeprefix(prefix)))}")
        return
    yield Step("command", f"no, does not begin with {prefix}")
    pattern = preferences.document_pattern
    if is_document(text, preferences):
        yield Step("document", f"yes, the whole text is {pattern}")
        return
    yield Step("document", f"no, is not {pattern}")
    for form in formats_of(settings):
        try:
            contents = form.read(label)
        except LabelError as error:
            yield Step(form.name, f"yes, but wrong: {error}")
            return
        if contents is not None:
            yield Step(form.name, "yes")
            yield from _fields(contents)
            return
        yield Step(form.name, form.why_not(label))
    yield Step("plain text", "yes, of no other format: the whole text is the serial number, as printed")


def _fields(contents: Contents) -> Iterator[Step]:
    for field in contents.fields:
        name = f"{field.identifier} {field.title}".strip()
        yield Step(f"  {name}", field.value)
    for note in contents.notes:
        yield Step("  note", note)
