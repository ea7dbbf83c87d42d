from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from station.config.settings import DisplaySettings
from station.errors import DatabaseError, StationError
from station.events import CommandRefused, HistoryAsked, QuestionRaised
from station.office.sending import SqlOffice
from station.repository.view import View
from station.source import stamp
from station.web.app import Web
from station.web.server import WebServer
from tests.terminal.dock import DOCK, Dock, assigned, question, record, running
from tests.web.asking import JSON, ask, problem_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.history import HistoryRow

LOCAL = DisplaySettings(listen="127.0.0.1:0")


def test_a_posted_scan_goes_to_the_queue_and_its_rows_come_back(station: Dock) -> None:
    status, answer = ask(station.url, "POST", "/api/v1/scans", {"text": " SN-1\x1d", "scanner": "tablet"})
    assert status == 200
    assert station.inbox.texts == [("Scanned", " SN-1\x1d")]
    assert station.inbox.entries[0].source.scanner == "tablet"
    assert answer["tone"] == "good"
    assert [(row["action"], row["serial_number"]) for row in answer["rows"]] == [("Assigned", " SN-1\x1d")]
    assert (answer["question"], answer["refused"], answer["messages"]) == (None, None, [])


def test_a_posted_scan_may_have_a_symbology_identifier(station: Dock) -> None:
    ask(station.url, "POST", "/api/v1/scans", {"text": "21SN-1", "symbology_identifier": "]C1"})
    ask(station.url, "POST", "/api/v1/scans", {"text": "21SN-1"})
    assert [entry.source.symbology_identifier for entry in station.inbox.entries] == ["]C1", None]
    for wrong in ("C1", "]C", "]C1\n", "", 1):
        body = {"text": "21SN-1", "symbology_identifier": wrong}
        assert ask(station.url, "POST", "/api/v1/scans", body)[0] == 422, wrong


def test_a_posted_command_goes_to_the_queue_as_a_command(station: Dock) -> None:
    station.inbox.answers = lambda source: (CommandRefused(source.text, "there is no question"),)
    _, answer = ask(station.url, "POST", "/api/v1/commands", {"command": "yes"})
    assert station.inbox.texts == [("Commanded", "yes")]
    assert station.inbox.entries[0].source.scanner == "display"
    assert (answer["tone"], answer["refused"]) == ("refused", "there is no question")
    assert answer["messages"] == ["yes: there is no question"]


def test_a_question_that_a_scan_raises_comes_back(station: Dock) -> None:
    station.inbox.answers = lambda _source: (QuestionRaised(question()),)
    _, answer = ask(station.url, "POST", "/api/v1/scans", {"text": "SN-9"})
    assert (answer["tone"], answer["question"]["kind"]) == ("question", "add_item")


def test_the_state_has_the_open_document(station: Dock) -> None:
    status, state = ask(station.url, "GET", "/api/v1/state")
    assert status == 200
    assert state["document"]["number"] == "CM-1001"
    assert [line["item"] for line in state["document"]["lines"]] == ["PROC-1", "DISK-1"]


def test_a_held_request_is_answered_as_soon_as_something_changes(station: Dock) -> None:
    _, before = ask(station.url, "GET", "/api/v1/state")
    answers: list[Any] = []
    path = f"/api/v1/state?after={before['version']}&wait=30"
    thread = threading.Thread(target=lambda: answers.append(ask(station.url, "GET", path)))
    thread.start()
    while not station.keeper.changes._waiting:
        thread.join(0.01)
    station.keeper.on_event(HistoryAsked())
    thread.join()
    assert answers[0][1]["version"] > before["version"]


def test_a_held_request_is_answered_when_its_time_is_up(station: Dock) -> None:
    _, before = ask(station.url, "GET", "/api/v1/state")
    _, after = ask(station.url, "GET", f"/api/v1/state?after={before['version']}&wait=1")
    assert after["version"] == before["version"]
    assert not station.keeper.changes._waiting


def test_a_version_from_before_a_restart_is_not_waited_for(station: Dock) -> None:
    status, _ = ask(station.url, "GET", f"/api/v1/state?after={2**60}&wait=30")
    assert status == 200


def test_stopping_answers_held_requests(station: Dock) -> None:
    answers: list[Any] = []
    path = f"/api/v1/state?after={station.keeper.changes.version}&wait=30"
    thread = threading.Thread(target=lambda: answers.append(ask(station.url, "GET", path)))
    thread.start()
    while not station.keeper.changes._waiting:
        thread.join(0.01)
    station.server.stop()
    station.server.stop()
    thread.join()
    assert answers[0][0] == 200


def test_history_and_documents_are_listed(station: Dock) -> None:
    for number, serial in enumerate(("SN-1", "SN-2"), start=1):
        record(station.engine, number, assigned(serial))
    _, found = ask(station.url, "GET", "/api/v1/history?serial=SN-1")
    assert [row["serial_number"] for row in found["rows"]] == ["SN-1"]
    _, found = ask(station.url, "GET", "/api/v1/history?document=CM-1001&limit=1")
    assert [row["serial_number"] for row in found["rows"]] == ["SN-2"]
    _, found = ask(station.url, "GET", "/api/v1/documents")
    assert [each["number"] for each in found["documents"]] == ["CM-1001", "CO-2001", "CM-1000"]


