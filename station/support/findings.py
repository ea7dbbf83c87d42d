"""What the doctor finds, and what is plugged in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from station.doctor.diagnosis import diagnosis
from station.inert import inert
from station.intake.scanner_table import offers
from station.support.part import File

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from station.support.part import Asked


def findings(asked: Asked) -> Iterator[File]:
    """As ``doctor`` tells it, for people and for programs."""
    found = list(diagnosis(asked.config, asked.machine))
    text = "".join(inert(line) + "\n" for finding in found for line in finding.lines())
    yield File("doctor.txt", "what scanstation doctor says", text)
    yield File("doctor.jsonl", "the same for programs", _json_lines(found))


def devices(asked: Asked) -> Iterator[File]:
    """As ``devices`` tells it."""
    found = offers(asked.reading.config.scanner, asked.machine.root)
    yield File("devices.jsonl", "what scanstation devices --json says", _json_lines(found))
    text = "\n\n".join(offer.text() for offer in found)
    yield File("devices.txt", "the same for people", f"{text}\n" if found else "nothing is plugged in\n")


def _json_lines(values: Iterable[object]) -> str:
    return "".join(msgspec.json.encode(value).decode() + "\n" for value in values)
