from __future__ import annotations

import json

import msgspec
import pytest

from station.labels.commands import Command
from station.labels.interpret import (
    CommandRead,
    DocumentRead,
    Meaning,
    OperatorRead,
    OtherRead,
    SerialRead,
)
from station.labels.normalise import Label
from station.labels.report import rejected_line, scan_line


def test_the_line_of_a_scan_is_as_documented() -> None:
    line = scan_line(0.812, "left", Label("SN-2"), SerialRead(("SN-2",)))
    assert msgspec.json.encode(line) == (
        b'{"t":0.812,"scanner":"left","outcome":"scan","text":"SN-2","symbology_identifier":null,"kind":"serial",'
        b'"serial_number":"SN-2","gtin":null,"item":null,"command":null,"document":null,"operator":null,'
        b'"reason":null}'
    )


def test_the_line_of_a_rejected_scan_has_only_a_reason() -> None:
    line = rejected_line(1.5, "left", "longer than 4096 bytes")
    assert msgspec.json.encode(line) == (
        b'{"t":1.5,"scanner":"left","outcome":"rejected","text":null,"symbology_identifier":null,"kind":null,'
        b'"serial_number":null,"gtin":null,"item":null,"command":null,"document":null,"operator":null,'
        b'"reason":"longer than 4096 bytes"}'
    )


@pytest.mark.parametrize(
    ("meaning", "values"),
    [
        (
            SerialRead(("SN",), gtin="04012345678901", items=("PROC-1",)),
            {"kind": "serial", "serial_number": "SN", "gtin": "04012345678901", "item": "PROC-1"},
        ),
        (CommandRead(Command.YES), {"kind": "command", "command": "yes"}),
        (CommandRead(Command.OPEN, "CM-1"), {"kind": "command", "command": "open", "document": "CM-1"}),
        (CommandRead(Command.GENERATE, "PROC"), {"kind": "command", "command": "generate", "item": "PROC"}),
        (DocumentRead("CM-1"), {"kind": "document", "document": "CM-1"}),
        (OperatorRead("anna"), {"kind": "operator", "operator": "anna"}),
        (OtherRead("unknown command"), {"kind": "other", "reason": "unknown command"}),
    ],
)
def test_each_meaning_fills_its_own_keys(meaning: Meaning, values: dict[str, str]) -> None:
    line = json.loads(msgspec.json.encode(scan_line(0.0, "left", Label("x", "]C0"), meaning)))
    always = {"t": 0.0, "scanner": "left", "outcome": "scan", "text": "x", "symbology_identifier": "]C0"}
    assert {key: value for key, value in line.items() if value is not None} == always | values


def test_gs_is_escaped() -> None:
    line = scan_line(0.0, "left", Label("A\x1dB"), SerialRead(("A\x1dB",)))
    assert rb'"text":"A\u001dB"' in msgspec.json.encode(line)


def test_times_are_rounded_to_the_microsecond() -> None:
    assert rejected_line(0.1 + 0.2, "left", "x").t == 0.3
