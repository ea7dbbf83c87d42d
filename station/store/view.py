"""What displays and readers ask of the database: how the station stands, documents, history.

Each look is one read transaction on a connection of its own, so the desk's writing is never held up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, desc, func, select

from station.events import Action, HistoryRow, Mode
from station.retrieval.model import Document, DocumentKind, Line, Session, Standing, Status
from station.store.database import reading
from station.store.stored_question import question_decoder
from station.store.tables import (
    attachments,
    documents,
    history,
    items,
    lines,
    operators,
    questions,
    sessions,
    stations,
)

if TYPE_CHECKING:
    from sqlalchemy import BindParameter, Connection, Engine

_STATION: BindParameter[str] = bindparam("station")

_STANDING = (
    select(
        stations.c.operator,
        operators.c.name.label("operator_name"),
        stations.c.mode,
        stations.c.range_first,
        sessions.c.number.label("session"),
        documents.c.number,
        documents.c.kind,
        documents.c.customer,
        documents.c.location,
        documents.c.status,
        questions.c.body,
    )
    .select_from(stations)
    .outerjoin(operators, operators.c.code == stations.c.operator)
    .outerjoin(sessions, and_(sessions.c.station == stations.c.name, sessions.c.ended_at.is_(None)))
    .outerjoin(documents, documents.c.number == sessions.c.document)
    .outerjoin(questions, questions.c.station == stations.c.name)
    .where(stations.c.name == _STATION)
)

_COUNTED = (
    select(attachments.c.line, func.count().label("units"))
    .where(attachments.c.document == bindparam("document"))
    .group_by(attachments.c.line)
    .subquery()
)
_LINES = (
    select(lines, items.c.description, func.coalesce(_COUNTED.c.units, 0).label("units"))
    .join(items, items.c.code == lines.c.item)
    .outerjoin(_COUNTED, _COUNTED.c.line == lines.c.number)
    .where(lines.c.document == bindparam("document"))
    .order_by(lines.c.number)
)

# The session's rows are the station's last ones: walking back from the end stops at the session before.
_BEFORE = (
    select(history.c.number)
    .where(history.c.station == _STATION, history.c.session < bindparam("session"))
    .order_by(desc(history.c.number))
    .limit(1)
)
_IN_SESSION = and_(
    history.c.station == _STATION,
    history.c.number > bindparam("before"),
    history.c.session == bindparam("session"),
)
_SESSION_ROWS = (
    select(history).where(_IN_SESSION).order_by(desc(history.c.number)).limit(bindparam("rows_at_most"))
)
_SESSION_COUNTS = select(history.c.action, func.count()).where(_IN_SESSION).group_by(history.c.action)

_DOCUMENTS = (
    select(documents)
    .order_by(documents.c.status != Status.OPEN.value, documents.c.number)
    .limit(bindparam("rows_at_most"))
)


@dataclass(frozen=True, slots=True)
class Sight:
    """How the station stands, as one transaction saw it."""

    standing: Standing
    operator_name: str | None
    lines: tuple[tuple[Line, str], ...]
    """Of the open document, each with its item's description."""


class View:
    """Reads for one station; each method may be called from any thread."""

    def __init__(self, engine: Engine, station: str) -> None:
        self._engine = engine
        self._station = station

    def look(self) -> Sight:
        """How the station stands; one that the database doesn't know yet stands idle.

        Raises:
            DatabaseError: it can't be read.
        """
        with reading(self._engine) as connection:
            row = connection.execute(_STANDING, {"station": self._station}).one_or_none()
            if row is None:
                return Sight(Standing(None, Mode.ATTACH, "", None, None), None, ())
            standing = _standing(row)
            session = standing.session
            seen = _lines(connection, session.document.number) if session else ()
        return Sight(standing, row.operator_name, seen)

    def session_history(self, session: int, limit: int) -> tuple[list[HistoryRow], dict[str, int]]:
        """The session's newest rows, newest first, and the number of all its rows by action.

        Raises:
            DatabaseError: it can't be read.
        """
        given: dict[str, Any] = {"station": self._station, "session": session, "rows_at_most": limit}
        with reading(self._engine) as connection:
            given["before"] = connection.execute(_BEFORE, given).scalar() or 0
            rows = [_history_row(row) for row in connection.execute(_SESSION_ROWS, given)]
            counts = {row[0]: row[1] for row in connection.execute(_SESSION_COUNTS, given)}
        return rows, counts

    def history(self, serial: str | None, document: str | None, limit: int) -> list[HistoryRow]:
        """Newest rows first: of a serial number, of a document, of both; else of this station.

        Raises:
            DatabaseError: it can't be read.
        """
        query = select(history).order_by(desc(history.c.at), history.c.station, desc(history.c.number))
        if serial is None and document is None:
            query = select(history).where(history.c.station == self._station).order_by(desc(history.c.number))
        if serial is not None:
            query = query.where(history.c.serial_number == serial)
        if document is not None:
            query = query.where(history.c.document == document)
        with reading(self._engine) as connection:
            return [_history_row(row) for row in connection.execute(query.limit(limit))]

    def documents(self, limit: int) -> list[Document]:
        """Documents, open ones first.

        Raises:
            DatabaseError: they can't be read.
        """
        with reading(self._engine) as connection:
            return [_document(row) for row in connection.execute(_DOCUMENTS, {"rows_at_most": limit})]


def _standing(row: Any) -> Standing:
    return Standing(
        operator=row.operator,
        mode=Mode(row.mode),
        range_first=row.range_first,
        session=None if row.number is None else Session(row.session, _document(row)),
        question=None if row.body is None else question_decoder.decode(row.body),
    )


def _document(row: Any) -> Document:
    return Document(row.number, DocumentKind(row.kind), row.customer, row.location, Status(row.status))


def _lines(connection: Connection, document: str) -> tuple[tuple[Line, str], ...]:
    return tuple(
        (
            Line(
                document=document,
                number=row.number,
                item=row.item,
                requested=row.requested,
                negative=row.negative,
                added=row.added,
                credited=-row.units if row.negative else row.units,
            ),
            row.description,
        )
        for row in connection.execute(_LINES, {"document": document})
    )


def _history_row(row: Any) -> HistoryRow:
    return HistoryRow(
        id=row.id,
        at=datetime.fromisoformat(row.at),
        station=row.station,
        session=row.session,
        document=row.document,
        action=Action(row.action),
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
