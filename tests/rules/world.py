"""A model's company in a real database, and the database's contents in the model's terms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import structs
from sqlalchemy import insert, select

from station.config.settings import (
    AreaSettings,
    GenerateSettings,
    Preferences,
    RuleSettings,
    StationSettings,
)
from station.events import (
    CommandRefused,
    DocumentCancelled,
    DocumentReopened,
    DocumentSaved,
    HistoryAdded,
    HistoryAsked,
    ModeChanged,
    OperatorChanged,
    OperatorSignedOff,
    QuantityNotUsed,
    QuestionAnswered,
    QuestionRaised,
    RangeRetrieved,
    SerialGenerated,
    SessionClosed,
    SessionOpened,
    UnitDescribed,
    UpcomingChanged,
)
from station.questions import Question
from station.repository import tables
from station.repository.database import reading, transaction
from station.repository.scan_path import SqlRepository
from station.source import Source, timestamp, uuid7
from station.worker.entries import Commanded, Expired, Scanned
from station.worker.handler import RequestHandler
from tests.rules import model

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from station.events import Event
    from station.history import HistoryRow
    from station.questions import PendingSerials


def write(engine: Engine, company: model.Company) -> None:
    """Fill an empty database."""
    rows: dict[Any, list[dict[str, Any]]] = {
        tables.locations: [
            {
                "code": code,
                "name": code,
                "is_default": place.default,
                "returned_area": place.returned,
                "sold_area": place.sold,
                "credit_order_area": place.credit_orders,
            }
            for code, place in company.places.items()
        ],
        tables.stock_areas: [
            {"code": code, "name": code, "type": area.type, "location": area.location}
            for code, area in company.areas.items()
        ],
        tables.items: [
            {"code": code, "description": item.description, "gtin": item.gtin, "tracking": item.tracking}
            for code, item in company.items.items()
        ],
        tables.serial_numbers: [
            {
                "serial_number": key[0],
                "item": key[1],
                "stock_area": unit.area,
                "mfr_serial_number": unit.mfr,
                "customer": unit.customer,
                "returnable_until": unit.returnable_until,
                "retired": unit.retired,
            }
            for key, unit in company.units.items()
        ],
        tables.reasons: [{"code": code, "text": text} for code, text in company.reasons.items()],
        tables.conditions: [
            {"code": code, "text": code, "stock_area": area} for code, area in company.conditions.items()
        ],
        tables.operators: [{"code": code, "name": name} for code, name in company.operators.items()],
        tables.documents: [
            {
                "number": number,
                "kind": each.kind,
                "location": each.location,
                "status": each.status,
                "customer": each.customer,
            }
            for number, each in company.documents.items()
        ],
        tables.lines: [
            {
                "document": document,
                "number": number,
                "item": line.item,
                "requested": line.requested,
                "negative": line.negative,
                "added": line.added,
            }
            for (document, number), line in company.lines.items()
        ],
        tables.expected_units: [
            {"document": document, "item": item, "serial_number": serial}
            for document, item, serial in sorted(company.expected)
        ],
    }
    with transaction(engine) as connection:
        for table, values in rows.items():
            if values:
                connection.execute(insert(table), values)


def read(engine: Engine) -> dict[str, Any]:
    """Return the company as `model.Company.state` does, and each station as `model.Station.state` does."""
    with reading(engine) as connection:

        def rows(table: Any, *order: Any) -> list[dict[str, Any]]:
            found = connection.execute(select(table).order_by(*order)).mappings()
            return [dict(row) for row in found]

        kept = (tables.documents, tables.lines, tables.attachments, tables.counts, tables.receipts)
        found = {table.name: rows(table) for table in kept}
        units = rows(tables.serial_numbers)
        series = {row["prefix"]: row["last"] for row in rows(tables.number_series) if row["last"]}
        history_rows = rows(tables.history, tables.history.c.station, tables.history.c.number)
        stations = {
            name: {
                "operator": row["operator"],
                "mode": row["mode"],
                "first": row["range_first"],
                "question": None,
                "upcoming": model.Upcoming(row["next_quantity"], row["next_reason"], row["next_condition"]),
                "sessions": [],
                "rows": [],
                "moves": [],
            }
            for row in rows(tables.stations)
            for name in [row["name"]]
        }
        for row in rows(tables.sessions, tables.sessions.c.station, tables.sessions.c.number):
            row["why"] = row.pop("ended_why")
            _append(stations[row.pop("station")]["sessions"], row)
        for row in rows(tables.questions):
            question = msgspec.json.decode(row["body"], type=Question)
            stations[row["station"]]["question"] = plain_question(question)
        numbered = {row["id"]: (row["station"], row["number"]) for row in history_rows}
        for row in history_rows:
            del row["id"]
            _append(stations[row.pop("station")]["rows"], row)
        for row in rows(tables.moves, tables.moves.c.station, tables.moves.c.number):
            _append(stations[row.pop("station")]["moves"], row)
    for station in stations.values():
        station["moves"].sort(key=lambda move: str(sorted(move.items())))
    company = _company(found, units, numbered) | {"series": series}
    return {"company": company, "stations": stations}


def _append(rows: list[dict[str, Any]], row: dict[str, Any]) -> None:
    """Append a row; rows are numbered from 1 without gaps (I5), so their place is their number."""
    assert row.pop("number") == len(rows) + 1
    rows.append(row)


def _company(
    found: dict[str, list[dict[str, Any]]],
    units: list[dict[str, Any]],
    numbered: dict[str, tuple[str, int]],
) -> dict[str, Any]:
    attachments = found["attachments"]
    credited: dict[tuple[str, int], int] = {}
    negative = {(each["document"], each["number"]) for each in found["lines"] if each["negative"]}
    for each in (*attachments, *found["counts"]):
        place = each["document"], each["line"]
        credited[place] = credited.get(place, 0) + (-1 if place in negative else each.get("quantity", 1))
    return {
        "documents": {each["number"]: each["status"] for each in found["documents"]},
        "unannounced": {
            each["number"]: (each["kind"], each["customer"], each["location"])
            for each in found["documents"]
            if each["unannounced"]
        },
        "lines": {
            (place := (each["document"], each["number"])): (
                each["item"],
                each["requested"],
                credited.get(place, 0),
                each["negative"],
                each["added"],
                each["raised"],
            )
            for each in found["lines"]
        },
        "attached": {
            (each["document"], each["serial_number"], each["item"]): (
                each["line"],
                each["document_status"],
                numbered[each["history_id"]],
                each["receipt"],
                each["reason_code"],
                each["condition"],
            )
            for each in attachments
        },
        "counts": {
            numbered[each["history_id"]]: model.Counted(
                each["document"],
                each["line"],
                each["item"],
                each["quantity"],
                each["stated"],
                each["reason_code"],
                each["condition"],
                each["receipt"],
            )
            for each in found["counts"]
        },
        "receipts": {
            (each["document"], each["number"]): model.Receipt(
                each["at"],
                each["station"],
                each["session"],
                each["operator"],
                each["final"],
                each["reopened_at"],
            )
            for each in found["receipts"]
        },
        "areas": {(each["serial_number"], each["item"]): each["stock_area"] for each in units},
    }


def plain_question(question: Question) -> model.Asked:
    """Convert a question to the model's terms, with its whole text."""
    span = question.range
    # The unit whose document is to be chosen (M8) isn't on any.
    is_of_unit = str(question.kind) != "document"
    return model.Asked(
        kind=str(question.kind),
        says=question.text,
        document=question.document if is_of_unit else "",
        scan=_scan(question.source),
        detaching=str(question.mode) == "detach",
        candidates=tuple(
            (c.serial_number, c.item, c.stock_area, c.blocked_reason)
            for c in question.candidates
            if is_of_unit
        ),
        range=(span.item, span.first, span.last) if span else None,
        rest=_rest(question.rest) if is_of_unit else None,
        generating=str(question.mode) == "generate",
        also=tuple(str(kind) for kind in question.also),
        documents=question.documents,
        quantity=question.quantity,
    )


