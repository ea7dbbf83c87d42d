"""The log: one structlog entry per event, to the journal, as JSON, or for a person at a terminal.

An entry's event name is the name of its class in `events`, in snake case.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

import structlog
from msgspec import Struct

from station.events import (
    CommandRefused,
    DatabaseChanged,
    LabelNotPrinted,
    LabelRead,
    PublisherChanged,
    Reconfigured,
    ScanFailed,
    ScannerChanged,
    ScannerState,
    ScanRejected,
)
from station.i18n.messages import escape_unprintable
from station.outputs.journal import SOCKET, JournalEntry, JournalLogger
from station.source import timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping
    from pathlib import Path

    from station.config.settings import LogSettings
    from station.events import Event

_PRIORITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
"""Syslog priorities, as systemd reads them in front of a line (sd-daemon(3))."""


def configure(settings: LogSettings, journal: Path = SOCKET) -> None:
    """Set up the log of the whole process: to `journal`, or to standard error."""
    kind = settings.format
    if kind == "auto":
        kind = "journal" if _is_read_by_journal() else "console" if sys.stderr.isatty() else "json"
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            *([] if kind == "journal" else [structlog.processors.TimeStamper(fmt="iso", utc=True)]),
            *([] if kind == "console" else [structlog.processors.format_exc_info]),
            *([_traceback_apart] if kind == "journal" else []),
            _inert_values,
            _renderer(kind),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, settings.level.upper())),
        logger_factory=_loggers(kind, journal),
        # A later call must also reach the loggers that exist already.
        cache_logger_on_first_use=False,
    )


def _is_read_by_journal() -> bool:
    """Whether standard error is the journal (systemd.exec(5)); a child process may inherit the variable."""
    try:
        found = os.fstat(2)
    except OSError:
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"


def _loggers(kind: str, journal: Path) -> Callable[..., Any]:
    if kind != "journal":
        return structlog.WriteLoggerFactory(sys.stderr)
    logger = JournalLogger(sys.stderr, journal)
    return lambda *_names: logger


def _renderer(kind: str) -> Any:
    if kind == "json":
        return structlog.processors.JSONRenderer()
    if kind == "journal":
        return _journal_entry
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())


def _inert_values(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Escape values: a label's text must not move the cursor or start a new line."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = escape_unprintable(value)
    return event


_TRACEBACK = "_traceback"
_line = structlog.processors.LogfmtRenderer(key_order=["event"])


def _traceback_apart(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Keep the lines of a traceback apart for the journal, each one escaped."""
    if "exception" in event:
        event[_TRACEBACK] = [escape_unprintable(line) for line in event.pop("exception").split("\n")]
    return event


def _journal_entry(
    logger: Any, method: str, event: MutableMapping[str, Any]
) -> tuple[tuple[JournalEntry], dict[str, Any]]:
    """Render the event for `JournalLogger`."""
    priority = _PRIORITIES[event.pop("level")]
    traceback = "\n".join(event.pop(_TRACEBACK, ()))
    values = {key: _field(value) for key, value in event.items() if value is not None}
    return (JournalEntry(priority, _line(logger, method, event), values, traceback),), {}


def _field(value: object) -> str:
    """Return a value as the line shows it, without quotes."""
    return str(value).lower() if isinstance(value, bool) else escape_unprintable(str(value))


class EventLog:
    """Writes each event of the station as one entry."""

    def __init__(self, station: str) -> None:
        self._log = structlog.get_logger(station=station)

    def on_event(self, event: Event) -> None:
        """Write the event, unless others cover it: the result of a label is in the events that follow."""
        if isinstance(event, LabelNotPrinted | LabelRead | Reconfigured):
            return
        values = {key: value for key, value in _flat(event).items() if value is not None}
        # The station's name is bound already.
        values.pop("station", None)
        getattr(self._log, _level(event))(_name(event), **values)


def _name(event: Event) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(event).__name__).lower()


def _level(event: Event) -> str:
    match event:
        case ScanFailed() | DatabaseChanged(ok=False) | ScannerChanged(state=ScannerState.FAILED):
            return "error"
        case ScanRejected() | CommandRefused() | ScannerChanged(state=ScannerState.DISCONNECTED):
            return "warning"
        case PublisherChanged(ok=False):
            return "warning"
        case _:
            return "info"


def _flat(value: object) -> dict[str, Any]:
    """Return an event's fields; those of a nested row, question or source are on the same level."""
    flat: dict[str, Any] = {}
    for name in _names(value):
        inner = getattr(value, name)
        if _names(inner):
            # A question's text is not the text of the label that raised it.
            flat |= {key if key not in flat else f"{name}_{key}": each for key, each in _flat(inner).items()}
        elif isinstance(inner, tuple):
            flat[name] = len(inner)
        elif isinstance(inner, bytes):
            flat[name] = inner.hex()
        elif isinstance(inner, datetime):
            flat[name] = timestamp(inner)
        else:
            flat[name] = inner.value if isinstance(inner, Enum) else inner
    return flat


def _names(value: object) -> tuple[str, ...]:
    """Return the field names of an event or a value in it; empty for a plain value."""
    if isinstance(value, Struct):
        return value.__struct_fields__
    return tuple(field.name for field in fields(value)) if is_dataclass(value) else ()
