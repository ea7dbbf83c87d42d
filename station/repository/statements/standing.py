"""The station, its session and its question."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import and_, delete, func, insert, null, select, update

from station.questions import Mode
from station.repository.statements.documents import DOCUMENT, document_of
from station.repository.statements.parts import P, next_number, parameters
from station.repository.stored_question import stored_question
from station.repository.tables import documents, operators, questions, sessions, stations
from station.repository.unit_of_work import insert_or_skip
from station.rules.model import Document, DocumentKind, Session, StationState, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ClauseElement, Dialect, Select

log = structlog.get_logger()

STANDING: Select[Any] = (
    select(
        stations.c.operator,
        stations.c.mode,
        stations.c.range_first,
        stations.c.range_item,
        questions.c.body,
        sessions.c.number,
        sessions.c.document,
        *DOCUMENT,
    )
    .select_from(stations)
    .outerjoin(sessions, and_(sessions.c.station == stations.c.name, sessions.c.ended_at.is_(None)))
    .outerjoin(documents, documents.c.number == sessions.c.document)
    .outerjoin(questions, questions.c.station == stations.c.name)
    .where(stations.c.name == P("station"))
)


def standing_of(row: Sequence[Any], station: str) -> StationState:
    """A row of `STANDING` as a value.

    Raises:
        DatabaseError: the question is of a newer version.
    """
    operator, mode, range_first, range_item, body, session, number, *found = row
    # A document that somebody deleted is as good as cancelled.
    document = (
        document_of(found)
        if found[0] is not None
        else Document(number, DocumentKind.CREDIT_MEMO, "", "", Status.CANCELLED)
    )
    return StationState(
        operator,
        _mode(mode),
        range_first,
        None if session is None else Session(session, document),
        None if body is None else stored_question(body, station),
        range_item,
    )


@cache
def _mode(stored: str) -> Mode:
    """Cached: one of a newer version is logged once, not at each look."""
    try:
        return Mode(stored)
    except ValueError:
        log.error("mode_unknown", mode=stored, reason="a newer version set it; serial numbers are attached")  # noqa: TRY400 - the value says all
        return Mode.ATTACH


def of_the_station(dialect: Dialect) -> dict[str, ClauseElement]:
    """The station, its session and its question."""
    its_station = stations.c.name == P("station")
    return {
        "claim_station": select(
            func.pg_try_advisory_lock(func.hashtext("scanstation"), func.hashtext(P("station")))
        ),
        "know_station": insert_or_skip(stations, dialect).values(name=P("station")),
        "standing": STANDING,
        "set_mode": update(stations)
        .where(its_station)
        .values(mode=P("mode"), range_first=P("range_first"), range_item=P("range_item")),
        "set_operator": update(stations).where(its_station).values(operator=P("code")),
        "operator_name": select(operators.c.name).where(operators.c.code == P("code")),
        "begin_session": insert(sessions)
        .values(parameters(sessions, number=next_number(sessions), ended_at=null(), ended_why=null()))
        .returning(sessions.c.number),
        "end_session": update(sessions)
        .where(sessions.c.station == P("station"), sessions.c.number == P("session"))
        .values(ended_at=P("at"), ended_why=P("why")),
        "put_question": insert(questions).values(parameters(questions)),
        "drop_question": delete(questions).where(questions.c.station == P("station")),
        "mark": update(stations).where(its_station).values(last_entry=P("id")),
        "marked": select(stations.c.last_entry).where(its_station),
    }
