"""Explains step by step how a label is read, and why it is or isn't a serial number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from station.labels import digital_link, separators, symbology
from station.labels.contents import visible
from station.labels.interpret import (
    CommandRead,
    DocumentRead,
    ItemRead,
    OperatorRead,
    OtherRead,
    SerialRead,
    ShippingRead,
    attempts,
    plain,
)
from station.labels.normalise import Rejected

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from station.config.settings import LabelSettings, Preferences
    from station.labels.contents import Contents
    from station.labels.interpret import Attempt, Meaning
    from station.labels.normalise import Label


@dataclass(frozen=True, slots=True)
class Step:
    """One step of reading a label."""

    step: str
    """Its name: ``symbology identifier``, ``GS1 element string``, ``AI 21``."""
    found: str
    """The result, for people; control characters appear by name, ``<GS>``."""


_PLAIN: Final = Step(
    "plain text", "yes, no other format fits: the whole text is the serial number, as printed"
)


def explain(label: Label, preferences: Preferences, settings: LabelSettings) -> list[Step]:
    """The steps by which `interpret` reads a label; the last one is the result."""
    tried = list(attempts(label, preferences, settings))
    meaning = tried[-1].meaning
    steps = [_identifier(label), *_tried(tried, label)]
    if isinstance(meaning, CommandRead | OperatorRead):
        steps.append(_check(meaning, preferences))
    if meaning is None:
        meaning = plain(label)
        steps.append(_PLAIN)
    return [Step(each.step, visible(each.found)) for each in [*steps, Step("result", verdict(meaning))]]


def _check(meaning: CommandRead | OperatorRead, preferences: Preferences) -> Step:
    """Whether the code is signed (D11); whether with the right key, only the station knows."""
    if meaning.check is not None:
        found = f"{meaning.check}; the station compares it with its key"
    elif preferences.signed_commands:
        found = "none: refused from a scanner or typed into the page (preferences.signed_commands)"
    else:
        found = "none, and none is needed (preferences.signed_commands)"
    return Step("  check", found)


def verdict(meaning: Meaning | Rejected) -> str:
    """The result of reading a label, in one sentence."""
    match meaning:
        case Rejected():
            return f"rejected: {meaning.message}"
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
            return f"no serial number: {_other(meaning)}"


def _other(meaning: CommandRead | DocumentRead | OperatorRead) -> str:
    match meaning:
        case DocumentRead(number):
            return f"the document {number}"
        case OperatorRead(code, _):
            return f"the badge {code}"
        case _:
            return f"the command {meaning.command.upper()}" + (
                f" {meaning.argument}" if meaning.argument else ""
            )


def _of_item(gtin: str | None, items: tuple[str, ...]) -> str:
    names = [f"GTIN {gtin}"] if gtin else []
    names += [f"item code {code}" for code in items]
    return f" of {' and '.join(names)}" if names else ""


def _identifier(label: Label) -> Step:
    identifier = label.symbology_identifier
    return Step(
        "symbology identifier",
        f"{identifier}: {symbology.describe(identifier)}" if identifier else "the scanner sent none",
    )


def _tried(tried: Sequence[Attempt], label: Label) -> Iterator[Step]:
    for attempt in tried:
        yield Step(attempt.form.name, _result(attempt, label))
        if attempt.contents is not None:
            yield from _fields(attempt.contents)


def _result(attempt: Attempt, label: Label) -> str:
    if attempt.meaning is None:
        return attempt.form.why_not(label)
    if isinstance(attempt.meaning, Rejected) and attempt.contents is None:
        return "yes, but wrong"
    return "yes"


def _fields(contents: Contents) -> Iterator[Step]:
    for field in contents.fields:
        name = f"{field.identifier} {field.title}".strip()
        yield Step(f"  {name}", field.value)
    found = [] if contents.form == digital_link.FORM else separators.suspicions(contents)
    for note in [*contents.notes, *found]:
        yield Step("  note", note)
