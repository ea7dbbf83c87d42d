"""A small company in a database, and stations at work on it: real repositories, rules and desks."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, text

from station.config.settings import Preferences, RuleSettings, StationSettings
from station.events import Bus, HistoryAdded, ScanFailed
from station.repository import tables
from station.repository.checking import findings
from station.repository.database import reading, transaction
from station.repository.scan_path import SqlRepository
from station.source import stamp, uuid7
from station.worker.desk import Desk
from station.worker.entries import Commanded, Scanned
from station.worker.handler import RequestHandler
from tests.running import PATIENCE_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Engine

    from station.events import Event
    from station.history import HistoryRow
    from station.worker.entries import Entry, Outcome

UNITS = 40
"""Of each item: A is on the memos and out, B is out, C is in a stock area."""


def fill(engine: Engine, units: int = UNITS) -> None:
    """Open memos CM-1 to CM-4, each over five of A."""
    rows: dict[Any, list[dict[str, Any]]] = {
        tables.locations: [
            {"code": "MAIN", "name": "Main", "is_default": True, "returned_area": "BACK", "sold_area": "SOLD"}
        ],
        tables.stock_areas: [
            {"code": code, "name": code, "type": kind, "location": "MAIN"}
            for code, kind in (("SOLD", "out"), ("STOCK", "stock"), ("BACK", "stock"))
        ],
        tables.items: [{"code": code, "tracking": "serialized"} for code in "ABC"],
        tables.serial_numbers: [
            {
                "serial_number": f"{item}{number:04}",
                "item": item,
                "stock_area": "STOCK" if item == "C" else "SOLD",
                "mfr_serial_number": f"m-{item}{number}",
            }
            for item in "ABC"
            for number in range(units)
        ],
        tables.documents: [
            {"number": f"CM-{number}", "kind": "credit_memo", "location": "MAIN", "status": "open"}
            for number in range(1, 5)
        ],
        tables.lines: [
            {
                "document": f"CM-{number}",
                "number": 1,
                "item": "A",
                "requested": 5,
                "negative": False,
                "added": False,
            }
            for number in range(1, 5)
        ],
    }
    with transaction(engine) as connection:
        for table, values in rows.items():
            if values:
                connection.execute(insert(table), values)


SILENT = Preferences(negative="allow", save_incomplete="allow", signed_commands=False)
"""For tests that are about something else than the station's questions."""


class Seat:
    """One station's desk, with all that it told."""

    def __init__(
        self,
        repository: SqlRepository,
        *,
        name: str = "dock-1",
        preferences: Preferences | None = None,
        live: bool = True,
        auto_answer: bool | None = None,
    ) -> None:
        self.name, self.repository = name, repository
        settings = RuleSettings(station=StationSettings(name=name), preferences=preferences or SILENT)
        self.handler = self.request_handler(settings)
        self.bus: Bus[Event] = Bus()
        self.events: list[Event] = []
        self.bus.subscribe(self.events.append)
        self.desk = Desk(
            repository,
            self.handler,
            self.bus,
            live=live,
            auto_answer=auto_answer,
        )

    def request_handler(self, settings: RuleSettings) -> RequestHandler:
        return RequestHandler(self.repository, settings, uuid7)

    @property
    def rows(self) -> list[HistoryRow]:
        return [event.row for event in self.events if isinstance(event, HistoryAdded)]

    @property
    def told(self) -> list[tuple[str, str]]:
        """Action and text of each row, and of what failed."""
        return [
            (str(event.row.action), event.row.text)
            if isinstance(event, HistoryAdded)
            else ("failed", event.source.text)
            for event in self.events
            if isinstance(event, HistoryAdded | ScanFailed)
        ]

    def post(self, *texts: str) -> list[Awaited]:
        """Queue scans, wait for none."""
        return [self._post(Scanned(stamp(each, "left"))) for each in texts]

    def scan(self, number: str) -> Outcome:
        return self._post(Scanned(stamp(number, "left"))).outcome()

    def command(self, command: str) -> Outcome:
        return self._post(Commanded(stamp(command, "display"))).outcome()

    def _post(self, entry: Entry) -> Awaited:
        awaited = Awaited()
        self.desk.post(entry, awaited.take)
        return awaited


class Awaited:
    """What becomes of an entry."""

    def __init__(self) -> None:
        self._done = threading.Event()
        self.outcomes: list[Outcome] = []

    def take(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        self._done.set()

    def outcome(self) -> Outcome:
        assert self._done.wait(PATIENCE_S), "no outcome"
        return self.outcomes[0]


@contextmanager
def at_work(seat: Seat) -> Iterator[Seat]:
    """Its desk works inside; outside all that was queued is worked off."""
    seat.desk.start()
    try:
        yield seat
    finally:
        seat.desk.stop()


def seat(engine: Engine, name: str = "dock-1", **settings: Any) -> Seat:
    fold_case = settings.get("preferences", Preferences()).fold_case
    return Seat(SqlRepository(engine, name, fold_case=fold_case), name=name, **settings)


@contextmanager
def station(engine: Engine, name: str = "dock-1", **settings: Any) -> Iterator[Seat]:
    """A station at work."""
    with at_work(seat(engine, name, **settings)) as working:
        yield working


def together(*tasks: Callable[[], object]) -> None:
    """All at once, each in a thread of its own; the first error is raised."""
    gate = threading.Barrier(len(tasks))
    errors: list[BaseException] = []

    def run(task: Callable[[], object]) -> None:
        gate.wait()
        try:
            task()
        except BaseException as error:  # noqa: BLE001 - raised below, in the test's thread
            errors.append(error)

    threads = [threading.Thread(target=run, args=(task,), daemon=True) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
        assert not thread.is_alive(), "hangs"
    if errors:
        raise errors[0]


def query(engine: Engine, sql: str) -> list[tuple[Any, ...]]:
    with reading(engine) as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def execute(engine: Engine, *statements: str) -> None:
    """Change something behind everybody's back."""
    with transaction(engine) as connection:
        for statement in statements:
            connection.execute(text(statement))


def attached(engine: Engine) -> list[tuple[str, str]]:
    """Document and serial number of each attachment."""
    return [
        (row[0], row[1])
        for row in query(engine, "SELECT document, serial_number FROM attachments ORDER BY 1, 2")
    ]


def assert_all_is_well(engine: Engine) -> None:
    assert list(findings(engine)) == []


def serials(item: str, count: int = UNITS) -> Sequence[str]:
    return [f"{item}{number:04}" for number in range(count)]