def _rest(rest: PendingSerials | None) -> model.Rest | None:
    if rest is None:
        return None
    says = model.Says(rest.serials, rest.gtin, rest.items)
    return model.Rest(says, str(rest.mode), rest.several, rest.number)


def _scan(source: Source) -> model.Scan:
    return model.Scan(
        source.id, timestamp(source.at), source.scanner, source.text, source.symbology_identifier
    )


def source_of(scan: model.Scan) -> Source:
    return Source(
        id=scan.id,
        at=datetime.fromisoformat(scan.at),
        scanner=scan.scanner,
        text=scan.text,
        symbology_identifier=scan.identifier,
    )


def plain(event: Event) -> tuple[Any, ...] | None:  # noqa: C901, PLR0911, PLR0912 - one line per event
    """Convert an event to the model's terms; None if the model doesn't have it."""
    match event:
        case HistoryAdded(row, too_many):
            return ("row", _row(row), too_many)
        case QuestionRaised(question):
            return ("asked", plain_question(question))
        case QuestionAnswered(_, answer):
            return ("answered", answer)
        case SessionOpened(session, document, operator):
            return ("opened", session, document, operator)
        case SessionClosed(session, document, why):
            return ("closed", session, document, why)
        case RangeRetrieved(says, is_whole):
            return ("range", says, is_whole)
        case DocumentSaved(document, moved, receipt, later):
            return ("saved", document, moved, receipt, later)
        case DocumentReopened(document, receipt, moved):
            return ("reopened", document, receipt, moved)
        case DocumentCancelled(document, released):
            return ("cancelled", document, released)
        case OperatorChanged(operator, _):
            return ("operator", operator)
        case OperatorSignedOff(operator, why):
            return ("signed off", operator, why)
        case CommandRefused(_, reason):
            return ("refused", reason)
        case SerialGenerated(_, document, serial_number, item, _, gtin):
            return ("generated", document, serial_number, item, gtin)
        case QuantityNotUsed(quantity, serial_number):
            return ("quantity not used", quantity, serial_number)
        case HistoryAsked():
            return ("history",)
        case ModeChanged() | UpcomingChanged() | UnitDescribed():
            return None  # The states are compared.
        case _:
            return (type(event).__name__,)


