"""The station's books in a database: what the rules read and write, in one transaction at a time.

One held connection, statements compiled once, no object-relational mapping: see `prepared`.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from station.entries import Remembered
from station.errors import ConflictError, DatabaseBusyError, DatabaseError
from station.events import Mode
from station.retrieval.model import (
    AreaType,
    Attachment,
    Document,
    DocumentKind,
    Item,
    Line,
    Location,
    Session,
    Standing,
    Status,
    StockArea,
    Tracking,
    Unit,
)
from station.retrieval.model import fold as folded
from station.saying import say
from station.stamping import timestamp
from station.store.database import is_sqlite
from station.store.prepared import Prepared, Row
from station.store.statements import all_statements, units_by
from station.store.stored_question import question_decoder
from station.store.transactions import SqlTransactions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Engine

    from station.events import HistoryRow, Question, Source
    from station.retrieval.ports import Field

CLAIM_TRIES = 20
CLAIM_PAUSE_S = 0.1
"""A server takes a moment to notice that the process before has ended."""
_PAGE = 500
"""Units of a range that are fetched at once."""


class SqlBooks(SqlTransactions):
    """Implements `station.retrieval.ports.Books` for one station, and the transactions around it."""

    def __init__(self, engine: Engine, station: str, *, fold_case: bool = False) -> None:
        """`fold_case`: numbers are looked up without regard to case, which needs indexes of their own."""
        super().__init__(engine, all_statements(engine.dialect), station=station)
        self._station = station
        self._fold_case = fold_case
        self._by_number: dict[tuple[str, bool, bool, bool, bool], Prepared] = {}

    def open(self) -> None:
        """Take a connection and hold it; make sure that the database knows the station.

        Raises:
            DatabaseError: it can't be had.
        """
        super().open()
        if not is_sqlite(self._engine):
            self._claim_station()
        self._run("know_station")
        if self._fold_case:
            for column in ("serial_number", "mfr_serial_number"):
                # Even "if not exists", PostgreSQL fails when another station makes it in the same moment.
                with suppress(ConflictError):
                    self.execute_plain(
                        f"CREATE INDEX IF NOT EXISTS ix_folded_{column} ON serial_numbers (lower({column}))",
                    )

    def _claim_station(self) -> None:
        """One process a station, on whatever machine: the server frees the claim with the connection.

        Raises:
            DatabaseBusyError: another one has it.
        """
        for _try in range(CLAIM_TRIES):
            (is_ours,) = self._driver.execute(
                "SELECT pg_try_advisory_lock(hashtext('scanstation'), hashtext(%s))", [self._station]
            ).fetchone()
            if is_ours:
                return
            time.sleep(CLAIM_PAUSE_S)
        self.close()
        raise DatabaseBusyError(
            say(
                'station "{station}" is run elsewhere on this database already; '
                "give each station a name of its own in station.name",
                station=self._station,
            )
        )

    # The station

    def standing(self) -> Standing:
        """How this station stands."""
        row = self._one("standing")
        if row is None:
            raise DatabaseError(
                say("station {station} is not in the database any more; restart it", station=self._station)
            )
        operator, mode, first, range_item, number, document, kind, customer, location, status, body = row
        session = None
        if number is not None:
            # A document that somebody deleted is as good as cancelled.
            found = Document(
                document,
                DocumentKind(kind or DocumentKind.CREDIT_MEMO),
                customer or "",
                location or "",
                Status(status or Status.CANCELLED),
            )
            session = Session(number, found)
        try:
            question = question_decoder.decode(body) if body else None
        except msgspec.DecodeError as error:
            raise DatabaseError(
                say(
                    "the question of station {station} can't be read by this version ({error}); "
                    "answer it with the version that asked",
                    station=self._station,
                    error=error,
                )
            ) from error
        return Standing(operator, Mode(mode), first, session, question, range_item)

    def set_mode(self, mode: Mode, range_first: str = "", range_item: str = "") -> None:
        """What the next serial number is for."""
        self._run("set_mode", mode=str(mode), range_first=range_first, range_item=range_item)

    def set_operator(self, code: str) -> None:
        """Who works here."""
        self._run("set_operator", code=code)

    def operator_name(self, code: str) -> str | None:
        """The operator's name; None: nobody has this badge."""
        row = self._one("operator_name", code=code)
        return row[0] if row else None

    def begin_session(self, document: str, at: datetime, operator: str | None) -> int:
        """Open the station's next session; returns its number."""
        row = self._one("begin_session", document=document, opened_at=timestamp(at), operator=operator)
        if row is None:
            raise DatabaseError("the database gave no session number")
        return int(row[0])

    def end_session(self, number: int, at: datetime, why: str) -> None:
        """End it."""
        self._run("end_session", session=number, at=timestamp(at), why=why)

    def put_question(self, question: Question) -> None:
        """The question that stands from now on."""
        self._run("put_question", body=msgspec.json.encode(question).decode())

    def drop_question(self) -> None:
        """It is answered."""
        self._run("drop_question")

    # Places

    def location(self, code: str) -> Location | None:
        """A location; with an empty code the default one."""
        row = self._one("location", code=code) if code else self._one("default_location")
        return Location(*row) if row else None

    def stock_area(self, code: str) -> StockArea | None:
        """A stock area."""
        row = self._one("stock_area", code=code)
        return StockArea(row[0], AreaType(row[1]), row[2]) if row else None

    # Documents

    def document(self, number: str) -> Document | None:
        """A credit document, by its exact number."""
        row = self._one("document", number=number)
        if row is None:
            return None
        return Document(row[0], DocumentKind(row[1]), row[2], row[3], Status(row[4]))

    def lock_document(self, number: str) -> Document | None:
        """The same, and nobody else attaches, saves or cancels until the transaction ends."""
        if not is_sqlite(self._engine):
            self._run("lock_document", number=number).fetchall()
        return self.document(number)

    def set_status(self, number: str, status: Status) -> None:
        """Its attachments follow, by the foreign key that cascades."""
        self._run("set_status", number=number, status=str(status))

    def lines(self, document: str, item: str, *, counted: bool) -> list[Line]:
        """The document's lines of an item, by number; locked against other stations when `counted`."""
        if not counted:
            rows = self._run("lines", document=document, item=item).fetchall()
            return [_line(row, 0) for row in rows]
        if not is_sqlite(self._engine):
            self._run("lock_lines", document=document, item=item).fetchall()
        rows = self._run("counted_lines", document=document, item=item).fetchall()
        return [_line(row, -row[6] if row[4] else row[6]) for row in rows]

    def add_line(self, document: str, item: str, *, negative: bool) -> Line:
        """A line that retrieval adds."""
        row = self._one("add_line", document=document, item=item, negative=negative)
        if row is None:
            raise DatabaseError("the database gave no line number")
        return Line(document, row[0], item, 0, negative, added=True, credited=0)

    def drop_line_if_empty(self, document: str, line: int) -> None:
        """Take a line that retrieval added off again, when nothing is attached to it."""
        self._run("drop_line_if_empty", document=document, line=line)

    # Units

    def units(  # noqa: PLR0913 - each narrows the search
        self,
        number: str,
        field: Field,
        *,
        fold: bool,
        gtin: str | None,
        limit: int,
        document: str | None = None,
        item: str | None = None,
    ) -> list[Unit]:
        """Units that bear a number, at most `limit`, by serial number and item."""
        key = (field, fold, gtin is not None, document is not None, item is not None)
        if key not in self._by_number:
            statement = units_by(
                field,
                fold=fold,
                gtin=gtin is not None,
                document=document is not None,
                item=item is not None,
            )
            self._by_number[key] = Prepared(statement, self._engine.dialect)
        sought = folded(number) if fold else number
        parameters: dict[str, object] = {
            "number": sought,
            "limit": limit,
            "gtin": gtin,
            "document": document,
            "item": item,
        }
        return [_unit(row) for row in self._run_prepared(self._by_number[key], parameters)]

    def item(self, code: str) -> Item | None:
        """An item by its exact code."""
        row = self._one("item", item=code)
        return _item(row) if row else None

    def item_of_gtin(self, gtin: str) -> Item | None:
        """An item by its GTIN of 14 digits."""
        row = self._one("item_of_gtin", gtin=gtin)
        return _item(row) if row else None

    def unit(self, serial_number: str, item: str) -> Unit | None:
        """One unit by its key."""
        row = self._one("unit", serial_number=serial_number, item=item)
        return _unit(row) if row else None

    def units_between(self, item: str, first: str, last: str) -> Iterator[Unit]:
        """Units of an item, `first` to `last` in byte order, of the same length; a page at a time."""
        after = ""
        while True:
            rows = self._run(
                "units_between", item=item, first=first, last=last, after=after, limit=_PAGE
            ).fetchall()
            yield from map(_unit, rows)
            if len(rows) < _PAGE:
                return
            after = rows[-1][0]

    def last_number(self, prefix: str) -> int:
        """The last number that was given with a prefix, 0 at first; its row is locked."""
        self._run("know_series", prefix=prefix)
        row = self._one("last_number", prefix=prefix)
        if row is None:
            raise DatabaseError(f"the database lost the count of the serial numbers {prefix}…")
        return int(row[0])

    def taken(self, first: str, last: str) -> set[str]:
        """Serial numbers that units bear, `first` to `last` in byte order, of the same length."""
        return {row[0] for row in self._run("taken", first=first, last=last)}

    def add_generated(self, unit: Unit, prefix: str, number: int, history_id: str) -> None:
        """Store a new unit, which got its prefix's `number`."""
        key = {"serial_number": unit.serial_number, "item": unit.item}
        self._run("set_last_number", prefix=prefix, number=number)
        self._run("add_unit", **key, stock_area=unit.area)
        self._run("add_generated", **key, prefix=prefix, number=number, history_id=history_id)

    # Attachments and history

    def attach(self, unit: Unit, document: str, line: int, history_id: str) -> bool:
        """Attach; False when another station was faster (I1)."""
        cursor = self._run(
            "attach",
            document=document,
            serial_number=unit.serial_number,
            item=unit.item,
            line=line,
            history_id=history_id,
        )
        return bool(cursor.rowcount == 1)

    def detach(self, attachment: Attachment) -> None:
        """Take off."""
        self._run(
            "detach",
            document=attachment.document,
            serial_number=attachment.serial_number,
            item=attachment.item,
        )

    def attachment(self, document: str, unit: Unit) -> Attachment | None:
        """Where on the document the unit is."""
        row = self._one("attachment", document=document, serial_number=unit.serial_number, item=unit.item)
        return Attachment(*row) if row else None

    def last_attachment(self, document: str, session: int) -> Attachment | None:
        """The newest attachment that this session made and that still stands (M4)."""
        row = self._one("last_attachment", document=document, session=session)
        return Attachment(*row) if row else None

    def record(self, row: HistoryRow) -> None:
        """Add a row of history."""
        self._run(
            "record",
            id=row.id,
            at=timestamp(row.at),
            session=row.session,
            document=row.document,
            action=str(row.action),
            reason=row.reason,
            serial_number=row.serial_number,
            mfr_serial_number=row.mfr_serial_number,
            item=row.item,
            description=row.description,
            stock_area=row.stock_area,
            operator=row.operator,
            scanner=row.scanner,
            text=row.text,
        )

    def mark(self, source_id: str) -> None:
        """Remember the last entry of a transaction that leaves no row of history."""
        self._run("mark", id=source_id)

    def is_applied(self, source_id: str) -> bool:
        """Whether this entry has its row, or is the one marked last (I4)."""
        return self._one("is_applied", id=source_id) is not None or self._one("marked") == (source_id,)

    def remember(self, source: Source, what: Remembered) -> None:
        """Keep what became of an entry that may be posted again."""
        self._run("remember", id=source.id, at=timestamp(source.at), asked=what.asked, told=what.told)

    def remembered(self, source_id: str) -> Remembered | None:
        """What became of such an entry; None: it never came."""
        row = self._one("remembered", id=source_id)
        return Remembered(*row) if row else None

    # Booking

    def areas_needed(self, document: str) -> set[bool]:
        """Which signs of lines have units attached: True for negative ones."""
        return {bool(row[0]) for row in self._run("signs", document=document)}

    def book(
        self, document: str, area: str, *, negative: Sequence[bool], at: datetime, operator: str | None
    ) -> int:
        """Move the document's units on lines with these signs to `area`; returns how many changed area."""
        moved = 0
        for sign in negative:
            kind = "negative" if sign else "regular"
            moved += self._run(
                f"book_{kind}", document=document, area=area, at=timestamp(at), operator=operator
            ).rowcount
            self._run(f"rebook_{kind}", document=document, area=area)
        return moved

    def release(self, document: str, at: datetime, operator: str | None) -> int:
        """Take everything off the document; returns how many."""
        self._run("release_moves", document=document, at=timestamp(at), operator=operator)
        return int(self._run("release", document=document).rowcount)


def _unit(row: Row) -> Unit:
    number, mfr, item, description, tracking, area, area_type, location, holder = row
    return Unit(
        number, mfr, item, description, Tracking(tracking), area, AreaType(area_type), location, holder
    )


def _item(row: Row) -> Item:
    code, description, gtin, tracking = row
    return Item(code, description, gtin, Tracking(tracking))


def _line(row: Row, credited: int) -> Line:
    document, number, item, requested, negative, added = row[:6]
    return Line(document, number, item, requested, bool(negative), bool(added), credited)
