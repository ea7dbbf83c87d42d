"""A station's state: operator, mode, session, question."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec
import structlog
from sqlalchemy import and_, delete, insert, null, select, update

from station.errors import DatabaseError
from station.i18n.messages import msg
from station.questions import Mode, Question, Upcoming
from station.repository.scan_path.credit_documents import DOCUMENT, document_of
from station.repository.statement import P, Statement, next_number, parameters
from station.repository.tables import documents, operators, questions, sessions, signing_key, stations
from station.repository.unit_of_work import SqlUnitOfWork
from station.rules.model import Document, DocumentKind, Session, StationState, Status
from station.source import timestamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Select

log = structlog.get_logger()

STATE: Select[Any] = (
    select(
        stations.c.operator,
        stations.c.mode,
        stations.c.range_first,
        stations.c.range_item,
        stations.c.operator_at,
        stations.c.next_quantity,
        stations.c.next_reason,
        stations.c.next_condition,
        questions.c.body,
        sessions.c.number,
        sessions.c.document,
        # Set before it ends: the office wants the station to end it (D9).
        sessions.c.ended_why,
        *DOCUMENT,
    )
    .select_from(stations)
    .outerjoin(sessions, and_(sessions.c.station == stations.c.name, sessions.c.ended_at.is_(None)))
    .outerjoin(documents, documents.c.number == sessions.c.document)
    .outerjoin(questions, questions.c.station == stations.c.name)
    .where(stations.c.name == P("station"))
)
_ITS_STATION = stations.c.name == P("station")
_question_decoder = msgspec.json.Decoder(Question)
"""Shared by the desk's thread and the displays'."""


def state_of(row: Sequence[Any], station: str) -> StationState:
    """Convert a row of `STATE`.

    Raises:
        DatabaseError: a newer version stored the question.
    """
    operator, mode, range_first, range_item, operator_at, *upcoming, body, session, number, must_end = row[
        :12
    ]
    found = row[12:]
    # A deleted document counts as cancelled.
    document = (
        document_of(found)
        if found[0] is not None
        else Document(number, DocumentKind.CREDIT_MEMO, "", "", Status.CANCELLED)
    )
    return StationState(
        operator,
        _mode(mode),
        range_first,
        None if session is None else Session(session, document, must_end),
        None if body is None else _question(body, station),
        range_item,
        Upcoming(*upcoming),
        datetime.fromisoformat(operator_at) if operator_at else None,
    )


@cache
def _mode(stored: str) -> Mode:
    """Parse a mode; cached, so that an unknown one is logged once, not at each read."""
    try:
        return Mode(stored)
    except ValueError:
        log.error("mode_unknown", mode=stored, reason="a newer version set it; serial numbers are attached")  # noqa: TRY400 - the value says all
        return Mode.ATTACH


def _question(body: str, station: str) -> Question:
    try:
        return _question_decoder.decode(body)
    except msgspec.DecodeError as error:
        raise DatabaseError(
            msg(
                "this version can't read the question of station {station} ({error}); "
                "answer it with the version that asked it",
                station=station,
                error=error,
            )
        ) from error


class SqlStationState(SqlUnitOfWork):
    """The station, its session and its question."""

    _state = Statement(STATE)

    def state(self) -> StationState:
        """Return this station's state."""
        row = self._one(self._state)
        if row is None:
            raise DatabaseError(
                msg("station {station} is no longer in the database; restart it", station=self._station)
            )
        return state_of(row, self._station)

    _set_mode = Statement(
        update(stations)
        .where(_ITS_STATION)
        .values(mode=P("mode"), range_first=P("range_first"), range_item=P("range_item"))
    )

    def set_mode(self, mode: Mode, range_first: str = "", range_item: str = "") -> None:
        """Set what the next serial number is for."""
        self._run(self._set_mode, mode=str(mode), range_first=range_first, range_item=range_item)

    _set_operator = Statement(
        update(stations).where(_ITS_STATION).values(operator=P("code"), operator_at=P("at"))
    )

    def set_operator(self, code: str | None, at: datetime | None = None) -> None:
        """Set who works at this station, and since when; None: nobody is signed on."""
        self._run(self._set_operator, code=code, at=timestamp(at) if at else None)

    _set_upcoming = Statement(
        update(stations)
        .where(_ITS_STATION)
        .values(next_quantity=P("quantity"), next_reason=P("reason_code"), next_condition=P("condition"))
    )

    def set_upcoming(self, upcoming: Upcoming) -> None:
        """Set what was scanned for the next unit."""
        self._run(
            self._set_upcoming,
            quantity=upcoming.quantity,
            reason_code=upcoming.reason_code,
            condition=upcoming.condition,
        )

    _signing_key = Statement(select(signing_key.c.key))

    def signing_key(self) -> bytes:
        """Return the key that signs the codes of commands, the same for all stations (D11).

        Read for each code: a renewed key holds at once, and commands are rare.
        """
        row = self._one(self._signing_key)
        if row is None:
            raise DatabaseError(msg("the key of the command codes is missing; restart the station"))
        return bytes.fromhex(row[0])

    _operator_name = Statement(select(operators.c.name).where(operators.c.code == P("code")))

    def operator_name(self, code: str) -> str | None:
        """Return the operator's name; None: the badge is unknown."""
        row = self._one(self._operator_name, code=code)
        return row[0] if row else None

    _begin_session = Statement(
        insert(sessions)
        .values(
            parameters(
                sessions, number=next_number(sessions), ended_at=null(), ended_why=null(), receipt=null()
            )
        )
        .returning(sessions.c.number)
    )

    def begin_session(self, document: str, at: datetime, operator: str | None) -> int:
        """Open the station's next session; return its number."""
        row = self._one(self._begin_session, document=document, opened_at=timestamp(at), operator=operator)
        if row is None:
            raise DatabaseError("the database gave no session number")
        return int(row[0])

    _end_session = Statement(
        update(sessions)
        .where(sessions.c.station == P("station"), sessions.c.number == P("session"))
        .values(ended_at=P("at"), ended_why=P("why"), receipt=P("receipt"))
    )

    def end_session(self, number: int, at: datetime, why: str, receipt: int | None = None) -> None:
        """End a session; `receipt`: the one that its Save booked."""
        self._run(self._end_session, session=number, at=timestamp(at), why=why, receipt=receipt)

    _put_question = Statement(insert(questions).values(parameters(questions)))

    def put_question(self, question: Question) -> None:
        """Store the open question."""
        self._run(self._put_question, body=msgspec.json.encode(question).decode())

    _drop_question = Statement(delete(questions).where(questions.c.station == P("station")))

    def drop_question(self) -> None:
        """Delete the answered question."""
        self._run(self._drop_question)
