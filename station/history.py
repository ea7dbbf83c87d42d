"""Rows of history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - decoded at run time
from typing import NamedTuple

from station.outcomes import Action  # noqa: TC001 - decoded at run time


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
    """One row of a session's history: what became of one serial number."""

    id: str
    at: datetime
    station: str
    session: int | None
    document: str | None
    action: Action
    reason: str | None
    serial_number: str | None
    mfr_serial_number: str | None
    item: str | None
    description: str | None
    stock_area: str | None
    operator: str | None
    scanner: str
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
