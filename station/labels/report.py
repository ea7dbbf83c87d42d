"""The line that `decode` and `listen` print for each scan or rejected scan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypedDict

import msgspec

from station.labels.commands import Command
from station.labels.interpret import (
    CommandRead,
    DocumentRead,
    ItemRead,
    OperatorRead,
    OtherRead,
    ShippingRead,
)
from station.labels.normalise import Rejected

if TYPE_CHECKING:
    from station.labels.interpret import Meaning
    from station.labels.normalise import Label


class ScanLine(msgspec.Struct, frozen=True, kw_only=True):
    """One scan; the keys and their order are fixed for integrators."""

    t: float
    """The time when the scan was complete, in seconds since the start, to the microsecond."""
    scanner: str
    outcome: Literal["scan", "rejected"]
    text: str | None = None
    symbology_identifier: str | None = None
    kind: Literal["serial", "command", "document", "operator", "other"] | None = None
    serial_number: str | None = None
    gtin: str | None = None
    item: str | None = None
    command: str | None = None
    document: str | None = None
    operator: str | None = None
    reason: str | None = None


NO_SERIAL = "an item without a serial number: scan the serial number"


class _Read(TypedDict, total=False):
    kind: Literal["serial", "command", "document", "operator", "other"]
    serial_number: str
    gtin: str | None
    item: str | None
    command: str
    document: str | None
    operator: str
    reason: str | None


def scan_line(t: float, scanner: str, label: Label, meaning: Meaning | Rejected) -> ScanLine:
    """The line of a complete scan; it is rejected if the label violates its own format."""
    if isinstance(meaning, Rejected):
        return rejected_line(t, scanner, meaning.reason)
    return ScanLine(
        t=round(t, 6),
        scanner=scanner,
        outcome="scan",
        text=label.text,
        symbology_identifier=label.symbology_identifier,
        **_read(meaning),
    )


def rejected_line(t: float, scanner: str, reason: str) -> ScanLine:
    """The line of an incomplete or unreadable scan."""
    return ScanLine(t=round(t, 6), scanner=scanner, outcome="rejected", reason=reason)


def _read(meaning: Meaning) -> _Read:  # noqa: PLR0911 - one for each meaning
    match meaning:
        case CommandRead(command, argument, _):
            return {
                "kind": "command",
                "command": command.value,
                "document": argument if command is Command.OPEN else None,
                "item": argument if command is Command.GENERATE else None,
            }
        case DocumentRead(number):
            return {"kind": "document", "document": number}
        case OperatorRead(code, _):
            return {"kind": "operator", "operator": code}
        case OtherRead(reason):
            return {"kind": "other", "reason": reason}
        case ShippingRead(sscc):
            return {"kind": "other", "reason": f"a shipping label (SSCC {sscc}), no unit's"}
        case ItemRead(gtin, items):
            return {"kind": "other", "gtin": gtin, "item": _first(items), "reason": NO_SERIAL}
        case _:
            return {
                "kind": "serial",
                "serial_number": meaning.serials[0],
                "gtin": meaning.gtin,
                "item": _first(meaning.items),
                "reason": _further(meaning.serials),
            }


def _first(items: tuple[str, ...]) -> str | None:
    return items[0] if items else None


def _further(serials: tuple[str, ...]) -> str | None:
    """The remark on a label with several serial numbers, since a line has only one."""
    return f"the label bears {len(serials)} serial numbers: {', '.join(serials)}" if serials[1:] else None