def _row(row: HistoryRow) -> dict[str, Any]:
    values = structs.asdict(row) | {"at": timestamp(row.at), "action": str(row.action)}
    return {name: value for name, value in values.items() if name not in ("id", "station")}


@dataclass
class Dock:
    """A real station without its desk: one transaction per entry, like the desk's."""

    engine: Engine
    settings: model.Settings

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Start from the database alone."""
        settings = self.settings
        wishes = msgspec.to_builtins(settings.wishes) | {"signed_commands": False}
        preferences = msgspec.convert(wishes, Preferences)
        areas = AreaSettings(
            returned=settings.returned, sold=settings.sold, credit_orders=settings.credit_orders
        )
        mine = StationSettings(name=settings.name, location=settings.location, stock_areas=areas)
        self.repository = SqlRepository(self.engine, settings.name, fold_case=preferences.fold_case)
        self.repository.open()
        numbering = GenerateSettings(prefix=settings.prefix, digits=settings.digits)
        rules = RuleSettings(station=mine, preferences=preferences, generate=numbering)
        self.handler = RequestHandler(self.repository, rules, uuid7)

    def stop(self) -> None:
        self.repository.close()

    def scanned(self, source: Source) -> list[Event]:
        return self.handler.handle(Scanned(source))

    def commanded(self, source: Source) -> list[Event]:
        return self.handler.handle(Commanded(source))

    def expired(self, source: Source) -> list[Event]:
        return self.handler.handle(Expired(source))

    def do(self, serve: Callable[[], list[Event]], *, crash: bool = False) -> list[Event]:
        """Process an entry in one transaction; with `crash` the power fails before its commit."""
        self.repository.begin()
        try:
            with self.repository.savepoint():
                events = serve()
        except BaseException:
            self.repository.roll_back()
            raise
        if crash:
            self.repository.roll_back()
            self.stop()
            self.start()
        else:
            self.repository.commit()
        return events


def shortened(actual: tuple[Any, ...], expected: tuple[Any, ...]) -> tuple[Any, ...]:
    """Reduce a text to the words that the rules specify, one part a line, if it contains them."""
    if actual[0] == "asked" == expected[0]:
        return ("asked", shortened_question(actual[1], expected[1]))
    if actual[0] == expected[0] and actual[0] in ("refused", "range") and _contains(actual[1], expected[1]):
        return (actual[0], expected[1], *actual[2:])
    return actual


def shortened_question(found: model.Asked | None, expected: model.Asked | None) -> model.Asked | None:
    """Do the same with a question's text."""
    if found is not None and expected is not None and _contains(found.says, expected.says):
        return replace(found, says=expected.says)
    return found


def _contains(text: str, parts: str) -> bool:
    return all(part in text for part in parts.splitlines())
