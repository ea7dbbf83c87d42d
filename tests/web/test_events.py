from __future__ import annotations

import itertools
import socket
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.config.settings import DisplaySettings
from station.errors import DatabaseError
from station.events import HistoryAdded, HistoryAsked
from station.office.sending import SqlOffice
from station.outputs.display.keeper import DisplayStateKeeper
from station.repository.view import View
from station.source import stamp
from station.web.app import Web
from station.web.server import WebServer
from tests.terminal.dock import DOCK, Dock, assigned, record
from tests.web.asking import ask, problem_of
from tests.web.streams import Received, stream

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.history import HistoryRow

_numbers = itertools.count(1)


def _book(station: Dock, *serials: str) -> list[str]:
    """Book rows as the desk does: first on disk, and only then published."""
    rows = [assigned(serial) for serial in serials]
    for row in rows:
        record(station.engine, station.keeper._reader.newest() + 1, row)
    for row in rows:
        station.bus.publish(HistoryAdded(row))
    return [row.id for row in rows]


def test_a_row_of_history_has_its_number_as_its_id(station: Dock) -> None:
    with stream(station.url) as events:
        assert events.receive() == Received("", "0", None)
        (row_id,) = _book(station, "SN-1")
        (row,) = events.rows(1)
        assert (row["id"], row["number"], row["serial_number"]) == (row_id, 1, "SN-1")
        _, listed = ask(station.url, "GET", "/api/v1/history")
        assert row == listed["rows"][0] | {"number": 1}


def test_without_an_id_only_new_rows_are_sent(station: Dock) -> None:
    _book(station, "SN-1", "SN-2")
    with stream(station.url) as events:
        assert events.receive() == Received("", "2", None)
        _book(station, "SN-3")
        assert [row["serial_number"] for row in events.rows(1)] == ["SN-3"]


def test_a_reader_cut_off_before_the_first_row_resumes_without_a_gap(station: Dock) -> None:
    _book(station, "SN-1")
    with stream(station.url) as events:
        seen = events.receive().last_event_id
    _book(station, "SN-2", "SN-3")
    with stream(station.url, seen) as events:
        assert [row["serial_number"] for row in events.rows(2)] == ["SN-2", "SN-3"]


def test_the_first_connection_may_give_its_place_in_the_query_and_the_header_takes_precedence(
    station: Dock,
) -> None:
    _book(station, "SN-1", "SN-2", "SN-3")
    with stream(station.url, query="?last_event_id=0") as events:
        assert [row["number"] for row in events.rows(3)] == [1, 2, 3]
    with stream(station.url, "2", query="?last_event_id=0") as events:
        assert [row["number"] for row in events.rows(1)] == [3]
    _, state = ask(station.url, "GET", "/api/v1/state")
    assert state["newest"] == 3


def test_each_change_of_the_state_is_sent_without_an_id(station: Dock) -> None:
    with stream(station.url, "0") as events:
        first = events.receive()
        if not first.kind:
            first = events.receive()
        assert first == Received("state", "0", {"version": station.keeper.changes.version})
        station.bus.publish(HistoryAsked())
        assert events.receive() == Received("state", "0", {"version": station.keeper.changes.version})


def test_an_id_that_the_station_has_not_reached_starts_with_new_rows(station: Dock) -> None:
    """The id is from another database, or a state's version, as ids once were: waiting for it has no end."""
    _book(station, "SN-1")
    with stream(station.url, "1795517809398") as events:
        assert events.receive() == Received("", "1", None)
        _book(station, "SN-2")
        assert [row["number"] for row in events.rows(1)] == [2]


