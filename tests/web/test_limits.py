"""Clients that would use up all time, memory or connections."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from starlette.exceptions import HTTPException

from station.config.settings import DisplaySettings
from station.web import limits
from station.web.guard import SECURITY_HEADERS
from station.web.limits import PostLimit
from station.web.protocol import CONNECTIONS
from tests.terminal.dock import running
from tests.web.asking import JSON, ask, asked, problem_of
from tests.web.certificates import certificates
from tests.web.lines import Answer, all_of, connected, raw, sent
from tests.web.streams import stream

if TYPE_CHECKING:
    from pathlib import Path

    from tests.terminal.dock import Dock

POST = b"POST /api/v1/scans HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"NONSENSE\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\n\r\n", 403),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (b"GET /" + b"x" * 20_000, 414),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 20_000, 431),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX: " + b"x" * 16_380 + b"\r\n\r\n", 431),
        (b"POST /api/v1/scans HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n", 400),
        (POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (POST + b"Content-Length: 70000\r\n\r\n{", 413),
        (POST + b"Content-Length: 70000\r\nExpect: 100-continue\r\n\r\n", 413),
    ],
)
def test_an_invalid_request_is_answered_with_a_problem_and_the_connection_closed(
    station: Dock, data: bytes, status: int
) -> None:
    answer = sent(station, data)
    assert answer.problem["status"] == status
    assert SECURITY_HEADERS.items() <= answer.headers.items()
    assert ask(station.url, "GET", "/healthz")[0] == 200


def test_a_request_that_never_ends_times_out(station: Dock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("station.web.protocol.HEAD_WAIT_S", 0.05)
    monkeypatch.setattr("station.web.requests.BODY_WAIT_S", 0.05)
    for data in (b"", b"GET / HTTP/1.1\r\nHost: local"):
        assert "took longer than" in sent(station, data).problem["detail"]
    body = raw(
        station,
        "POST /api/v1/scans HTTP/1.1\r\n",
        {"Host": "localhost", "Content-Type": "application/json", "Content-Length": "100"},
        b"{",
    )
    assert (body.status, "the body took longer" in body.problem["detail"]) == (408, True)


def test_a_handshake_that_never_begins_times_out(
    station: Dock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("station.web.protocol.HEAD_WAIT_S", 0.05)
    files = certificates(tmp_path)
    display = DisplaySettings(listen="127.0.0.1:0", certificate=str(files.certificate), key=str(files.key))
    with running(station.engine, display=display) as dock, connected(dock) as silent:
        assert all_of(silent) == b""


def test_a_second_request_on_a_connection_has_its_own_timeout(
    station: Dock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connected(station) as connection:
        whole = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
        connection.sendall(whole)
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
        monkeypatch.setattr("station.web.protocol.HEAD_WAIT_S", 0.05)
        connection.sendall(whole[:20])
        assert Answer(all_of(connection)).status == 408


def test_readers_of_events_leave_room_for_posts_however_many_they_are(station: Dock) -> None:
    """Each keeps its connection; one too many is refused, and a scan still gets through."""
    with _many_streams(station, limits.HELD_BY_ONE):
        status, detail = problem_of(station.url, "GET", "/api/v1/events")
        assert (status, "too many displays are waiting" in detail) == (503, True)
        version = station.keeper.changes.version
        assert problem_of(station.url, "GET", f"/api/v1/state?after={version}&wait=30")[0] == 503
        assert ask(station.url, "GET", "/api/v1/state")[0] == 200
        assert ask(station.url, "POST", "/api/v1/scans", {"text": "SN-1"})[0] == 200


def test_a_reader_that_leaves_frees_its_place(station: Dock) -> None:
    for _ in range(3):
        with _many_streams(station, limits.HELD_BY_ONE):
            pass
        _until_answered(station)


def test_the_limit_holds_for_readers_that_connect_all_at_once(
    station: Dock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "HELD_BY_ONE", 4)
    coming = [connected(station) for _ in range(60)]
    try:
        for each in coming:
            each.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        statuses = [each.recv(12) for each in coming]
    finally:
        for each in coming:
            each.close()
    assert (statuses.count(b"HTTP/1.1 200"), statuses.count(b"HTTP/1.1 503")) == (4, 56)


def _until_answered(station: Dock) -> None:
    """The station notices that a reader has left when it writes to it or reads the end of its stream."""
    for _ in range(600):
        with closing(connected(station)) as connection:
            connection.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            if connection.recv(12) == b"HTTP/1.1 200":
                return
    pytest.fail("no place became free")


class _many_streams:  # noqa: N801 - used as a function
    """Readers of events, all at once."""

    def __init__(self, station: Dock, count: int) -> None:
        self._streams = [stream(station.url, "0") for _ in range(count)]

    def __enter__(self) -> None:
        for each in self._streams:
            each.__enter__().receive()

    def __exit__(self, *error: object) -> None:
        for each in self._streams:
            each.__exit__(None, None, None)


def test_a_connection_above_the_limit_gets_an_answer(station: Dock) -> None:
    held = [connected(station) for _ in range(CONNECTIONS)]
    try:
        with connected(station) as one_more:
            answer = Answer(all_of(one_more))
        assert (answer.status, answer.problem["detail"]) == (503, "too many connections; close some")
    finally:
        for each in held:
            each.close()


def test_a_range_of_posts_passes_and_a_flood_is_refused_until_it_pauses() -> None:
    now = 1000.0
    limit = PostLimit(lambda: now)
    for _ in range(limits.POSTS_AT_ONCE):
        limit.pay("erp")
    with pytest.raises(HTTPException) as flooded:
        limit.pay("erp")
    assert (flooded.value.status_code, flooded.value.headers) == (429, {"Retry-After": "1"})
    limit.pay("kiosk")
    now += 1
    for _ in range(int(limits.POSTS_PER_S)):
        limit.pay("erp")
    with pytest.raises(HTTPException):
        limit.pay("erp")


def test_a_flood_of_posts_gets_429_and_a_time_to_retry(
    station: Dock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "POSTS_AT_ONCE", 3)
    monkeypatch.setattr(limits, "POSTS_PER_S", 0.001)
    with running(station.engine) as dock:
        found = [
            asked(
                dock.url,
                "POST",
                "/api/v1/scans",
                {"text": "X"},
                JSON | {"X-Forwarded-For": f"10.0.0.{number}"},
            )
            for number in range(5)
        ]
        assert [status for status, _, _ in found] == [200, 200, 200, 429, 429]
        assert found[-1][2]["Retry-After"] == "1"
        assert asked(dock.url, "GET", "/api/v1/state")[0] == 200


def test_many_clients_do_not_fill_the_memory() -> None:
    limit = PostLimit(lambda: 0.0)
    for number in range(3 * limits.CLIENTS):
        limit.pay(f"client-{number}")
    assert len(limit._buckets) == limits.CLIENTS