def test_healthz_reports_whether_scans_can_be_processed(station: Dock) -> None:
    assert ask(station.url, "GET", "/healthz") == (200, {"status": "ok"})
    station.ready[0] = False
    assert problem_of(station.url, "GET", "/healthz") == (503, "scans can't be processed now")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1:8321", "localhost", "LOCALHOST:1", "[::1]:8321"])
def test_loopback_names_are_served(station: Dock, host: str) -> None:
    assert ask(station.url, "GET", "/healthz", None, {"Host": host})[0] == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "192.168.1.5:8321", "", "localhost.evil", "[::1", "::1:x"],
)
def test_a_foreign_name_that_points_here_is_refused(station: Dock, host: str) -> None:
    assert problem_of(station.url, "GET", "/api/v1/state", None, {"Host": host})[0] == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://{host}", "http://{host}.evil"])
def test_another_web_page_can_neither_read_nor_scan(station: Dock, origin: str) -> None:
    headers = JSON | {"Origin": origin.format(host=station.url.removeprefix("http://"))}
    assert problem_of(station.url, "GET", "/api/v1/state", None, headers)[0] == 403
    assert problem_of(station.url, "POST", "/api/v1/scans", {"text": "SN-1"}, headers)[0] == 403
    assert station.inbox.entries == []


def test_the_stations_own_page_may_scan(station: Dock) -> None:
    headers = JSON | {"Origin": station.url}
    assert ask(station.url, "POST", "/api/v1/scans", {"text": "SN-1"}, headers)[0] == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_content_types_that_a_form_could_send_are_refused(station: Dock, kind: str) -> None:
    assert (
        problem_of(station.url, "POST", "/api/v1/scans", b'{"text": "SN-1"}', {"Content-Type": kind})[0]
        == 415
    )
    assert station.inbox.entries == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b'{"text": "\xff"}', 400),
        (b"[]", 422),
        (b"{}", 422),
        (b'{"text": 5}', 422),
        (b'{"text": ""}', 422),
        (b'{"text": "a", "more": 1}', 422),
        (b'{"text": "a", "scanner": ""}', 422),
        (b'{"text": "a", "scanner": "\\u001b[2J"}', 422),
        (json.dumps({"text": "a", "scanner": "x" * 65}).encode(), 422),
        (json.dumps({"text": "x" * 4097}).encode(), 422),
        (json.dumps({"text": "x" * 65_536}).encode(), 413),
    ],
)
def test_a_body_of_the_wrong_shape_or_size_is_refused_each_time(
    station: Dock, body: bytes, status: int
) -> None:
    for _ in range(2):
        assert problem_of(station.url, "POST", "/api/v1/scans", body)[0] == status
    assert station.inbox.entries == []


def test_the_longest_text_is_accepted(station: Dock) -> None:
    assert ask(station.url, "POST", "/api/v1/scans", {"text": "x" * 4096})[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/state?after=x",
        "/api/v1/state?after=-1",
        "/api/v1/state?wait=31",
        "/api/v1/state?after=%D9%A3",
        f"/api/v1/state?after={'9' * 5000}",
        "/api/v1/history?limit=0",
        "/api/v1/history?limit=1001",
        "/api/v1/history?serial=%00",
    ],
)
def test_a_wrong_parameter_is_refused(station: Dock, path: str) -> None:
    assert problem_of(station.url, "GET", path)[0] == 400


def test_an_unknown_path_or_method_is_a_problem_too(station: Dock) -> None:
    assert problem_of(station.url, "GET", "/api/v2/state")[0] == 404
    assert problem_of(station.url, "GET", "/api/v1/scans")[0] == 405


class _BrokenView(View):
    """A view whose reads fail: the database is unavailable, or the program has a bug."""

    error: Exception = DatabaseError("the cable is cut")

    def history(self, *_asked: object, **_more: object) -> Sequence[HistoryRow]:  # type: ignore[override]
        raise self.error


def test_an_unavailable_database_and_an_internal_error_are_problems_without_internals(
    station: Dock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    view = _BrokenView(station.engine, DOCK)
    web = Web(station.keeper, view, station.inbox, stamp, lambda: True, SqlOffice(station.engine))
    server = WebServer(web, LOCAL)
    url = server.start()
    try:
        assert problem_of(url, "GET", "/api/v1/history") == (503, "the cable is cut")
        view.error = ZeroDivisionError("inside")
        status, detail = problem_of(url, "GET", "/api/v1/history")
        assert (status, "inside" in detail) == (500, False)
    finally:
        server.stop()
    assert "ZeroDivisionError" in caplog.text


def test_a_port_that_is_taken_is_named(station: Dock) -> None:
    listen = station.url.removeprefix("http://")
    again = running(station.engine, listen)
    with pytest.raises(StationError, match=r"display\.listen = .*choose another port"), again:
        pass


def test_it_listens_on_ipv6_loopback_when_configured(station: Dock) -> None:
    with running(station.engine, "[::1]:0") as dock:
        assert dock.url.startswith("http://[::1]:")
        assert ask(dock.url, "GET", "/healthz")[0] == 200
