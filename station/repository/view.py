"""Reads for displays and readers: the station's state, documents, history.

Each read is one transaction on its own connection, so it never blocks the desk's writes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, desc, exists, func, not_, select

from station.questions import Mode
from station.repository.database import reading, write_mark
from station.repository.history_fields import history_row
from station.repository.history_reads import (
    BEFORE_SESSION,
    NEWEST,
    WantedRows,
    rows_after,
    rows_wanted,
)
from station.repository.scan_path.credit_documents import DOCUMENT, document_of
from station.repository.scan_path.station_state import STATE, state_of
from station.repository.tables import (
    attachments,
    conditions,
    counts,
    documents,
    expected_units,
    history,
    items,
    lines,
    operators,
    reasons,
    receipts,
    signing_key,
    stations,
)
from station.rules.model import OPEN, Document, Line, StationState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import BindParameter, Connection, Engine, Select

    from station.history import HistoryRow
    from station.rules.model import Session

_STATION: BindParameter[str] = bindparam("station")

_STATE = STATE.add_columns(
    operators.c.name,
    NEWEST.scalar_subquery().label("newest"),
    select(signing_key.c.key).scalar_subquery().label("signing_key"),
).outerjoin(operators, operators.c.code == stations.c.operator)

_ATTACHED = (
    select(attachments.c.line, func.count().label("units"))
    .where(attachments.c.document == bindparam("document"))
    .group_by(attachments.c.line)
    .subquery()
)
_COUNTED = (
    select(counts.c.line, func.sum(counts.c.quantity).label("units"))
    .where(counts.c.document == bindparam("document"))
    .group_by(counts.c.line)
    .subquery()
)
_LINES = (
    select(
        lines,
        items.c.description,
        func.coalesce(_ATTACHED.c.units, 0).label("units"),
        func.coalesce(_COUNTED.c.units, 0).label("counted"),
    )
    .join(items, items.c.code == lines.c.item)
    .outerjoin(_ATTACHED, _ATTACHED.c.line == lines.c.number)
    .outerjoin(_COUNTED, _COUNTED.c.line == lines.c.number)
    .where(lines.c.document == bindparam("document"))
    .order_by(lines.c.number)
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
    select(*DOCUMENT)
    .order_by(documents.c.status.not_in(OPEN), documents.c.number)
    .limit(bindparam("rows_at_most"))
)


_IS_HERE = exists().where(
    attachments.c.document == expected_units.c.document,
    attachments.c.item == expected_units.c.item,
    attachments.c.serial_number == expected_units.c.serial_number,
)
_MISSING = (
    select(expected_units.c.item, expected_units.c.serial_number)
    .where(expected_units.c.document == bindparam("document"), not_(_IS_HERE))
    .order_by(expected_units.c.item, expected_units.c.serial_number)
)
_RECEIPTS = select(func.coalesce(func.max(receipts.c.number), 0)).where(
    receipts.c.document == bindparam("document")
)
_REASONS = select(reasons.c.code, reasons.c.text).order_by(reasons.c.code)
_CONDITIONS = select(conditions.c.code, conditions.c.text).order_by(conditions.c.code)


@dataclass(frozen=True, slots=True)
class SqlSight:
    """The station's state, as one transaction saw it."""

    state: StationState
    operator_name: str | None
    newest: int
    """The number of the station's newest row of history; 0: it has none."""
    lines: tuple[tuple[Line, str], ...]
    """The open document's lines, each with its item's description."""
    signing_key: bytes | None = field(repr=False)
    """Signs the codes of commands (D11); None: no station has run yet."""
    mark: object
    """The `write_mark` at that time."""
    missing: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The serial numbers that the office expects on it and that are not here, by item (R14)."""
    receipts: int = 0
    """The number of the open document's newest receipt (D7); 0: there is none."""
    reasons: tuple[tuple[str, str], ...] = ()
    """The office's reasons, each with its text (M7)."""
    conditions: tuple[tuple[str, str], ...] = ()


