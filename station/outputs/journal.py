"""The journal's own protocol: what is told of an event are fields of its entry, to ask the journal for.

The format is that of https://systemd.io/JOURNAL_NATIVE_PROTOCOL/. Where there is no journal, or it doesn't
take the entry, its line goes to standard error with the priority in front, as systemd reads it there
(sd-daemon(3)).
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
"""Of the fields that are ours; those without are journald's own (systemd.journal-fields(7))."""
IDENTIFIER = "scanstation"
NAME_CHARACTERS = 64
"""The longest name of a field that journald takes."""
PATIENCE_S = 1
"""How long a journal that stands still is waited for: scans must not."""
LEFT_ALONE_S = 30
"""How long one that stood still gets nothing: waiting for it anew with each entry would hold up the desk."""
_NOT_IN_A_NAME = re.compile(r"[^A-Z0-9_]")


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One event as it is told: a line to read, and what it says as values."""

    priority: int
    """Of syslog: 7 debug to 2 critical."""
    line: str
    values: Mapping[str, str]
    """By the log's own names: ``event``, ``scanner``."""
    traceback: str = ""
    """Of a fault of ours, in lines; each of them inert."""

    def fields(self) -> dict[str, str]:
        """The entry's fields."""
        message = f"{self.line}\n{self.traceback}" if self.traceback else self.line
        own = {field_name(key): value for key, value in self.values.items()}
        return own | {"MESSAGE": message, "PRIORITY": str(self.priority), "SYSLOG_IDENTIFIER": IDENTIFIER}

    def plain(self) -> str:
        """The entry as one line for standard error."""
        behind = self.traceback.replace("\n", "\\u000A")
        return f"<{self.priority}>{self.line}" + (f' exception="{behind}"' if behind else "")


def field_name(key: str) -> str:
    """What the journal calls one of our values: ``serial_number`` is ``SCANSTATION_SERIAL_NUMBER``."""
    return (PREFIX + _NOT_IN_A_NAME.sub("_", key.upper()))[:NAME_CHARACTERS]


class JournalLogger:
    """What structlog writes to; each method takes one entry. Any thread may call."""

    def __init__(self, lines: TextIO, socket_path: Path = SOCKET) -> None:
        """`lines`: where entries go that the journal doesn't take."""
        self._lines = lines
        self._path = socket_path
        self._again_at = 0.0

    def msg(self, entry: JournalEntry) -> None:
        """Write one entry, to the journal if it can be."""
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
        """Names the journal's socket with each entry: a journal that was started again is found."""
        transport = JournaldTransport(self._path, connected=False)
        transport.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", PATIENCE_S, 0))
        return transport

    def close(self) -> None:
        """Let go of the socket."""
        if "_transport" in self.__dict__:
            self._transport.socket.close()
