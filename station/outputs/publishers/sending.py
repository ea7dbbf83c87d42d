"""The interfaces that a publisher needs, the bell that wakes it, and the JSON that it sends."""

from __future__ import annotations

import os
import select
import ssl
import weakref
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec

from station.errors import ConfigError
from station.outputs.display.state import sent_entry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.history import EndedSession, HistoryRow, Lag, Move, OutboxEntry, Position


LOOK_S: Final = 30.0
"""How long a publisher waits until it looks by itself: the office moves units without ringing."""


class Outbox(Protocol):
    """What a station's publishers still have to send; may be used by several threads at once.

    Every method may raise `station.errors.DatabaseError`.
    """

    def begin(self, publisher: str, *, at_the_beginning: bool) -> None:
        """Store the start position of a publisher, unless it has a position already."""

    def position(self, publisher: str) -> Position:
        """Return how far a publisher got."""

    def after(self, position: Position, limit: int) -> Sequence[OutboxEntry]:
        """Return about `limit` entries after a position, in order; empty: there are no more."""

    def move(self, publisher: str, position: Position) -> None:
        """Store how far a publisher got."""

    def lag(self, publisher: str) -> Lag:
        """Return how far a publisher is behind."""


class Sender(Protocol):
    """The way to one receiver. Only `abort` may be called by another thread than the publisher's."""

    def open(self) -> bool:
        """Get ready to send; return whether the receiver has answered.

        Raises:
            PublishError: it can't be reached.
        """

    def send_rows(self, rows: Sequence[HistoryRow]) -> None:
        """Send rows; returns once the receiver has confirmed all of them.

        Raises:
            PublishError: it did not confirm all of them.
        """

    def send_moves(self, moves: Sequence[Move]) -> None:
        """The same for moves."""

    def send_session(self, session: EndedSession) -> None:
        """The same for the end of a session."""

    def wait(self, bell: Bell) -> None:
        """Wait until the bell is rung, at most about `LOOK_S`.

        Raises:
            PublishError: the connection was lost meanwhile.
        """

    def close(self) -> None:
        """Disconnect; it can be opened again."""

    def abort(self) -> None:
        """Make the current request fail at once."""


def reason_of(error: Exception) -> str:
    """Return the reason that the system or TLS gives; nothing that a receiver sent."""
    reason: str = getattr(error, "verify_message", "") or getattr(error, "strerror", "") or str(error)
    return reason or type(error).__name__


def tls_context(ca_file: str, key: str) -> ssl.SSLContext:
    """Return a context that trusts the CAs of a PEM file, without one those of the system.

    `key`: the configuration key of the file, for errors.

    Raises:
        ConfigError: the file can't be used.
    """
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except ssl.SSLError as error:
        raise ConfigError(f'{key} = "{ca_file}": contains no PEM certificate') from error
    except OSError as error:
        raise ConfigError(f'{key} = "{ca_file}": can\'t be read: {error.strerror}') from error


class Bell:
    """Wakes a thread; stays rung until cleared. An eventfd(2): ringing costs a scan next to nothing."""

    def __init__(self) -> None:
        self._fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        # Open while anything refers to it: ringing a closed one could hit another file of that number.
        weakref.finalize(self, os.close, self._fd)

    def fileno(self) -> int:
        """Return the file descriptor, readable while the bell is rung."""
        return self._fd

    def ring(self) -> None:
        """Wake the thread that waits, or will wait."""
        with suppress(BlockingIOError):
            os.eventfd_write(self._fd, 1)

    def clear(self) -> None:
        """Forget that it was rung."""
        with suppress(BlockingIOError):
            os.eventfd_read(self._fd)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until it is rung, or for `timeout_s`; return whether it is rung."""
        waiting = select.poll()
        waiting.register(self._fd, select.POLLIN)
        return bool(waiting.poll(None if timeout_s is None else max(timeout_s, 0.0) * 1000))


_json = msgspec.json.Encoder()


def row_json(row: HistoryRow) -> bytes:
    """Encode a history row, with the keys that it has everywhere."""
    return _json.encode(sent_entry(row))


def move_json(move: Move) -> bytes:
    """Encode a move."""
    return _json.encode(_move(move))


def session_json(session: EndedSession) -> bytes:
    """Encode the end of a session."""
    return _json.encode(asdict(session))


def rows_request(rows: Sequence[HistoryRow]) -> bytes:
    """Encode the body of a request with rows."""
    return _json.encode({"type": "history", "rows": [sent_entry(row) for row in rows]})


def moves_request(moves: Sequence[Move]) -> bytes:
    """Encode the body of a request with moves."""
    return _json.encode({"type": "moves", "moves": [_move(move) for move in moves]})


def session_request(session: EndedSession) -> bytes:
    """Encode the body of a request with the end of a session."""
    return _json.encode({"type": "session_ended", "session": asdict(session)})


def _move(move: Move) -> dict[str, Any]:
    values = asdict(move)
    return values | {"generated": True} if values.pop("is_generated") else values
