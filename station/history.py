"""Rows of history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import msgspec

from station.outcomes import Action


@dataclass(frozen=True, slots=True)
class Since:
    """The version of the database's schema that first has a field; one without it has been there always."""

    schema: str


class HistoryFields(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of a row of history, in the order of the interface.

    This is the one place that declares them: table, archive, JSON, CSV, the description of the interface and
    the displays follow. A docstring under a field is its description there. A field that comes later
    is ``Annotated[str | None, Since("0006")] = None``: rows of before it have None.
    """

    id: str | None
    at: datetime | str
    station: str
    session: int | None
    document: str | None
    action: str
    reason: str | None
    serial_number: str | None
    mfr_serial_number: str | None
    item: str | None
    description: str | None
    stock_area: str | None
    operator: str | None
    scanner: str
    text: str | None


class HistoryRow(HistoryFields, frozen=True, kw_only=True):
    """One row of a session's history: what became of one serial number."""

    id: str
    at: datetime
    action: Action
    text: str


class Position(NamedTuple):
    """How far a publisher got: the numbers of the last row and of the last ended session that it sent."""

    row: int = 0
    session: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedSession:
    """The station works on a document no longer; all rows of the session come before it."""

    station: str
    session: int
    document: str
    operator: str | None
    """Who opened it."""
    opened_at: str
    ended_at: str
    """UTC with milliseconds."""
    ended_why: str
    """``closed``, ``saved``, ``replaced`` (another was opened), or the document's new status."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to send."""

    position: Position
    """Where a publisher is once it has been sent."""
    what: HistoryRow | EndedSession


class Lag(NamedTuple):
    """How far one publisher is behind."""

    publisher: str
    rows: int
    """Entries that it has not sent: rows, and ends of sessions."""
    oldest_seconds: float
    """The age of the oldest of them; 0: there is none."""
