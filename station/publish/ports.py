"""What a publisher needs of the database and of the way to its receiver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.events import HistoryRow
    from station.outbox import EndedSession, Entry, Lag, Position
    from station.publish.bell import Bell


class Outbox(Protocol):
    """What a station's publishers have still to send; may be used by several threads at once.

    Every method may raise `station.errors.DatabaseError`.
    """

    def begin(self, publisher: str, *, at_the_beginning: bool) -> None:
        """Note where a publisher begins; one that has begun before stays where it is."""

    def position(self, publisher: str) -> Position:
        """How far a publisher got."""

    def after(self, position: Position, limit: int) -> Sequence[Entry]:
        """What comes after a position, in order, about `limit` entries of it; nothing: that was all."""

    def move(self, publisher: str, position: Position) -> None:
        """Note how far a publisher got."""

    def lag(self, publisher: str) -> Lag:
        """How far a publisher is behind."""


class Sender(Protocol):
    """The way to one receiver. Only `abort` may be called by another thread than the publisher's."""

    def open(self) -> bool:
        """Be ready to send; whether the receiver has answered to it.

        Raises:
            PublishError: it can't be reached.
        """

    def send_rows(self, rows: Sequence[HistoryRow]) -> None:
        """Send them; returns once the receiver has confirmed all of them.

        Raises:
            PublishError: it has not, or not all.
        """

    def send_session(self, session: EndedSession) -> None:
        """The same for the end of a session."""

    def wait(self, bell: Bell) -> None:
        """Until the bell is rung.

        Raises:
            PublishError: the receiver went away meanwhile.
        """

    def close(self) -> None:
        """Say good-bye, where that is usual, and let go; it can be opened again."""

    def abort(self) -> None:
        """Have whatever waits for the receiver fail at once."""
