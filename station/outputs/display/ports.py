"""The interfaces that the display needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from station.history import HistoryRow
    from station.rules.model import Document, Line, StationState


class Sight(Protocol):
    """The station's state, from one read of the database."""

    @property
    def state(self) -> StationState:
        """Operator, mode, session, question."""

    @property
    def operator_name(self) -> str | None:
        """The operator's name."""

    @property
    def newest(self) -> int:
        """The number of the station's newest history row; 0: there is none."""

    @property
    def signing_key(self) -> bytes | None:
        """The key that signs the codes of commands (D11); None: no station has run yet."""

    @property
    def lines(self) -> Sequence[tuple[Line, str]]:
        """The open document's lines, each with its item's description."""

    @property
    def missing(self) -> Mapping[str, Sequence[str]]:
        """The serial numbers that the office expects on it and that are not here, by item (R14)."""

    @property
    def receipts(self) -> int:
        """The number of the open document's newest receipt (D7); 0: there is none."""

    @property
    def reasons(self) -> Sequence[tuple[str, str]]:
        """The office's reasons, each with its text (M7)."""

    @property
    def conditions(self) -> Sequence[tuple[str, str]]:
        """The office's conditions, each with its text (M7)."""


class StateReader(Protocol):
    """Reads the database; may be used by several threads at once.

    Every method may raise `station.errors.DatabaseError`.
    """

    def look(self, seen: object = None) -> Sight:
        """Return the station's state; `seen`, an earlier answer, if nothing was written since."""

    def session_history(self, session: int, limit: int) -> tuple[Sequence[HistoryRow], dict[str, int]]:
        """Return the session's newest rows, newest first, and the count of all its rows by action."""

    def newest(self) -> int:
        """Return the number of the station's newest history row; 0: there is none."""

    def history_after(self, number: int, limit: int) -> Sequence[tuple[int, HistoryRow]]:
        """Return the station's rows after that number, oldest first, each with its number."""

    def history(
        self,
        serial: str | None,
        document: str | None,
        limit: int,
        *,
        session: int | None = None,
        before: str | None = None,
    ) -> Sequence[HistoryRow]:
        """Return rows of a serial number, a document, or a session, else of the station; newest first.

        `before`: only the rows that follow the row of that id in this list; it may raise `LookupError`.
        """

    def documents(self, limit: int) -> Sequence[Document]:
        """Return documents, open ones first."""
