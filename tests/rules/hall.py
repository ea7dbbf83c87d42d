"""A small company at a returns dock, and stations that work on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import and_, insert, update

from station.app.station import Station
from station.config.schema import Config
from station.config.settings import (
    AreaSettings,
    DatabaseSettings,
    GenerateSettings,
    Preferences,
    StationSettings,
)
from station.events import (
    CommandRefused,
    DocumentCancelled,
    DocumentSaved,
    HistoryAdded,
    QuantityNotUsed,
    QuestionRaised,
    RangeRetrieved,
    ScanFailed,
    SessionClosed,
    SessionOpened,
)
from station.repository import tables
from station.repository.database import transaction
from station.source import stamp
from station.worker.entries import Commanded, Scanned
from tests.rules import world
from tests.rules.model import Area, Company, Document, Item, Line, Place, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import ExitStack
    from pathlib import Path

    from sqlalchemy import Engine, Table

    from station.events import Event
    from station.worker.entries import Entry, Outcome

PROC_GTIN = "09521000001015"
CASE_GTIN = "09521000001022"


def company() -> Company:
    """PROC and MEM are on CM-1, nothing on CM-2; CASE, DISK and CABLE are on no document.

    CM-1 is Acme's and CM-2 Birch's. Of most units nobody knows whose they were; A1 was Acme's, B1 Birch's,
    and L1 should have come back long ago.
    """
    return Company(
        places={"MAIN": Place(default=True, returned="BACK", sold="SOLD"), "SHOP": Place()},
        areas={
            "STOCK": Area("stock", "MAIN"),
            "BACK": Area("stock", "MAIN"),
            "SOLD": Area("out", "MAIN"),
            "EXPECTED": Area("out", "MAIN"),
            "SHELF": Area("stock", "SHOP"),
            "GONE": Area("out", "SHOP"),
        },
        items={
            "PROC": Item(gtin=PROC_GTIN, description="Processor"),
            "MEM": Item(description="Memory", tracking="auto_serialized"),
            "CASE": Item(gtin=CASE_GTIN, description="Case"),
            "DISK": Item(description="Disk"),
            "CABLE": Item(description="Cable", tracking="none"),
        },
        units={
            **{(f"P{n:02}", "PROC"): Unit("SOLD", f"F{n:02}") for n in range(1, 10)},
            ("P10", "PROC"): Unit("STOCK"),
            ("P11", "PROC"): Unit("GONE"),
            ("p12", "PROC"): Unit("SOLD"),
            ("P013", "PROC"): Unit("SOLD"),
            ("Q14", "PROC"): Unit("SOLD"),
            ("LAST", "PROC"): Unit("SOLD"),
            ("M1", "MEM"): Unit("SOLD", "F-M"),
            ("M2", "MEM"): Unit("SOLD", "F-M"),
            ("M3", "MEM"): Unit("GONE", "F-M"),
            ("M4", "MEM"): Unit("SOLD", "P01"),
            ("M5", "MEM"): Unit("STOCK"),
            **{(f"C{n}", "CASE"): Unit("SOLD", f"F-C{n % 2}") for n in range(1, 6)},
            ("C6", "CASE"): Unit("STOCK"),
            ("C7", "CASE"): Unit("STOCK"),
            ("D1", "DISK"): Unit("SOLD"),
            ("A1", "PROC"): Unit("SOLD", customer="Acme"),
            ("B1", "PROC"): Unit("SOLD", customer="Birch"),
            ("L1", "PROC"): Unit("SOLD", customer="Acme", returnable_until="2020-02-29"),
            ("S1", "PROC"): Unit("SOLD"),
            ("S1", "CASE"): Unit("SOLD"),
            ("W1", "CABLE"): Unit("SOLD"),
            ("W2", "CABLE"): Unit("SHELF"),
        },
        documents={
            "CM-1": Document("credit_memo", "MAIN", customer="Acme"),
            "CM-2": Document("credit_memo", "MAIN", customer="Birch"),
            "CM-3": Document("credit_memo", "SHOP"),
            "CM-4": Document("credit_memo", "MAIN", "saved"),
            "CM-5": Document("credit_memo", "MAIN", "cancelled"),
            "CO-1": Document("credit_order", "MAIN"),
        },
        lines={
            ("CM-1", 1): Line("PROC", 1),
            ("CM-1", 2): Line("MEM", 5),
            ("CM-1", 3): Line("PROC", 2),
            ("CO-1", 1): Line("PROC", 9),
        },
        operators={"E1": "Ines", "E2": "Jonas"},
        reasons={"WRONG": "Wrong item", "BROKEN": "Arrived broken"},
        conditions={"NEW": "", "USED": "STOCK"},
    )


@dataclass
class Worker:
    """One station; summarizes its events with a line for each one that a worker would notice."""

    station: Station

    def scan(self, *texts: str) -> list[str]:
        """Scan labels without waiting between them; return the last one's summary."""
        for text in texts[:-1]:
            self.post(text)
        return self.say(texts[-1])

    def post(self, text: str) -> None:
        """Scan a label, or touch a command if it begins with ``>``, without waiting.

        A ``]`` begins a symbology identifier.
        """
        self.station.desk.post(_entry(text))

    def say(self, text: str) -> list[str]:
        """Scan or touch, wait, and return the summary."""
        return summary(self.outcome(text).events)

    def outcome(self, text: str) -> Outcome:
        """Scan or touch, wait, and return everything that the desk published."""
        return self.station.post_and_wait(_entry(text))


