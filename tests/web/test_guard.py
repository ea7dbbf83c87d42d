"""Requests from other pages, under other names and from other machines."""

from __future__ import annotations

import asyncio
import http.client
from typing import TYPE_CHECKING, Any

import pytest

from station.web.guard import HEAD_BYTES, SECURITY_HEADERS, Facing, Guard
from tests.terminal.dock import running
from tests.web.asking import JSON, ask, asked, problem_of
from tests.web.lines import raw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.terminal.dock import Dock


@pytest.fixture
def known(station: Dock) -> Iterator[Dock]:
    """A station that other machines reach by a name."""
    with running(station.engine, facing=Facing(host_names=("Dock-1.example",)), is_remote=True) as dock:
        yield dock


@pytest.mark.parametrize(
    "host",
    ["dock-1.example", "DOCK-1.EXAMPLE:8321", "10.1.2.3", "10.1.2.3:80", "[fe80::1]:8321", "localhost"],
)
def test_a_station_is_reached_by_its_names_and_by_any_address(known: Dock, host: str) -> None:
    assert ask(known.url, "GET", "/api/v1/state", None, {"Host": host})[0] == 200


@pytest.mark.parametrize(
    "host", ["dock-1.example.evil", "evil-dock-1.example", "dock-1", "10.1.2.3.nip.example", "1::2", ""]
)
def test_any_other_name_is_refused(known: Dock, host: str) -> None:
    assert problem_of(known.url, "GET", "/api/v1/state", None, {"Host": host})[0] == 403


@pytest.mark.parametrize("host", ["10.1.2.3", "192.168.0.1:8321"])
def test_a_station_for_this_machine_alone_is_not_reached_by_other_addresses(station: Dock, host: str) -> None:
    assert problem_of(station.url, "GET", "/api/v1/state", None, {"Host": host})[0] == 403


@pytest.mark.parametrize("hosts", [(b"localhost", b"evil.example"), (b"localhost", b"localhost"), ()])
def test_a_request_is_for_one_host(hosts: tuple[bytes, ...]) -> None:
    """The server refuses these before; the guard does not count on it."""
    assert _status([(b"host", host) for host in hosts]) == 403


@pytest.mark.parametrize(("more", "status"), [(0, 200), (1, 431)])
def test_what_came_at_once_is_no_longer_than_what_is_waited_for(more: int, status: int) -> None:
    rest = HEAD_BYTES - len("/") - len("hostlocalhost") - len("x")
    assert _status([(b"host", b"localhost"), (b"x", b"y" * (rest + more))]) == status


def _status(headers: list[tuple[bytes, bytes]]) -> int:
    """What the guard answers; 200: nothing, it hands the request on."""
    scope = {
        "type": "http",
        "scheme": "http",
        "method": "GET",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "headers": headers,
    }
    answers: list[int] = []

    async def sent(message: Any) -> None:
        answers.append(message.get("status", 0))

    async def handed_on(*_asked: Any) -> None:
        answers.append(200)

    async def nothing_comes() -> Any:
        raise AssertionError

    asyncio.run(Guard(handed_on, Facing())(scope, nothing_comes, sent))
    return answers[0]


@pytest.mark.parametrize("is_own", [(True, False), (False, True)])
def test_of_two_origins_both_must_be_the_pages_own(station: Dock, is_own: tuple[bool, ...]) -> None:
    connection = http.client.HTTPConnection(station.url.removeprefix("http://"), timeout=60)
    connection.putrequest("GET", "/api/v1/state")
    for own in is_own:
        connection.putheader("Origin", station.url if own else "http://evil.example")
    connection.endheaders()
    assert connection.getresponse().status == 403
    connection.close()


def test_forwarding_headers_are_not_trusted(station: Dock) -> None:
    host = station.url.removeprefix("http://")
    headers = JSON | {"Origin": f"https://{host}", "X-Forwarded-Proto": "https", "Forwarded": "proto=https"}
    assert problem_of(station.url, "POST", "/api/v1/scans", {"text": "X"}, headers)[0] == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "nonsense"])
def test_a_request_that_the_browser_marks_as_another_sites_is_refused(station: Dock, site: str) -> None:
    """A page may hide its Origin: pictures, scripts and some forms send none."""
    for headers in (
        {},
        {"Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
    ):
        given = JSON | {"Sec-Fetch-Site": site} | headers
        assert problem_of(station.url, "GET", "/api/v1/state", None, given)[0] == 403
        assert problem_of(station.url, "GET", "/page/page.json", None, given)[0] == 403
        assert problem_of(station.url, "POST", "/api/v1/scans", {"text": "X"}, given)[0] == 403
    assert station.inbox.entries == []


def test_another_page_may_link_to_the_display_and_to_nothing_else(station: Dock) -> None:
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert asked(station.url, "GET", "/page/page.json", None, link)[0] == 200
    assert problem_of(station.url, "GET", "/api/v1/state", None, link)[0] == 403
    assert problem_of(station.url, "POST", "/page/page.json", None, link)[0] == 403


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_the_stations_own_page_is_served(station: Dock, site: str) -> None:
    assert ask(station.url, "GET", "/api/v1/state", None, {"Sec-Fetch-Site": site})[0] == 200


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/", {}),
        ("GET", "/api/v1/state", {}),
        ("GET", "/nowhere", {}),
        ("DELETE", "/api/v1/state", {}),
        ("GET", "/api/v1/state", {"Host": "evil.example"}),
        ("GET", "/api/v1/history?limit=x", {}),
    ],
)
def test_every_answer_forbids_browsers_to_load_foreign_content(
    station: Dock, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = raw(
        station, f"{method} {path} HTTP/1.1\r\n", {"Host": "localhost", "Connection": "close"} | headers
    )
    assert SECURITY_HEADERS.items() <= dict(answer.headers).items()
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