@pytest.mark.parametrize("wrong", ["x", "-1", "1.5", "0x10", "9" * 40])
def test_a_wrong_id_is_refused(station: Dock, wrong: str) -> None:
    status, detail = problem_of(station.url, "GET", "/api/v1/events", None, {"Last-Event-ID": wrong})
    assert (status, detail.startswith("Last-Event-ID must be a whole number")) == (400, True)
    assert "null" not in detail
    assert "str" not in detail
    assert problem_of(station.url, "GET", f"/api/v1/events?last_event_id={wrong}")[0] == 400


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cuts=st.lists(st.integers(0, 2000), max_size=6),
    before=st.integers(0, 130),
    during=st.lists(st.integers(1, 40), max_size=5),
)
def test_a_stream_cut_anywhere_resumes_with_exactly_the_rows_that_follow(
    station: Dock, cuts: list[int], before: int, during: list[int]
) -> None:
    """A stream is cut at any byte: complete events are not sent again, incomplete ones are."""
    start = station.keeper._reader.newest()
    names = (f"SN-{number}" for number in _numbers)
    serials = list(itertools.islice(names, before + sum(during)))
    booked = _book(station, *serials[:before])
    received: list[str] = []
    last_event_id = str(start)
    parts = list(during)
    for cut in [*cuts, None]:
        with stream(station.url, last_event_id) as events:
            if cut is not None:
                # The reader is cut off at that byte, whatever is there.
                events.response.fp = _Cut(events.response.fp, cut)  # type: ignore[assignment]
            try:
                if parts:
                    count = parts.pop(0)
                    booked += _book(station, *serials[len(booked) : len(booked) + count])
                while len(received) < len(booked):
                    event = events.receive()
                    if event.kind == "history":
                        received.append(event.data["id"])
                        last_event_id = event.last_event_id
            except (EOFError, AssertionError):
                assert cut is not None
    assert received == booked


class _AwayView(View):
    """A database that is unavailable while `is_away` is set."""

    is_away = False

    def newest(self) -> int:
        if self.is_away:
            raise DatabaseError("the cable is cut")
        return super().newest()

    def history_after(self, number: int, limit: int) -> Sequence[tuple[int, HistoryRow]]:
        if self.is_away:
            raise DatabaseError("the cable is cut")
        return super().history_after(number, limit)


def test_rows_booked_while_the_database_was_unavailable_are_sent_when_it_is_back(
    station: Dock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("station.web.events.UNWELL_S", 0.02)
    _book(station, "SN-1")
    view = _AwayView(station.engine, DOCK)
    keeper = DisplayStateKeeper(view, DOCK, "MAIN")
    server = WebServer(
        Web(keeper, view, station.inbox, stamp, lambda: True, SqlOffice(station.engine)),
        DisplaySettings(listen="127.0.0.1:0"),
    )
    url = server.start()
    try:
        with stream(url, "0") as before:
            assert [row["number"] for row in before.rows(1)] == [1]
            view.is_away = True
            with stream(url) as during:
                assert during.receive() == Received("", "1", None)
                _book(station, "SN-2", "SN-3")
                view.is_away = False
                assert [row["number"] for row in during.rows(2)] == [2, 3]
                assert [row["number"] for row in before.rows(2)] == [2, 3]
    finally:
        server.stop()


def test_a_reader_that_does_not_read_blocks_nobody(station: Dock) -> None:
    host, port = station.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as dead, stream(station.url) as alive:
        # Its first block, which may be later than its headers, shows where the stream begins.
        assert alive.receive() == Received("", "0", None)
        dead.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        dead.sendall(b"GET /api/v1/events?last_event_id=0 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        for number in range(20):
            _book(station, *(f"SN-{number}-{each}" for each in range(200)))
            # At once: one that waits with reading is cut off like the other.
            assert len(alive.rows(200)) == 200
        assert ask(station.url, "POST", "/api/v1/scans", {"text": "SN-1"})[0] == 200


class _Cut:
    """A connection that ends after a number of bytes."""

    def __init__(self, file: object, left: int) -> None:
        self._file, self._left = file, left

    def readline(self, *limit: int) -> bytes:
        line: bytes = self._file.readline(*limit)  # type: ignore[attr-defined]
        got, self._left = line[: self._left], max(0, self._left - len(line))
        return got

    def __getattr__(self, name: str) -> object:
        return getattr(self._file, name)
