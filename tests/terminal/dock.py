"""A small company in a database, and a station whose desk gives the answers that a test sets."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import insert, update

from station.config.settings import DisplaySettings, LabelSettings, Preferences
from station.events import Bus, Event, HistoryAdded, LabelRead
from station.history import HistoryRow
from station.labels.explain import Step, explain
from station.labels.normalise import Label
from station.office.sending import SqlOffice
from station.outcomes import Action
from station.outputs.display.keeper import DisplayStateKeeper
from station.questions import Candidate, Mode, Question, QuestionKind
from station.repository import tables
from station.repository.database import transaction
from station.repository.view import View
from station.source import Source, stamp, uuid7
from station.web.app import Web
from station.web.server import WebServer
from station.worker.entries import Commanded, Outcome, Scanned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine, Table

    from station.worker.entries import Entry

AT = datetime(2026, 11, 23, 5, 0, 0, 812000, tzinfo=UTC)
DOCK = "dock-1"


def fill(engine: Engine) -> None:
    """One open memo for a processor and a disk, and two stations."""
    with transaction(engine) as connection:
        _insert(connection, tables.locations, code="MAIN", name="Main", is_default=True)
        _insert(connection, tables.stock_areas, code="SOLD", name="Sold", type="out", location="MAIN")
        for code, description in (("PROC-1", "Processor"), ("DISK-1", "Disk"), ("CASE-1", "Case")):
            _insert(connection, tables.items, code=code, description=description, tracking="serialized")
        for number, kind, status in (
            ("CM-1001", "credit_memo", "open"),
            ("CM-1000", "credit_memo", "saved"),
            ("CO-2001", "credit_order", "open"),
        ):
            _insert(
                connection,
                tables.documents,
                number=number,
                kind=kind,
                customer="Acme",
                location="MAIN",
                status=status,
            )
        line(connection, 1, "PROC-1", requested=1)
        line(connection, 2, "DISK-1", requested=1)
        _insert(connection, tables.operators, code="E07", name="Ines Wolter")
        _insert(connection, tables.stations, name=DOCK)
        _insert(connection, tables.stations, name="dock-2")


def _insert(connection: Connection, table: Table, **values: Any) -> None:
    connection.execute(insert(table).values(**values))


def line(connection: Connection, number: int, item: str, **marks: Any) -> None:
    """A line of CM-1001; `marks` are ``requested``, ``negative`` and ``added``."""
    values = {"requested": 0, "negative": False, "added": False} | marks
    _insert(connection, tables.lines, document="CM-1001", number=number, item=item, **values)


def open_session(engine: Engine, number: int = 1, document: str = "CM-1001") -> None:
    with transaction(engine) as connection:
        _insert(
            connection,
            tables.sessions,
            station=DOCK,
            number=number,
            document=document,
            opened_at="2026-11-23T05:00:00.000Z",
        )


def set_station(engine: Engine, **values: Any) -> None:
    with transaction(engine) as connection:
        connection.execute(update(tables.stations).where(tables.stations.c.name == DOCK).values(**values))


def put_question(engine: Engine, question: Question) -> None:
    with transaction(engine) as connection:
        _insert(connection, tables.questions, station=DOCK, body=msgspec.json.encode(question).decode())


def record(engine: Engine, number: int, row: HistoryRow) -> None:
    """A row of history, as the desk would have stored it."""
    with transaction(engine) as connection:
        values = msgspec.structs.asdict(row)
        values["at"] = row.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        values["action"] = row.action.value
        _insert(connection, tables.history, number=number, **values)


def attach(engine: Engine, serial_number: str, at_line: int, item: str, history_number: int) -> HistoryRow:
    """Attach a unit as the desk would have; return its row of history."""
    row = assigned(serial_number, item)
    record(engine, history_number, row)
    with transaction(engine) as connection:
        _insert(
            connection,
            tables.attachments,
            document="CM-1001",
            serial_number=serial_number,
            item=item,
            line=at_line,
            document_status="open",
            history_id=row.id,
        )
    return row


def assigned(serial_number: str, item: str = "PROC-1", *, session: int | None = 1) -> HistoryRow:
    return HistoryRow(
        id=uuid7(),
        at=AT,
        station=DOCK,
        session=session,
        document="CM-1001" if session else None,
        action=Action.ASSIGNED,
        reason=None,
        serial_number=serial_number,
        mfr_serial_number=None,
        item=item,
        description="Processor",
        stock_area="SOLD",
        operator=None,
        scanner="left",
        text=serial_number,
    )


def refused(text: str, reason: str, *, session: int | None = 1) -> HistoryRow:
    return HistoryRow(
        id=uuid7(),
        at=AT,
        station=DOCK,
        session=session,
        document="CM-1001" if session else None,
        action=Action.REFUSED,
        reason=reason,
        serial_number=None,
        mfr_serial_number=None,
        item=None,
        description=None,
        stock_area=None,
        operator=None,
        scanner="left",
        text=text,
    )


CANDIDATES = (
    Candidate(
        serial_number="SN-7",
        mfr_serial_number="M-1",
        item="PROC-1",
        description="Processor",
        stock_area="SOLD",
    ),
    Candidate(
        serial_number="SN-8", mfr_serial_number="M-1", item="DISK-1", description="Disk", stock_area="SOLD"
    ),
)


def question(kind: QuestionKind = QuestionKind.ADD_ITEM) -> Question:
    is_choice = kind is QuestionKind.CHOICE
    return Question(
        kind=kind,
        text="Which one is it?" if is_choice else "Item CASE-1 is not on CM-1001. Add it?",
        document="CM-1001",
        source=Source(id=uuid7(), at=AT, scanner="left", text="SN-9"),
        mode=Mode.ATTACH,
        candidates=CANDIDATES if is_choice else CANDIDATES[:1],
    )


class FakeInbox:
    """A desk that books nothing: `answers` returns the events of each entry."""

    def __init__(self, bus: Bus[Event]) -> None:
        self.bus = bus
        self.entries: list[Scanned | Commanded] = []
        self.answers: Callable[[Source], tuple[Event, ...]] = lambda source: (
            HistoryAdded(assigned(source.text)),
        )

    def post(self, entry: Entry, done: Callable[[Outcome], None] | None = None) -> None:
        assert isinstance(entry, Scanned | Commanded)
        self.entries.append(entry)
        events = self.answers(entry.source)
        for event in events:
            self.bus.publish(event)
        if done is not None:
            done(Outcome(events))

    @property
    def texts(self) -> list[tuple[str, str]]:
        """The type and text of each entry, in order."""
        return [(type(entry).__name__, entry.source.text) for entry in self.entries]


@dataclass
class Dock:
    """A running station, as displays see it."""

    engine: Engine
    bus: Bus[Event]
    inbox: FakeInbox
    keeper: DisplayStateKeeper
    server: WebServer
    ready: list[bool] = field(default_factory=lambda: [True])

    @property
    def url(self) -> str:
        return self.server.url


def explained(read: LabelRead) -> list[Step]:
    label = Label(read.source.text, read.source.symbology_identifier)
    return explain(label, Preferences(), read.settings or LabelSettings())


@contextmanager
def running(
    engine: Engine, listen: str = "127.0.0.1:0", *, display: DisplaySettings | None = None, **web: Any
) -> Iterator[Dock]:
    """`web` has further fields of `station.web.app.Web`."""
    view = View(engine, DOCK)
    bus: Bus[Event] = Bus()
    inbox = FakeInbox(bus)
    keeper = DisplayStateKeeper(view, DOCK, "MAIN", ["left"], explain=explained)
    bus.subscribe(keeper.on_event)
    ready = [True]
    parts = Web(keeper, view, inbox, stamp, lambda: ready[0], SqlOffice(engine), **web)
    server = WebServer(parts, display or DisplaySettings(listen=listen))
    server.start()
    try:
        yield Dock(engine, bus, inbox, keeper, server, ready)
    finally:
        server.stop()
