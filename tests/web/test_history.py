from __future__ import annotations

import csv
import http.client
import io
import itertools
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from station.repository.view import View
from tests.terminal.dock import AT, DOCK, assigned, record, refused
from tests.web.asking import ask, problem_of

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from station.history import HistoryRow
    from tests.terminal.dock import Dock


def _store(engine: Engine, number: int, row: HistoryRow, **values: Any) -> str:
    record(engine, number, structs.replace(row, **values))
    return row.id


def _page(station: Dock, **query: Any) -> dict[str, Any]:
    status, page = ask(station.url, "GET", f"/api/v1/history?{urlencode(query)}")
    assert status == 200
    return dict(page)


def _pages(station: Dock, **query: Any) -> list[list[str]]:
    """The texts of the rows, page by page."""
    pages: list[list[str]] = []
    before: dict[str, str] = {}
    while True:
        page = _page(station, **query, **before)
        pages.append([row["text"] for row in page["rows"]])
        if page["next"] is None:
            return pages
        before = {"before": page["next"]}


def test_pages_follow_each_other_without_a_gap_and_the_last_one_is_marked(station: Dock) -> None:
    for number in range(1, 8):
        record(station.engine, number, assigned(f"SN-{number}"))
    assert _pages(station, limit=3) == [["SN-7", "SN-6", "SN-5"], ["SN-4", "SN-3", "SN-2"], ["SN-1"]]
    assert _pages(station, limit=7) == [[f"SN-{number}" for number in range(7, 0, -1)]]


def test_a_page_stays_the_same_while_rows_are_added(station: Dock) -> None:
    for number in range(1, 5):
        record(station.engine, number, assigned(f"SN-{number}"))
    first = _page(station, limit=2)
    record(station.engine, 5, assigned("SN-5"))
    assert [row["text"] for row in _page(station, limit=2, before=first["next"])["rows"]] == ["SN-2", "SN-1"]


def test_filters_are_combined(station: Dock) -> None:
    engine = station.engine
    _store(engine, 1, assigned("SN-1"), session=1, document="CM-1000")
    _store(engine, 2, assigned("SN-1"), session=2)
    _store(engine, 3, assigned("SN-2"), session=2)
    _store(engine, 4, refused("NONE", "no document open", session=None))
    _store(engine, 5, assigned("SN-1"), session=3)
    for query, numbers in (
        ({"session": 2}, ["SN-2", "SN-1"]),
        ({"session": 1}, ["SN-1"]),
        ({"session": 9}, []),
        ({"session": 2, "serial": "SN-1"}, ["SN-1"]),
        ({"serial": "SN-1", "document": "CM-1001"}, ["SN-1", "SN-1"]),
        ({"document": "CM-1000", "session": 2}, []),
    ):
        assert [row["text"] for row in _page(station, **query)["rows"]] == numbers, query


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(st.sampled_from([DOCK, "dock-2"]), st.integers(0, 3)), max_size=20),
    limit=st.integers(1, 6),
)
def test_the_pages_of_several_stations_have_each_row_once_newest_first(
    company: Engine, rows: list[tuple[str, int]], limit: int
) -> None:
    example = next(_examples)
    view, serial = View(company, DOCK), f"SN-{example}"
    numbers = dict.fromkeys([DOCK, "dock-2"], example * 100)
    ids = []
    for name, second in rows:
        numbers[name] += 1
        ids.append(
            _store(company, numbers[name], assigned(serial), station=name, at=AT + timedelta(seconds=second))
        )
    found: list[HistoryRow] = []
    page = list(view.history(serial, None, limit))
    while page:
        found += page
        page = list(view.history(serial, None, limit, before=page[-1].id))
    assert sorted(row.id for row in found) == sorted(ids)
    assert [row.at for row in found] == sorted((row.at for row in found), reverse=True)


_examples = itertools.count()


@pytest.mark.parametrize("query", ["before=nobody", "session=0", "session=x", "format=xml", "limit=0"])
def test_a_wrong_filter_is_refused(station: Dock, query: str) -> None:
    assert problem_of(station.url, "GET", f"/api/v1/history?{query}")[0] == 400


def test_a_row_of_another_list_is_refused_as_a_starting_point(station: Dock) -> None:
    other = _store(station.engine, 1, assigned("SN-1"))
    _store(station.engine, 2, assigned("SN-2"))
    status, detail = problem_of(station.url, "GET", f"/api/v1/history?serial=SN-2&before={other}")
    assert (status, detail) == (400, "before must be the id of a row of this list")


def test_an_unknown_parameter_is_refused_and_not_ignored(station: Dock) -> None:
    status, detail = problem_of(station.url, "GET", "/api/v1/history?documnet=CM-1001")
    assert status == 400
    assert detail.startswith('"documnet" is not a parameter of this path; allowed: ')
    assert problem_of(station.url, "GET", "/api/v1/history?serial=A&serial=B")[1] == "serial is given twice"


def _csv(station: Dock, query: str, accept: str = "*/*") -> list[dict[str, str]]:
    connection = http.client.HTTPConnection(station.url.removeprefix("http://"), timeout=60)
    connection.request("GET", f"/api/v1/history{query}", headers={"Accept": accept})
    response = connection.getresponse()
    content = response.read()
    connection.close()
    assert response.status == 200, content
    assert response.getheader("content-type") == "text/csv; charset=utf-8"
    assert content.count(b"\n") == content.count(b"\r\n") + content.count(b"in\nside")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


def test_csv_has_the_same_rows_as_json_however_many_there_are(
    station: Dock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("station.web.listing.ROWS_MOST", 3)
    for number in range(1, 9):
        record(station.engine, number, assigned(f"SN-{number}"))
    rows = _csv(station, "?format=csv")
    assert [row["serial_number"] for row in rows] == [f"SN-{number}" for number in range(8, 0, -1)]
    page = _page(station, limit=8)["rows"]
    assert rows == [
        {name: "" if value is None else str(value) for name, value in row.items()} for row in page
    ]
    assert _csv(station, "?limit=2", "text/html, text/csv;q=0.9") == rows[:2]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "=cmd|' /C calc'!A0", "\uff1d1"])
def test_no_label_becomes_a_formula(station: Dock, text: str) -> None:
    record(station.engine, 1, refused(text, "unknown serial number"))
    (row,) = _csv(station, "?format=csv")
    assert row["text"] == f"'{text}"
    assert _page(station)["rows"][0]["text"] == text


def test_csv_quotes_text_that_would_break_a_line(station: Dock) -> None:
    text = 'a "b", c;\r\nd in\nside ä'
    record(station.engine, 1, refused(text, "unknown serial number"))
    assert _csv(station, "?format=csv")[0]["text"] == text
