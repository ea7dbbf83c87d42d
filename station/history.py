"""Rows of history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import msgspec

from station.outcomes import Action


@dataclass(frozen=True, slots=True)
class Since:
    """The version of the database's schema that added a field; fields without it have always existed."""

    schema: str


class HistoryFields(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of a row of history, in the order of the interface.

    They are declared only here; table, archive, JSON, CSV, the OpenAPI description and the displays follow.
    A docstring under a field is its description in OpenAPI. Declare a field that is added later as
    ``Annotated[str | None, Since("0006")] = None``: older rows have None.
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
    """One row of a session's history: the outcome of one serial number."""

    id: str
    at: datetime
    action: Action
    text: str


class Position(NamedTuple):
    """A publisher's position: the numbers of the last row and the last ended session that it sent."""

    row: int = 0
    session: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedSession:
    """The end of a session, after all its rows: the station no longer works on the document."""

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
class OutboxEntry:
    """One thing to send."""

    position: Position
    """The publisher's position after sending it."""
    what: HistoryRow | EndedSession


class Lag(NamedTuple):
    """How far one publisher lags behind."""

    publisher: str
    rows: int
    """Entries not sent yet: rows and ends of sessions."""
    oldest_seconds: float
    """The age of the oldest one; 0: there is none."""
