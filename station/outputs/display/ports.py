"""What the display needs of the world."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.history import HistoryRow
    from station.rules.model import Document, Line, StationState


class Sight(Protocol):
    """How the station stands, as one look at the database saw it."""

    @property
    def state(self) -> StationState:
        """Operator, mode, session, question."""

    @property
    def operator_name(self) -> str | None:
        """The name of the state's operator."""

    @property
    def newest(self) -> int:
        """The number of the station's newest row of history; 0: there is none."""

    @property
    def lines(self) -> Sequence[tuple[Line, str]]:
        """The open document's lines, each with its item's description."""


class Reader(Protocol):
    """Looks into the database and changes nothing; may be used by several threads at once.

    Every method may raise `station.errors.DatabaseError`.
    """

    def look(self, seen: object = None) -> Sight:
        """How the station stands; `seen`, an earlier answer, when nothing was written since."""

    def session_history(self, session: int, limit: int) -> tuple[Sequence[HistoryRow], dict[str, int]]:
        """The session's newest rows, newest first, and the number of all its rows by action."""

    def newest(self) -> int:
        """The number of the station's newest row of history; 0: there is none."""

    def history_after(self, number: int, limit: int) -> Sequence[tuple[int, HistoryRow]]:
        """The station's rows after that number, oldest first, each with its number."""

    def history(
        self,
        serial: str | None,
        document: str | None,
        limit: int,
        *,
        session: int | None = None,
        before: str | None = None,
    ) -> Sequence[HistoryRow]:
        """Newest rows first: of a serial number, a document, a session of this station; else the station's.

        `before`: only what follows the row of that id in this list; it may raise `LookupError`.
        """

    def documents(self, limit: int) -> Sequence[Document]:
        """Documents, open ones first."""
