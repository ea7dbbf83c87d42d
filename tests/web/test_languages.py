"""Texts for workers over HTTP are in their language; words for programs are never translated."""

from __future__ import annotations

import http.client
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from msgspec import structs

from station.events import CommandRefused, HistoryAdded, QuestionRaised, ScanFailed
from station.i18n.catalogues import LANGUAGES, texts
from station.questions import QuestionKind
from station.web.guard import Facing
from tests.stations import fill
from tests.terminal.dock import Dock, put_question, question, record, refused, running
from tests.web.asking import ask, asked, problem_of
from tests.web.served import served
from tests.web.streams import stream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

KEY = {"Content-Type": "application/json", "Idempotency-Key": "k-1"}


def _table(station: Dock, query: str) -> dict[str, Any]:
    connection = http.client.HTTPConnection(station.url.removeprefix("http://"), timeout=60)
    try:
        connection.request("GET", f"/page/texts.json{query}")
        response = connection.getresponse()
        assert (response.status, response.getheader("content-type")) == (200, "application/json")
        table: dict[str, Any] = json.loads(response.read())
        return table
    finally:
        connection.close()


@pytest.fixture
def german(station: Dock) -> Iterator[Dock]:
    """The same station with German as the page's default language."""
    with running(station.engine, facing=Facing(language="de")) as german:
        yield german


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_page_has_all_its_texts_in_each_language(station: Dock, code: str) -> None:
    table = _table(station, f"?language={code}")
    assert (table["language"], table["languages"]) == (code, dict(LANGUAGES))
    assert set(table["texts"]) == {one for one, many in texts().page if many is None}
    assert set(table["plurals"]) == {one for one, many in texts().page if many is not None}
    assert all(set(forms) == {"one", "other"} for forms in table["plurals"].values())
    assert (
        table["texts"]["Serial number"]
        == {
            "en": "Serial number",
            "es": "N.º de serie",
            "de": "Seriennummer",
            "fr": "N° de série",
        }[code]
    )


@pytest.mark.parametrize("query", ["", "?language=", "?language=xx", "?language=%00", "?other=de"])
def test_an_unknown_language_falls_back_to_the_stations(station: Dock, german: Dock, query: str) -> None:
    assert _table(station, query)["language"] == "en"
    assert _table(german, query)["language"] == "de"
    assert _table(german, "?language=fr")["language"] == "fr"


def test_a_page_in_another_language_is_another_page(station: Dock, german: Dock) -> None:
    assert ask(station.url, "GET", "/page/page.json")[1] != ask(german.url, "GET", "/page/page.json")[1]


def test_the_state_s_sentences_are_translated_and_nothing_else(station: Dock) -> None:
    choice = question(QuestionKind.CHOICE)
    blocked = structs.replace(choice.candidates[1], blocked_reason="already on CM-1001")
    choice = replace(
        choice, text="Several units bear M-1. Which one is it?", candidates=(choice.candidates[0], blocked)
    )
    put_question(station.engine, choice)
    station.bus.publish(HistoryAdded(refused("SN-9", "unknown serial number")))
    station.bus.publish(QuestionRaised(choice))

    _, english = ask(station.url, "GET", "/api/v1/state?language=en")
    _, french = ask(station.url, "GET", "/api/v1/state?language=fr")

    assert ask(station.url, "GET", "/api/v1/state")[1] == english
    text = "Plusieurs unités portent M-1. Laquelle est-ce ?"
    assert (french["question"]["text"], french["notice"]["text"]) == (text, text)
    assert french["question"]["candidates"][1]["barred"] == "déjà sur CM-1001"
    assert french["history"][0]["reason"] == "numéro de série inconnu"
    assert (french["history"][0]["action"], french["question"]["kind"]) == ("Refused", "choice")
    for state in (english, french):
        state["question"]["text"] = state["notice"]["text"] = state["history"][0]["reason"] = ""
        state["question"]["candidates"][1]["barred"] = ""
    assert french == english


def test_history_and_events_are_translated(station: Dock) -> None:
    with stream(station.url, query="?last_event_id=0&language=de") as events:
        record(station.engine, 1, refused("SN-9", "already on CM-1001"))
        station.keeper.changes.add()
        assert events.rows(1)[0]["reason"] == "schon auf CM-1001"
    _, page = ask(station.url, "GET", "/api/v1/history?language=es")
    assert page["rows"][0]["reason"] == "ya está en CM-1001"
    _, page = ask(station.url, "GET", "/api/v1/history")
    assert page["rows"][0]["reason"] == "already on CM-1001"


def test_the_answer_to_a_post_is_translated(station: Dock) -> None:
    station.inbox.answers = lambda source: (
        CommandRefused(source.text, "there is nothing to undo"),
        HistoryAdded(refused("SN-9", "no document open")),
    )
    _, answer = ask(station.url, "POST", "/api/v1/commands?language=de", {"command": "undo"})
    assert answer["refused"] == "nichts rückgängig zu machen"
    assert answer["messages"] == ["undo: nichts rückgängig zu machen"]
    assert answer["rows"][0]["reason"] == "kein Beleg offen"


def test_a_problem_that_a_worker_may_read_is_translated(station: Dock) -> None:
    full = "/var/lib/x.db: the disk is full, nothing was stored; free some space"
    station.inbox.answers = lambda source: (ScanFailed(source, full),)
    post = (station.url, "POST", "/api/v1/scans?language=fr", {"text": "SN-1"})
    assert problem_of(*post) == (
        503,
        "non enregistré : /var/lib/x.db : le disque est plein ; faites de la place, rien n'a été stocké",
    )


@pytest.mark.parametrize("path", ["state", "events", "history"])
def test_the_interface_refuses_an_unknown_language(station: Dock, path: str) -> None:
    status, detail = problem_of(station.url, "GET", f"/api/v1/{path}?language=xx")
    assert (status, detail) == (400, "language can't be 'xx'")


def test_a_repeated_post_is_answered_in_its_own_language(engine: Engine) -> None:
    fill(engine)
    with served(engine) as here:
        answers = []
        for code in ("de", "fr", "en"):
            path = f"/api/v1/scans?language={code}"
            _, answer, headers = asked(here.url, "POST", path, {"text": "A-1"}, KEY)
            answers.append((answer["rows"][0]["reason"], headers["Idempotency-Replayed"]))
    assert answers == [
        ("kein Beleg offen", None),
        ("aucun document ouvert", "true"),
        ("no document open", "true"),
    ]
