"""What a publisher needs of the database and of the way to its receiver."""

from __future__ import annotations

import os
import select
import ssl
import weakref
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Protocol

import msgspec

from station.errors import ConfigError
from station.outputs.display.state import entry_shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.history import EndedSession, Entry, HistoryRow, Lag, Position


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


def reason_of(error: Exception) -> str:
    """What the system or TLS says; nothing that a receiver sent."""
    says: str = getattr(error, "verify_message", "") or getattr(error, "strerror", "") or str(error)
    return says or type(error).__name__


def tls_context(ca_file: str, key: str) -> ssl.SSLContext:
    """The trust in those of a PEM file, or with none in those of this machine; `key` names it.

    Raises:
        ConfigError: the file can't be used.
    """
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except ssl.SSLError as error:
        raise ConfigError(f'{key} = "{ca_file}": holds no certificate in PEM') from error
    except OSError as error:
        raise ConfigError(f'{key} = "{ca_file}": can\'t be read: {error.strerror}') from error


class Bell:
    """Stays rung until it is cleared. An eventfd(2): ringing costs the one who scans next to nothing."""

    def __init__(self) -> None:
        self._fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        # Whoever may still ring it keeps it open: another file could have its number by then.
        weakref.finalize(self, os.close, self._fd)

    def fileno(self) -> int:
        """Readable while it is rung."""
        return self._fd

    def ring(self) -> None:
        """Wake who waits, or will wait."""
        with suppress(BlockingIOError):
            os.eventfd_write(self._fd, 1)

    def clear(self) -> None:
        """Forget that it was rung."""
        with suppress(BlockingIOError):
            os.eventfd_read(self._fd)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Until it is rung, or for so long; whether it is."""
        waiting = select.poll()
        waiting.register(self._fd, select.POLLIN)
        return bool(waiting.poll(None if timeout_s is None else max(timeout_s, 0.0) * 1000))


_json = msgspec.json.Encoder()


def row_json(row: HistoryRow) -> bytes:
    """A row of history, with the keys that it has everywhere."""
    return _json.encode(entry_shown(row))


def session_json(session: EndedSession) -> bytes:
    """The end of a session."""
    return _json.encode(asdict(session))


def rows_request(rows: Sequence[HistoryRow]) -> bytes:
    """The body of a request with rows."""
    return _json.encode({"type": "history", "rows": [entry_shown(row) for row in rows]})


def session_request(session: EndedSession) -> bytes:
    """The body of a request with the end of a session."""
    return _json.encode({"type": "session_ended", "session": asdict(session)})
