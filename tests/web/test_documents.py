"""Credit documents over HTTP, between an office system and a dock at work."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from station.office.exporter import export_document
from tests.stations import assert_all_is_well, attached, fill
from tests.web.asking import JSON, ask, asked, problem_of
from tests.web.served import served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from tests.web.served import Served

MEMO = {
    "kind": "credit_memo",
    "customer": "Kühn",
    "location": "MAIN",
    "lines": [{"item": "A", "requested": 2}],
}


@pytest.fixture
def here(engine: Engine) -> Iterator[Served]:
    fill(engine)
    with served(engine) as here:
        yield here


def _put(here: Served, number: str, body: Any, **headers: str) -> tuple[int, Any, Any]:
    return asked(here.url, "PUT", f"/api/v1/documents/{number}", body, JSON | headers)


def test_an_office_sends_a_memo_the_dock_scans_and_the_office_fetches_the_result(
    here: Served, engine: Engine
) -> None:
    status, created, headers = _put(here, "CM-77", MEMO)
    assert (status, created["status"], created["lines"][0]["credited"]) == (201, "open", 0)
    tag = headers["ETag"]
    ask(here.url, "POST", "/api/v1/commands", {"command": "open CM-77"})
    ask(here.url, "POST", "/api/v1/scans", {"text": "A0001"})
    ask(here.url, "POST", "/api/v1/scans", {"text": "C0001"})
    ask(here.url, "POST", "/api/v1/commands", {"command": "yes"})
    ask(here.url, "POST", "/api/v1/commands", {"command": "save"})
    status, result, headers = asked(here.url, "GET", "/api/v1/documents/CM-77")
    assert (status, result["status"]) == (200, "saved")
    assert [
        (line["item"], line["requested"], line["credited"], line["serial_numbers"][0]["serial_number"])
        for line in result["lines"]
    ] == [("A", 2, 1, "A0001"), ("C", 0, -1, "C0001")]
    assert result == json.loads(export_document(engine, "CM-77").to_json())
    assert headers["ETag"] != tag
    assert_all_is_well(engine)


def test_sending_it_again_changes_nothing(here: Served) -> None:
    _, created, headers = _put(here, "CM-77", MEMO)
    status, again, again_headers = _put(here, "CM-77", MEMO)
    assert (status, again, again_headers["ETag"]) == (200, created, headers["ETag"])


def test_a_display_sees_the_document_that_was_sent(here: Served) -> None:
    here.seat.command("open CM-1")
    _, before = ask(here.url, "GET", "/api/v1/state")
    _put(here, "CM-1", MEMO | {"lines": [{"item": "A", "requested": 5}, {"item": "B"}]})
    _, after = ask(here.url, "GET", f"/api/v1/state?after={before['version']}&wait=30")
    assert [line["item"] for line in after["document"]["lines"]] == ["A", "B"]


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (MEMO | {"lines": [{"item": "NONE"}]}, 422, 'lines[0].item = "NONE": there is no such item'),
        (MEMO | {"location": "MOON"}, 422, 'location = "MOON": there is no such location'),
        (MEMO | {"kind": "invoice"}, 422, "kind"),
        (MEMO | {"lines": [{"item": "A", "requested": 0}]}, 422, "requested"),
        (MEMO | {"lines": [{"item": "A", "requested": 10**30}]}, 422, "requested"),
        (MEMO | {"color": "red"}, 422, "color"),
        ({}, 422, "kind"),
        (b"{", 400, "not valid JSON"),
        (b"[]", 422, "must be object"),
        (b'{"kind": ' * 20_000, 422, "kind"),
        (b'{"x": "' + b"x" * 2_000_000 + b'"}', 413, "longer than 1048576 bytes"),
    ],
)
def test_an_invalid_document_is_refused_with_the_reason(
    here: Served, body: Any, status: int, message: str
) -> None:
    found, detail = problem_of(here.url, "PUT", "/api/v1/documents/CM-77", body)
    assert (found, message in detail) == (status, True), detail
    assert problem_of(here.url, "GET", "/api/v1/documents/CM-77")[0] == 404


def test_the_docks_units_can_not_be_removed(here: Served, engine: Engine) -> None:
    here.seat.command("open CM-1")
    here.seat.scan("A0001")
    status, detail = problem_of(
        here.url, "PUT", "/api/v1/documents/CM-1", MEMO | {"customer": "", "lines": []}
    )
    assert (status, "has 1 units" in detail) == (409, True)
    here.seat.command("save")
    status, detail = problem_of(here.url, "PUT", "/api/v1/documents/CM-1", MEMO | {"status": "open"})
    assert (status, "CM-1 is saved, which is final" in detail) == (409, True)
    assert attached(engine) == [("CM-1", "A0001")]


def test_cancelling_frees_the_serial_numbers_and_ends_the_session(here: Served, engine: Engine) -> None:
    here.seat.command("open CM-1")
    here.seat.scan("A0001")
    status, result, _ = _put(here, "CM-1", MEMO | {"status": "cancelled"})
    assert (status, result["status"], attached(engine)) == (200, "cancelled", [])
    _, answer = ask(here.url, "POST", "/api/v1/scans", {"text": "A0002"})
    assert answer["rows"][0]["reason"] == "no document open"
    assert_all_is_well(engine)


def test_d9_another_customer_ends_the_work_only_if_the_units_are_released(
    here: Served, engine: Engine
) -> None:
    here.seat.command("open CM-1")
    here.seat.scan("A0001")
    status, detail = problem_of(here.url, "PUT", "/api/v1/documents/CM-1", MEMO)
    assert (status, "has units, so its customer can't become Kühn" in detail) == (409, True)
    assert attached(engine) == [("CM-1", "A0001")]
    status, result, _ = asked(here.url, "PUT", "/api/v1/documents/CM-1?release=true", MEMO, JSON)
    assert (status, result["customer"], attached(engine)) == (200, "Kühn", [])
    _, answer = ask(here.url, "POST", "/api/v1/scans", {"text": "A0002"})
    assert answer["rows"][0]["reason"] == "no document open"
    assert any("CM-1 was changed by the office" in str(message) for message in answer["messages"])
    here.seat.command("open CM-1")
    here.seat.scan("A0002")
    assert attached(engine) == [("CM-1", "A0002")]
    assert_all_is_well(engine)


def test_release_is_true_or_false(here: Served) -> None:
    status, detail = problem_of(here.url, "PUT", "/api/v1/documents/CM-1?release=yes", MEMO)
    assert (status, "release" in detail) == (400, True)


def test_d10_a_unit_is_moved_and_retired(here: Served) -> None:
    path = "/api/v1/units/A0003"
    status, unit = ask(here.url, "POST", path, {"stock_area": "STOCK"})
    assert (status, unit["stock_area"], unit["retired"]) == (200, "STOCK", False)
    assert ask(here.url, "POST", path, {"retired": True})[1]["retired"] is True
    here.seat.command("open CM-1")
    assert here.seat.scan("A0003") is not None
    assert here.seat.rows[-1].reason == "unknown serial number"
    here.seat.scan("A0004")
    for body, wanted in (
        ({"stock_area": "STOCK"}, (409, "is on the open document CM-1")),
        ({"stock_area": "NONE", "item": "B"}, (422, "there is no unit A0004 of item B")),
        ({"color": "red"}, (422, "color")),
    ):
        status, detail = problem_of(here.url, "POST", "/api/v1/units/A0004", body)
        assert (status, wanted[1] in detail) == (wanted[0], True), detail
    status, detail = problem_of(here.url, "POST", path, {"stock_area": "NONE"})
    assert (status, 'stock area "NONE" is unknown; there are BACK, SOLD, STOCK' in detail) == (422, True)


def test_an_etag_keeps_two_offices_from_overwriting_each_other(here: Served) -> None:
    _, _, headers = _put(here, "CM-77", MEMO, **{"If-None-Match": "*"})
    tag = headers["ETag"]
    assert (
        problem_of(here.url, "PUT", "/api/v1/documents/CM-77", MEMO, JSON | {"If-None-Match": "*"})[0] == 412
    )
    status, _, _ = _put(here, "CM-77", MEMO | {"customer": "Other"}, **{"If-Match": f'"other", {tag}'})
    assert status == 200
    for stale in (tag, '"x"'):
        refused = problem_of(here.url, "PUT", "/api/v1/documents/CM-77", MEMO, JSON | {"If-Match": stale})
        assert refused == (412, "document CM-77 has changed; fetch it and try again")
    assert problem_of(here.url, "PUT", "/api/v1/documents/CM-78", MEMO, JSON | {"If-Match": "*"})[0] == 412


def test_a_document_that_the_client_already_has_is_not_sent_again(here: Served) -> None:
    _, _, headers = asked(here.url, "GET", "/api/v1/documents/CM-1")
    connection = here.connection()
    connection.request("GET", "/api/v1/documents/CM-1", headers={"If-None-Match": headers["ETag"]})
    response = connection.getresponse()
    assert (response.status, response.read()) == (304, b"")
    connection.close()


@pytest.mark.parametrize("number", ["A/B", "a b", "ä", "50%"])
def test_any_valid_document_number_can_be_used_in_the_path(here: Served, number: str) -> None:
    status, created, _ = _put(here, quote(number, safe=""), MEMO)
    assert (status, created["number"]) == (201, number)
    assert ask(here.url, "GET", f"/api/v1/documents/{quote(number, safe='')}")[1] == created
