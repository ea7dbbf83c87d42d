"""The log's lines: one per event, escaped, in the configured format."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.config.settings import LogSettings
from station.events import (
    CommandRefused,
    DatabaseChanged,
    Event,
    HistoryAdded,
    HistoryAsked,
    ScanFailed,
    ScannerChanged,
    ScannerState,
    ScanRejected,
)
from station.history import HistoryRow
from station.i18n.messages import escape_unprintable
from station.outcomes import Action
from station.outputs import log
from station.outputs.journal import JournalLogger
from station.outputs.log import EventLog
from station.source import now, stamp
from tests.journals import FakeJournal

if TYPE_CHECKING:
    from collections.abc import Iterator

NOWHERE = Path("/nonexistent/journal")
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
    logger = structlog.get_config()["logger_factory"]()
    if isinstance(logger, JournalLogger):
        logger.close()
    structlog.reset_defaults()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[FakeJournal]:
    with FakeJournal(tmp_path / "socket") as journal:
        yield journal


def _lines(written: Written, settings: LogSettings, *events: Event, journal: Path = NOWHERE) -> list[str]:
    log.configure(settings, journal)
    events_log = EventLog("dock-1")
    for event in events:
        events_log.on_event(event)
    return written.readouterr().err.splitlines()


@pytest.mark.parametrize("kind", ["json", "journal", "console"])
def test_an_event_is_one_line_without_control_characters(written: Written, kind: Any) -> None:
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


def test_journal_lines_start_with_their_priority_and_the_event(written: Written) -> None:
    lines = _lines(written, LogSettings(format="journal"), *(event for event, *_ in EVENTS))
    for line, (_, name, _, priority) in zip(lines, EVENTS, strict=True):
        assert line.startswith(f"<{priority}>event={name} ")
        assert "station=dock-1" in line


def test_the_log_goes_to_the_journal_if_standard_error_does(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = os.fstat(2)
    monkeypatch.setenv("JOURNAL_STREAM", f"{own.st_dev}:{own.st_ino}")
    assert _lines(written, LogSettings(), HistoryAsked()) == ["<6>event=history_asked station=dock-1"]


def test_a_child_of_a_service_does_not_take_its_terminal_for_the_journal(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOURNAL_STREAM", "8:1")
    (line,) = _lines(written, LogSettings(), HistoryAsked())
    assert json.loads(line)["event"] == "history_asked"


def test_an_events_values_are_fields_of_the_journal_entry(written: Written, journal: FakeJournal) -> None:
    events = [event for event, *_ in EVENTS]
    assert _lines(written, LogSettings(format="journal"), *events, journal=journal.path) == []
    entries = journal.entries(len(EVENTS))
    for entry, (_, name, _, priority) in zip(entries, EVENTS, strict=True):
        assert (entry["SCANSTATION_EVENT"], entry["PRIORITY"]) == (name, str(priority))
        assert (entry["SCANSTATION_STATION"], entry["SYSLOG_IDENTIFIER"]) == ("dock-1", "scanstation")
        assert entry["MESSAGE"].startswith(f"event={name} ")
    rejected = entries[2]
    assert (rejected["SCANSTATION_SCANNER"], rejected["SCANSTATION_REASON"]) == ("left", "cut")
    assert rejected["SCANSTATION_DATA"] == "534eff"


def test_each_column_of_a_history_row_is_a_journal_field(written: Written, journal: FakeJournal) -> None:
    source = stamp("SN-2", "left")
    row = HistoryRow(
        id=source.id,
        at=source.at,
        station="dock-1",
        session=12,
        document="CM-1001",
        action=Action.ASSIGNED,
        reason=None,
        serial_number="SN-2",
        mfr_serial_number=None,
        item="PROC-1",
        description="Processor 8 cores",
        stock_area="SOLD",
        operator=None,
        scanner="left",
        text="SN-2",
    )
    _lines(written, LogSettings(format="journal"), HistoryAdded(row), journal=journal.path)
    (entry,) = journal.entries(1)
    logged = {key: value for key, value in entry.items() if key.startswith("SCANSTATION_")}
    assert logged.pop("SCANSTATION_AT").endswith("Z")
    assert logged == {
        "SCANSTATION_EVENT": "history_added",
        "SCANSTATION_STATION": "dock-1",
        "SCANSTATION_ID": source.id,
        "SCANSTATION_SESSION": "12",
        "SCANSTATION_DOCUMENT": "CM-1001",
        "SCANSTATION_QUANTITY": "1",
        "SCANSTATION_TOO_MANY": "0",
        "SCANSTATION_ACTION": "Assigned",
        "SCANSTATION_SERIAL_NUMBER": "SN-2",
        "SCANSTATION_ITEM": "PROC-1",
        "SCANSTATION_DESCRIPTION": "Processor 8 cores",
        "SCANSTATION_STOCK_AREA": "SOLD",
        "SCANSTATION_SCANNER": "left",
        "SCANSTATION_TEXT": "SN-2",
    }


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(st.characters(exclude_categories=[]), max_size=60)
    | st.sampled_from(["SN\nPRIORITY=0\nMESSAGE=x", "\n", "=", "\x00", "\ud800", NASTY])
)
def test_no_label_adds_or_changes_a_field_or_moves_a_terminal(
    written: Written, journal: FakeJournal, text: str
) -> None:
    plain = _logged_values(written, journal, "SN-2")
    logged = _logged_values(written, journal, text)
    assert set(logged) == set(plain)
    assert logged["SCANSTATION_TEXT"] == escape_unprintable(text)
    assert all(value.isprintable() for value in logged.values())
    of_the_scan = {"MESSAGE", "SCANSTATION_TEXT", "SCANSTATION_ID", "SCANSTATION_AT"}
    assert {key: logged[key] for key in logged.keys() - of_the_scan} == {
        key: plain[key] for key in plain.keys() - of_the_scan
    }


def _logged_values(written: Written, journal: FakeJournal, text: str) -> dict[str, str]:
    event = ScanFailed(stamp(text, "left"), "the disk is full")
    assert _lines(written, LogSettings(format="journal"), event, journal=journal.path) == []
    structlog.get_config()["logger_factory"]().close()
    (entry,) = journal.entries(1)
    return entry


def test_a_traceback_keeps_its_lines_in_the_journal(written: Written, journal: FakeJournal) -> None:
    log.configure(LogSettings(format="journal"), journal.path)
    try:
        _fail()
    except ZeroDivisionError:
        structlog.get_logger().exception("telling_failed", entry="x")
    (entry,) = journal.entries(1)
    first, traceback, *_, last = entry["MESSAGE"].split("\n")
    assert (first, traceback) == ("event=telling_failed entry=x", "Traceback (most recent call last):")
    assert last == "ZeroDivisionError: a fault"
    assert entry["PRIORITY"] == "3"
    assert written.readouterr().err == ""


def test_entries_below_the_level_are_dropped(written: Written) -> None:
    lines = _lines(written, LogSettings(format="json", level="error"), *(event for event, *_ in EVENTS))
    assert [json.loads(line)["level"] for line in lines] == ["error"] * 3


@pytest.mark.parametrize("kind", ["json", "journal", "console"])
def test_an_internal_error_is_logged_with_its_traceback(written: Written, kind: Any) -> None:
    log.configure(LogSettings(format=kind), NOWHERE)
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
