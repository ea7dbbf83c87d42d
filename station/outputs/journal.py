"""Writes log entries with the journal's native protocol, so that each value is a field to filter by.

The format is that of https://systemd.io/JOURNAL_NATIVE_PROTOCOL/. Without a journal, or when it rejects an
entry, the line goes to standard error with its priority in front, as systemd expects it (sd-daemon(3)).
"""

from __future__ import annotations

import re
import socket
import struct
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from logging_journald import JournaldTransport

if TYPE_CHECKING:
    from collections.abc import Mapping

SOCKET = Path("/run/systemd/journal/socket")
PREFIX = "SCANSTATION_"
"""Prefix of the station's own fields; the others are journald's (systemd.journal-fields(7))."""
IDENTIFIER = "scanstation"
NAME_CHARACTERS = 64
"""The longest field name that journald accepts."""
PATIENCE_S = 1
"""How long to wait for a journal that hangs: scans must not wait for it."""
LEFT_ALONE_S = 30
"""How long a journal that hung gets no entries: waiting for it with each entry would hold up the desk."""
_NOT_IN_A_NAME = re.compile(r"[^A-Z0-9_]")


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One event: a line to read, and its values."""

    priority: int
    """The syslog priority: 7 debug to 2 critical."""
    line: str
    values: Mapping[str, str]
    """By the log's key names: ``event``, ``scanner``."""
    traceback: str = ""
    """The traceback of an internal error, unprintable characters escaped."""

    def fields(self) -> dict[str, str]:
        """Return the entry's journal fields."""
        message = f"{self.line}\n{self.traceback}" if self.traceback else self.line
        own = {field_name(key): value for key, value in self.values.items()}
        return own | {"MESSAGE": message, "PRIORITY": str(self.priority), "SYSLOG_IDENTIFIER": IDENTIFIER}

    def plain(self) -> str:
        """Return the entry as one line for standard error."""
        exception = self.traceback.replace("\n", "\\u000A")
        return f"<{self.priority}>{self.line}" + (f' exception="{exception}"' if exception else "")


def field_name(key: str) -> str:
    """Return the journal's field name of a key: ``SCANSTATION_SERIAL_NUMBER`` for ``serial_number``."""
    return (PREFIX + _NOT_IN_A_NAME.sub("_", key.upper()))[:NAME_CHARACTERS]


class JournalLogger:
    """The logger that structlog writes to; each method takes one entry. Thread-safe."""

    def __init__(self, lines: TextIO, socket_path: Path = SOCKET) -> None:
        """`lines`: gets the entries that the journal doesn't take."""
        self._lines = lines
        self._path = socket_path
        self._again_at = 0.0

    def msg(self, entry: JournalEntry) -> None:
        """Write one entry, to the journal if possible."""
        if not self._is_taken(entry):
            self._lines.write(entry.plain() + "\n")
            self._lines.flush()

    debug = info = warning = error = critical = exception = msg

    def _is_taken(self, entry: JournalEntry) -> bool:
        if time.monotonic() < self._again_at:
            return False
        try:
            self._transport.send(entry.fields().items())
        except BlockingIOError:
            self._again_at = time.monotonic() + LEFT_ALONE_S
            return False
        except OSError:
            return False
        return True

    @cached_property
    def _transport(self) -> JournaldTransport:
        """Not connected: each entry is sent to the socket's path, so a restarted journal is found."""
        transport = JournaldTransport(self._path, connected=False)
        transport.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", PATIENCE_S, 0))
        return transport

    def close(self) -> None:
        """Close the socket."""
        if "_transport" in self.__dict__:
            self._transport.socket.close()
