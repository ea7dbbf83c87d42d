"""What publishers send: rows of history and ended sessions, in order, each with the place behind it.

History is only ever added to, and a session ends once: that makes them an outbox. A publisher that remembers
how far it got can be away for as long as it likes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from station.events import HistoryRow


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
