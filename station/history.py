"""Rows of history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, NamedTuple

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
    quantity: Annotated[int, Since("0006")] = 1
    """Units that the row is about; more than 1 only if they have no serial numbers (M6)."""
    note: Annotated[str | None, Since("0006")] = None
    """What the worker was asked about the unit and consented to."""
    reason_code: Annotated[str | None, Since("0006")] = None
    """Why the unit comes back: a code of the office's list (M7)."""
    condition: Annotated[str | None, Since("0006")] = None
    """The unit's condition: a code of the office's list (M7)."""
    receipt: Annotated[int | None, Since("0006")] = None
    """The receipt that the unit is for, on a document of which a part is booked already (D7)."""


class HistoryRow(HistoryFields, frozen=True, kw_only=True):
    """One row of a session's history: the outcome of one serial number."""

    id: str
    at: datetime
    action: Action
    text: str


class GeneratedRow(HistoryRow, frozen=True, kw_only=True):
    """A row about a unit that got its serial number here (M5); receivers may not know that unit."""


class MoveEvent(StrEnum):
    """What happened to a unit outside of a scan."""

    BOOKED = "Booked"
    """A Save put it into another stock area (D3)."""
    RELEASED = "Released"
    """Its document was cancelled (D4)."""
    IMPORTED = "Imported"
    """The office moved or changed it (D10)."""
    REOPENED = "Reopened"
    """The Save that had booked it was undone (D8)."""
    RETIRED = "Retired"
    """The office took it out of use (D10)."""


OFFICE: Final = "import"
"""The station name of moves by the office; each station sends them to its receivers."""


class Position(NamedTuple):
    """A publisher's position: the number of the last thing of each kind that it sent."""

    row: int = 0
    session: int = 0
    move: int = 0
    """Of the station."""
    office_move: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What happened to one unit outside of a scan; station and number identify it."""

    station: str
    """``import``: the office did it."""
    number: int
    at: str
    """UTC with milliseconds."""
    event: MoveEvent
    document: str | None
    """None: the office changed the unit itself."""
    serial_number: str | None
    """None: counted goods, which have neither number nor area."""
    item: str
    quantity: int
    """Units; more than 1 only if they were counted (M6)."""
    from_area: str | None
    to_area: str | None
    operator: str | None
    session: int | None
    """None: it was not done by a worker's Save."""
    receipt: int | None
    from_item: str | None
    """The wrong item that the office corrected (D10)."""
    note: str | None
    """What else changed, in words."""
    reason_code: str | None
    """Of a unit that a Save booked: it may have been scanned after the unit (M7)."""
    condition: str | None
    is_generated: bool
    """The unit got its serial number at the dock (M5)."""


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
    """``closed``, ``saved``, ``later`` (a part is booked), ``replaced`` (another was opened), ``changed`` (by
    the office, D9), or the document's new status."""
    receipt: int | None
    """The receipt that was booked (D7); None: nothing was booked."""


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """One thing to send."""

    position: Position
    """The publisher's position after sending it."""
    what: HistoryRow | Move | EndedSession


class Lag(NamedTuple):
    """How far one publisher lags behind."""

    publisher: str
    rows: int
    """Entries not sent yet: rows, moves and ends of sessions."""
    oldest_seconds: float
    """The age of the oldest one; 0: there is none."""