def _entry(text: str) -> Entry:
    if text.startswith(">"):
        return Commanded(stamp(text[1:], "touch"))
    if text.startswith("]"):
        return Scanned(stamp(text[3:], "left", symbology_identifier=text[:3]))
    return Scanned(stamp(text, "left"))


def summary(events: Iterable[Event]) -> list[str]:
    return [line for event in events for line in _line(event)]


def _line(event: Event) -> list[str]:  # noqa: C901, PLR0911 - one line per event
    match event:
        case HistoryAdded(row):
            unit = f" {row.serial_number}" if row.serial_number else ""
            return [f"{row.action}{unit}" + (f": {row.reason}" if row.reason else "")]
        case QuestionRaised(question):
            return [f"? {question.text}"]
        case QuantityNotUsed(quantity, number):
            return [f"{number}: quantity {quantity} not used"]
        case CommandRefused(_, reason):
            return [f"! {reason}"]
        case RangeRetrieved(text, _):
            return [f"({text})"]
        case SessionOpened(_, document, _):
            return [f"opened {document}"]
        case SessionClosed(_, document, why):
            return [f"closed {document}: {why}"]
        case DocumentSaved(document, moved, _, _):
            return [f"saved {document}: {moved} moved"]
        case DocumentCancelled(document, released):
            return [f"cancelled {document}: {released} released"]
        case ScanFailed(_, reason):
            return [f"failed: {reason}"]
        case _:
            return []


class Hall:
    """The company's database and the stations at work on it."""

    def __init__(self, engine: Engine, url: str, directory: Path, at_work: ExitStack) -> None:
        self.engine = engine
        self._url = url
        self._directory = directory
        self._at_work = at_work

    def config(
        self,
        name: str,
        location: str,
        areas: AreaSettings,
        numbering: GenerateSettings,
        **preferences: Any,
    ) -> Config:
        return Config(
            station=StationSettings(
                name=name, location=location, stock_areas=areas, state_directory=str(self._directory)
            ),
            database=DatabaseSettings(url=self._url),
            generate=numbering,
            # Most tests scan commands and save what is not complete, and are about something else.
            preferences=msgspec.convert(
                {"signed_commands": False, "switch_document": "allow", "save_incomplete": "allow"}
                | preferences,
                Preferences,
            ),
        )

    def worker(
        self,
        name: str = "dock-1",
        location: str = "",
        areas: AreaSettings | None = None,
        numbering: GenerateSettings | None = None,
        **preferences: Any,
    ) -> Worker:
        """Start a station, which runs until the test ends or `leave`; it takes unsigned commands."""
        preferences = {"signed_commands": False, **preferences}
        config = self.config(
            name, location, areas or AreaSettings(), numbering or GenerateSettings(), **preferences
        )
        return Worker(self._at_work.enter_context(Station(config)))

    def update(self, table: Table, key: dict[str, Any], **values: Any) -> None:
        """Change what the office knows about a unit or a document."""
        found = and_(*(table.c[name] == value for name, value in key.items()))
        with transaction(self.engine) as connection:
            connection.execute(update(table).where(found).values(**values))

    def unit(self, serial_number: str, item: str, **values: Any) -> None:
        """Change what the office knows about a unit."""
        self.update(tables.serial_numbers, {"serial_number": serial_number, "item": item}, **values)

    def customer(self, document: str, customer: str) -> None:
        """Set the customer of a document."""
        self.update(tables.documents, {"number": document}, customer=customer)

    def expect(self, document: str, item: str, *serial_numbers: str) -> None:
        """Name the units of an item that a document expects (R14)."""
        rows = [{"document": document, "item": item, "serial_number": each} for each in serial_numbers]
        with transaction(self.engine) as connection:
            connection.execute(insert(tables.expected_units), rows)

    def leave(self) -> None:
        """Stop all stations, as a restart does."""
        self._at_work.close()

    def state(self) -> dict[str, Any]:
        return world.read(self.engine)

    def lines(self, document: str) -> list[str]:
        """Return item, credited and requested of each line; added lines are marked."""
        found = self.state()["company"]["lines"]
        return [
            f"{item} {credited}/{requested}" + (" added" if added else "")
            for key, (item, requested, credited, _, added, _) in sorted(found.items())
            if key[0] == document
        ]

    def area(self, serial_number: str, item: str) -> str:
        return str(self.state()["company"]["areas"][serial_number, item])

    def attached(self, document: str) -> list[str]:
        return sorted(key[1] for key in self.state()["company"]["attached"] if key[0] == document)
