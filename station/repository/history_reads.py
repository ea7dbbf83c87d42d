"""Reads history: a station's rows by number; rows of a serial number, document or session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, desc, exists, func, or_, select

from station.history import GeneratedRow, HistoryRow
from station.repository.history_fields import history_row
from station.repository.tables import generated_numbers, history

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import BindParameter, ColumnElement, Connection, Select


_STATION: BindParameter[str] = bindparam("station")

NEWEST = select(func.coalesce(func.max(history.c.number), 0)).where(history.c.station == _STATION)
IS_GENERATED: ColumnElement[bool] = exists().where(
    generated_numbers.c.serial_number == history.c.serial_number, generated_numbers.c.item == history.c.item
)
AFTER = (
    select(history, IS_GENERATED.label("is_generated"))
    .where(history.c.station == _STATION, history.c.number > bindparam("after"))
    .order_by(history.c.number)
    .limit(bindparam("rows_at_most"))
)

# A session's rows follow each other: walking back from the end stops at the session before.
BEFORE_SESSION = (
    select(history.c.number)
    .where(history.c.station == _STATION, history.c.session < bindparam("session"))
    .order_by(desc(history.c.number))
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedRows:
    """Which rows: all given filters apply; with no filter or only a session, those of one station."""

    station: str
    serial: str | None = None
    document: str | None = None
    session: int | None = None
    before: str | None = None
    """The id of a row: only rows after it in the list."""

    @property
    def is_of_station(self) -> bool:
        """Whether all rows are of `station`, so that their numbers give their order."""
        return self.session is not None or (self.serial is None and self.document is None)


def rows_wanted(connection: Connection, wanted: WantedRows, limit: int) -> list[HistoryRow]:
    """Return the rows, newest first.

    Raises:
        LookupError: `before` is not one of them.
    """
    query = select(history).where(*_conditions(wanted)).limit(limit)
    if wanted.is_of_station:
        query = query.order_by(desc(history.c.number))
    else:
        query = query.order_by(desc(history.c.at), history.c.station, desc(history.c.number))
    if wanted.before is not None:
        query = query.where(_following(connection, wanted))
    return [history_row(row) for row in connection.execute(query)]


def _conditions(wanted: WantedRows) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.is_of_station:
        conditions.append(history.c.station == wanted.station)
    if wanted.session is not None:
        first = BEFORE_SESSION.params(station=wanted.station, session=wanted.session).scalar_subquery()
        conditions += [history.c.session == wanted.session, history.c.number > func.coalesce(first, 0)]
    if wanted.serial is not None:
        conditions.append(history.c.serial_number == wanted.serial)
    if wanted.document is not None:
        conditions.append(history.c.document == wanted.document)
    return conditions


def _following(connection: Connection, wanted: WantedRows) -> ColumnElement[bool]:
    """Match what follows a row in the list."""
    place: Select[Any] = select(history.c.at, history.c.station, history.c.number)
    row = connection.execute(place.where(history.c.id == wanted.before, *_conditions(wanted))).first()
    if row is None:
        raise LookupError(wanted.before)
    if wanted.is_of_station:
        older: ColumnElement[bool] = history.c.number < row.number
        return older
    return or_(
        history.c.at < row.at,
        and_(history.c.at == row.at, history.c.station > row.station),
        and_(history.c.at == row.at, history.c.station == row.station, history.c.number < row.number),
    )


def rows_after(
    connection: Connection, station: str, number: int, limit: int
) -> Sequence[tuple[int, HistoryRow]]:
    """Return a station's rows after a number, oldest first, each with its number.

    Those about units that were numbered here are of the type `GeneratedRow`.
    """
    given = {"station": station, "after": number, "rows_at_most": limit}
    return [
        (row.number, history_row(row, GeneratedRow if row.is_generated else HistoryRow))
        for row in connection.execute(AFTER, given)
    ]
