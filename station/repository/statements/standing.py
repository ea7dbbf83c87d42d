"""The station, its session and its question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, insert, null, select, update

from station.repository.statements.parts import P, next_number, parameters
from station.repository.tables import documents, operators, questions, sessions, stations
from station.repository.unit_of_work import insert_or_skip

if TYPE_CHECKING:
    from sqlalchemy import ClauseElement, Dialect


def of_the_station(dialect: Dialect) -> dict[str, ClauseElement]:
    """The station, its session and its question."""
    its_station = stations.c.name == P("station")
    return {
        "know_station": insert_or_skip(stations, dialect).values(name=P("station")),
        "standing": (
            select(
                stations.c.operator,
                stations.c.mode,
                stations.c.range_first,
                stations.c.range_item,
                sessions.c.number,
                sessions.c.document,
                documents.c.kind,
                documents.c.customer,
                documents.c.location,
                documents.c.status,
                questions.c.body,
            )
            .outerjoin(
                sessions,
                and_(sessions.c.station == stations.c.name, sessions.c.ended_at.is_(None)),
            )
            .outerjoin(documents, documents.c.number == sessions.c.document)
            .outerjoin(questions, questions.c.station == stations.c.name)
            .where(its_station)
        ),
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
