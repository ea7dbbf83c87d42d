"""The log's lines: one an event, inert, in the format that was asked for."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from station import log
from station.events import (
    CommandRefused,
    DatabaseChanged,
    Event,
    HistoryAsked,
    ScanFailed,
    ScannerChanged,
    ScannerState,
    ScanRejected,
)
from station.log import EventLog
from station.settings import LogSettings
from station.stamping import now, stamp

if TYPE_CHECKING:
    from collections.abc import Iterator

Written = pytest.CaptureFixture[str]
NASTY = 'SN\x1b[2J\n"x" \\ \u202e<4>_priority=3 event=other'
EVENTS: list[tuple[Event, str, str, int]] = [
    (HistoryAsked(), "history_asked", "info", 6),
    (CommandRefused("$$SAVE", "no document open"), "command_refused", "warning", 4),
    (ScanRejected(now(), "left", "cut", b"SN\xff"), "scan_rejected", "warning", 4),
    (ScanFailed(stamp(NASTY, "left"), "the disk is full"), "scan_failed", "error", 3),
    (ScannerChanged("left", ScannerState.FAILED, "no port"), "scanner_changed", "error", 3),
    (ScannerChanged("left", ScannerState.DISCONNECTED, "away"), "scanner_changed", "warning", 4),
    (ScannerChanged("left", ScannerState.CONNECTED, "there"), "scanner_changed", "info", 6),
    (DatabaseChanged(ok=False, detail="away"), "database_changed", "error", 3),
    (DatabaseChanged(ok=True, detail=""), "database_changed", "info", 6),
]


@pytest.fixture
def written(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[pytest.CaptureFixture[str]]:
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)
    yield capsys
    structlog.reset_defaults()


def _lines(written: Written, settings: LogSettings, *events: Event) -> list[str]:
    log.configure(settings)
    events_log = EventLog("dock-1")
    for event in events:
        events_log.on_event(event)
    return written.readouterr().err.splitlines()


@pytest.mark.parametrize("kind", ["json", "journal", "console"])
def test_an_event_is_one_line_that_holds_no_control_character(written: Written, kind: Any) -> None:
    lines = _lines(written, LogSettings(format=kind), *(event for event, *_ in EVENTS))
    assert len(lines) == len(EVENTS)
    assert all(line.isprintable() for line in lines)


def test_json_lines_name_event_level_station_and_time(written: Written) -> None:
    lines = _lines(written, LogSettings(format="json"), *(event for event, *_ in EVENTS))
    for line, (_, name, level, _) in zip(lines, EVENTS, strict=True):
        plain = json.loads(line)
        assert (plain["event"], plain["level"], plain["station"]) == (name, level, "dock-1")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", plain["timestamp"])
    rejected = json.loads(lines[2])
    assert (rejected["scanner"], rejected["reason"], rejected["data"]) == ("left", "cut", "534eff")
    assert json.loads(lines[3])["text"].startswith("SN\\u001B[2J\\u000A")


def test_journal_lines_begin_with_their_priority_and_the_event(written: Written) -> None:
    lines = _lines(written, LogSettings(format="journal"), *(event for event, *_ in EVENTS))
    for line, (_, name, _, priority) in zip(lines, EVENTS, strict=True):
        assert line.startswith(f"<{priority}>event={name} ")
        assert "station=dock-1" in line


def test_the_journal_is_written_where_systemd_says_so(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", "8:1")
    assert _lines(written, LogSettings(), HistoryAsked()) == ["<6>event=history_asked station=dock-1"]


def test_what_is_below_the_level_is_left_out(written: Written) -> None:
    lines = _lines(written, LogSettings(format="json", level="error"), *(event for event, *_ in EVENTS))
    assert [json.loads(line)["level"] for line in lines] == ["error"] * 3


@pytest.mark.parametrize("kind", ["json", "journal", "console"])
def test_a_fault_of_ours_says_what_it_was(written: Written, kind: Any) -> None:
    log.configure(LogSettings(format=kind))
    try:
        _fail()
    except ZeroDivisionError:
        structlog.get_logger().exception("telling_failed", entry="x")
    text = written.readouterr().err
    assert "ZeroDivisionError" in text
    assert "a fault" in text
    assert kind == "console" or len(text.splitlines()) == 1


def _fail() -> None:
    raise ZeroDivisionError("a fault")
