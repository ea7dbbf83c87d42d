"""The log: structlog, one line an event, to the journal, as JSON, or for a person at a terminal.

Event names are the names of the classes in `events`, in snake case, the same everywhere.
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

from station.events import (
    CommandRefused,
    DatabaseChanged,
    LabelNotPrinted,
    LabelRead,
    ScanFailed,
    ScannerChanged,
    ScannerState,
    ScanRejected,
)
from station.inert import inert

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from station.events import Event
    from station.settings import LogSettings

_PRIORITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
"""Of syslog, as systemd reads them in front of a line (sd-daemon(3))."""


def configure(settings: LogSettings) -> None:
    """Set the log up, for the whole process; it goes to standard error."""
    kind = settings.format
    if kind == "auto":
        kind = "journal" if "JOURNAL_STREAM" in os.environ else "console" if sys.stderr.isatty() else "json"
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            *([] if kind == "journal" else [structlog.processors.TimeStamper(fmt="iso", utc=True)]),
            *([] if kind == "console" else [structlog.processors.format_exc_info]),
            _inert_values,
            *_renderers(kind),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, settings.level.upper())),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _renderers(kind: str) -> list[Any]:
    if kind == "json":
        return [structlog.processors.JSONRenderer()]
    if kind == "journal":
        return [_priority, structlog.processors.LogfmtRenderer(key_order=["event"]), _join_priority]
    return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]


def _inert_values(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A label's text must not move a terminal's cursor, nor begin a line of its own."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = inert(value)
    return event


_PRIORITY_KEY = "_priority"


def _priority(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event[_PRIORITY_KEY] = _PRIORITIES[event.pop("level")]
    return event


def _join_priority(_logger: object, _method: str, line: str) -> str:
    """``event=… … _priority=6`` to ``<6>event=…``."""
    text, _, priority = line.rpartition(f" {_PRIORITY_KEY}=")
    return f"<{priority}>{text}"


class EventLog:
    """Writes each event of the station as one line."""

    def __init__(self, station: str) -> None:
        self._log = structlog.get_logger().bind(station=station)

    def on_event(self, event: Event) -> None:
        """Write it; what came of a label stands in the other events, the printer writes what it can't."""
        if isinstance(event, LabelNotPrinted | LabelRead):
            return
        values = {key: value for key, value in _flat(event).items() if value is not None}
        # The station's own name is bound already.
        values.pop("station", None)
        # "event" is the log's own key for the name, "text" stays the label's.
        getattr(self._log, _level(event))(_name(event), **values)


def _name(event: Event) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(event).__name__).lower()


def _level(event: Event) -> str:
    match event:
        case ScanFailed() | DatabaseChanged(ok=False) | ScannerChanged(state=ScannerState.FAILED):
            return "error"
        case ScanRejected() | CommandRefused() | ScannerChanged(state=ScannerState.DISCONNECTED):
            return "warning"
        case _:
            return "info"


def _flat(value: object) -> dict[str, Any]:
    """An event's fields; those of a row, a question or a source stand beside the event's own."""
    flat: dict[str, Any] = {}
    for field in fields(value):  # type: ignore[arg-type]
        inner = getattr(value, field.name)
        if is_dataclass(inner):
            # A question's own text is not that of the label that raised it.
            flat |= {
                key if key not in flat else f"{field.name}_{key}": each for key, each in _flat(inner).items()
            }
        elif isinstance(inner, tuple):
            flat[field.name] = len(inner)
        elif isinstance(inner, bytes):
            flat[field.name] = inner.hex()
        elif isinstance(inner, datetime):
            flat[field.name] = inner.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        else:
            flat[field.name] = inner.value if isinstance(inner, Enum) else inner
    return flat
