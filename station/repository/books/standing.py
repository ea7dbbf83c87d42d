"""How a station stands: operator, mode, session, question."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from station.errors import DatabaseError
from station.i18n.messages import msg
from station.repository.statements.standing import standing_of
from station.repository.unit_of_work import SqlUnitOfWork
from station.source import timestamp

if TYPE_CHECKING:
    from datetime import datetime

    from station.questions import Mode, Question
    from station.rules.model import StationState


class StandingBooks(SqlUnitOfWork):
    """The station, its session and its question."""

    _station: str

    def standing(self) -> StationState:
        """How this station stands."""
        row = self._one("standing")
        if row is None:
            raise DatabaseError(
                msg("station {station} is not in the database any more; restart it", station=self._station)
            )
        return standing_of(row, self._station)

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