class View:
    """Reads for one station; each method may be called from any thread."""

    def __init__(self, engine: Engine, station: str) -> None:
        self._engine = engine
        self._station = station

    def look(self, seen: object = None) -> SqlSight:
        """Return the station's state; one that the database doesn't know yet is idle.

        `seen`: an earlier result, which is returned again if nothing was written since.

        Raises:
            DatabaseError: the database can't be read.
        """
        with reading(self._engine) as connection:
            # First: a write between this and the rest is then read again, never missed.
            mark = write_mark(connection)
            if isinstance(seen, SqlSight) and seen.mark == mark:
                return seen
            row = connection.execute(_STATE, {"station": self._station}).one_or_none()
            if row is None:
                return SqlSight(StationState(None, Mode.ATTACH, "", None, None), None, 0, (), None, mark)
            *of_state, operator_name, newest, key = row
            state = state_of(of_state, self._station)
            sight = SqlSight(
                state,
                operator_name,
                newest,
                (),
                bytes.fromhex(key) if key else None,
                mark,
                reasons=_codes(connection, _REASONS),
                conditions=_codes(connection, _CONDITIONS),
            )
            return _with_document(connection, sight, state.session) if state.session else sight

    def session_history(self, session: int, limit: int) -> tuple[list[HistoryRow], dict[str, int]]:
        """Return the session's newest rows, newest first, and the count of all its rows by action.

        Raises:
            DatabaseError: it can't be read.
        """
        given: dict[str, Any] = {"station": self._station, "session": session, "rows_at_most": limit}
        with reading(self._engine) as connection:
            given["before"] = connection.execute(BEFORE_SESSION, given).scalar() or 0
            rows = [history_row(row) for row in connection.execute(_SESSION_ROWS, given)]
            counts = {row[0]: row[1] for row in connection.execute(_SESSION_COUNTS, given)}
        return rows, counts

    def newest(self) -> int:
        """Return the number of the station's newest row of history; 0: it has none.

        Raises:
            DatabaseError: it can't be read.
        """
        with reading(self._engine) as connection:
            return int(connection.execute(NEWEST, {"station": self._station}).scalar_one())

    def history_after(self, number: int, limit: int) -> Sequence[tuple[int, HistoryRow]]:
        """Return the station's rows after a number, oldest first, each with its number.

        Raises:
            DatabaseError: they can't be read.
        """
        with reading(self._engine) as connection:
            return rows_after(connection, self._station, number, limit)

    def history(
        self,
        serial: str | None,
        document: str | None,
        limit: int,
        *,
        session: int | None = None,
        before: str | None = None,
    ) -> list[HistoryRow]:
        """Return rows, newest first: of a serial number, document or session; otherwise the station's.

        `before`: only rows that follow the row of that id in this list.

        Raises:
            LookupError: `before` is not one of them.
            DatabaseError: they can't be read.
        """
        wanted = WantedRows(
            station=self._station, serial=serial, document=document, session=session, before=before
        )
        with reading(self._engine) as connection:
            return rows_wanted(connection, wanted, limit)

    def documents(self, limit: int) -> list[Document]:
        """Return documents, open ones first.

        Raises:
            DatabaseError: they can't be read.
        """
        with reading(self._engine) as connection:
            return [document_of(row) for row in connection.execute(_DOCUMENTS, {"rows_at_most": limit})]


def _with_document(connection: Connection, sight: SqlSight, session: Session) -> SqlSight:
    """Add the open document."""
    number = session.document.number
    missing: dict[str, list[str]] = {}
    for item, serial_number in connection.execute(_MISSING, {"document": number}):
        missing.setdefault(item, []).append(serial_number)
    newest = connection.execute(_RECEIPTS, {"document": number}).scalar_one()
    return replace(sight, lines=_lines(connection, number), missing=missing, receipts=newest)


def _codes(connection: Connection, wanted: Select[Any]) -> tuple[tuple[str, str], ...]:
    return tuple((code, text) for code, text in connection.execute(wanted))


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
                credited=(-row.units if row.negative else row.units) + row.counted,
                raised=row.raised,
            ),
            row.description,
        )
        for row in connection.execute(_LINES, {"document": document})
    )
