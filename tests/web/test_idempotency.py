"""A post that is repeated with its key is not booked again: I4, as a retrying program sees it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.errors import DatabaseBusyError, DatabaseError
from station.repository.database import open_engine
from station.repository.scan_path import SqlRepository
from station.repository.schema import upgrade
from station.source import stamp
from station.worker import batch
from station.worker.entries import IdempotencyKey, Scanned
from tests.stations import (
    Awaited,
    Seat,
    assert_all_is_well,
    at_work,
    attached,
    fill,
    query,
    station,
)
from tests.web.asking import JSON, ask, asked, problem_of
from tests.web.served import served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine

    from tests.web.served import Served


@pytest.fixture
def company(engine: Engine) -> Engine:
    fill(engine)
    return engine


@pytest.fixture
def here(sqlite_url: str) -> Iterator[Served]:
    engine = open_engine(sqlite_url)
    upgrade(engine)
    fill(engine)
    with served(engine) as here:
        here.seat.command("open CM-1")
        yield here
    engine.dispose()


def _key(key: str) -> dict[str, str]:
    return JSON | {"Idempotency-Key": key}


def _rows(engine: Engine) -> int:
    return int(query(engine, "SELECT count(*) FROM history")[0][0])


def test_a_scan_that_is_posted_again_gets_the_first_answer_and_is_not_booked_again(company: Engine) -> None:
    body = {"text": "A0001"}
    with served(company) as here:
        here.seat.command("open CM-1")
        _, first, headers = asked(here.url, "POST", "/api/v1/scans", body, _key("k1"))
        assert "Idempotency-Replayed" not in headers
        here.seat.scan("A0002")
        _, again, headers = asked(here.url, "POST", "/api/v1/scans", body, _key("k1"))
        assert headers["Idempotency-Replayed"] == "true"
        assert again == first
        assert first["rows"][0]["action"] == "Assigned"
        assert _rows(company) == 2
    with served(company) as here:
        assert ask(here.url, "POST", "/api/v1/scans", body, _key("k1"))[1] == first
        assert _rows(company) == 2
    assert_all_is_well(company)


def test_a_command_that_leaves_no_row_is_given_once_too(here: Served) -> None:
    for serial in ("A0001", "A0002", "A0003"):
        here.seat.scan(serial)
    for _ in range(3):
        _, answer = ask(here.url, "POST", "/api/v1/commands", {"command": "undo"}, _key("u1"))
        assert answer["rows"][0]["serial_number"] == "A0003"
    assert [serial for _, serial in attached(here.seat.repository._engine)] == ["A0001", "A0002"]


def test_a_question_that_has_been_answered_is_not_asked_again(here: Served) -> None:
    _, first = ask(here.url, "POST", "/api/v1/scans", {"text": "B0001"}, _key("q"))
    assert first["question"]["kind"] == "add_item"
    ask(here.url, "POST", "/api/v1/commands", {"command": "no"})
    assert ask(here.url, "POST", "/api/v1/scans", {"text": "B0001"}, _key("q"))[1] == first
    assert ask(here.url, "GET", "/api/v1/state")[1]["question"] is None


def test_the_same_key_for_something_else_is_refused_and_nothing_is_done(here: Served) -> None:
    ask(here.url, "POST", "/api/v1/scans", {"text": "A0001"}, _key("k"))
    for path, body in (
        ("/api/v1/scans", {"text": "A0002"}),
        ("/api/v1/scans", {"text": "A0001", "scanner": "other"}),
        ("/api/v1/scans", {"text": "A0001", "symbology_identifier": "]C0"}),
        ("/api/v1/commands", {"command": "A0001"}),
    ):
        status, detail = problem_of(here.url, "POST", path, body, _key("k"))
        assert (status, "used for another post" in detail) == (422, True), body
    assert _rows(here.seat.repository._engine) == 1


@pytest.mark.parametrize("key", ["a b", "ä", "x" * 65, "\x7f"])
def test_an_invalid_key_is_refused(here: Served, key: str) -> None:
    status, _ = problem_of(here.url, "POST", "/api/v1/scans", {"text": "A0001"}, _key(key))
    assert status == 400
    assert _rows(here.seat.repository._engine) == 0


def test_two_stations_do_not_share_keys(company: Engine) -> None:
    with station(company, "dock-2") as other, served(company) as here:
        here.seat.command("open CM-1")
        other.command("open CM-2")
        with served(company, working=Seat(SqlRepository(company, "dock-3"), name="dock-3")) as there:
            there.seat.command("open CM-2")
            ask(here.url, "POST", "/api/v1/scans", {"text": "A0001"}, _key("k"))
            _, answer = ask(there.url, "POST", "/api/v1/scans", {"text": "A0002"}, _key("k"))
    assert answer["rows"][0]["action"] == "Assigned"


def test_simultaneous_posts_with_one_key_are_booked_once(here: Served) -> None:
    answers: list[Any] = []

    def post() -> None:
        answers.append(ask(here.url, "POST", "/api/v1/scans", {"text": "A0001"}, _key("k")))

    threads = [threading.Thread(target=post) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 12
    assert all(answer == answers[0] for answer in answers)
    assert _rows(here.seat.repository._engine) == 1


def test_a_post_that_could_not_be_booked_can_be_repeated_with_its_key(
    company: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "BUSY_PAUSE_S", 0)

    class Refusing(SqlRepository):
        refuses = False

        def commit(self) -> None:
            if self.refuses:
                raise DatabaseError("the disk is full")
            super().commit()

    repository = Refusing(company, "dock-1")
    with served(company, working=Seat(repository)) as here:
        here.seat.command("open CM-1")
        repository.refuses = True
        status, detail = problem_of(here.url, "POST", "/api/v1/scans", {"text": "A0001"}, _key("k"))
        assert (status, detail) == (503, "not booked: the disk is full")
        repository.refuses = False
        _, answer = ask(here.url, "POST", "/api/v1/scans", {"text": "A0001"}, _key("k"))
        assert answer["rows"][0]["action"] == "Assigned"


def test_a_repeat_in_a_batch_whose_commit_failed_does_not_pass_for_the_batch(
    company: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The repeat's row is from an earlier commit: it doesn't show that this one succeeded."""
    monkeypatch.setattr(batch, "BUSY_PAUSE_S", 0)

    class Failing(SqlRepository):
        left = 0

        def commit(self) -> None:
            if self.left:
                self.left -= 1
                raise DatabaseBusyError("the server is away")
            super().commit()

    repository = Failing(company, "dock-1")
    source, once = stamp("A0001", "erp"), IdempotencyKey("digest", lambda _outcome: "response")
    with at_work(Seat(repository)) as first:
        first.command("open CM-1")
        waiting = Awaited()
        first.desk.post(Scanned(source, once=once), waiting.take)
        waiting.outcome()
    second = Seat(repository)
    repeat, scan = Awaited(), Awaited()
    second.desk.post(Scanned(source, once=once), repeat.take)
    second.desk.post(Scanned(stamp("A0002", "left")), scan.take)
    repository.left = 1
    with at_work(second):
        assert repeat.outcome().before is not None
        assert [event.row.action for event in scan.outcome().events] == ["Assigned"]  # type: ignore[union-attr]
    assert attached(company) == [("CM-1", "A0001"), ("CM-1", "A0002")]
    assert_all_is_well(company)


_post = st.tuples(
    st.sampled_from(["k1", "k2", "k3", "k4", None]),
    st.sampled_from(
        [
            ("/api/v1/scans", {"text": "A0001"}),
            ("/api/v1/scans", {"text": "A0002"}),
            ("/api/v1/scans", {"text": "B0001"}),
            ("/api/v1/scans", {"text": "C0001"}),
            ("/api/v1/scans", {"text": "X"}),
            ("/api/v1/commands", {"command": "yes"}),
            ("/api/v1/commands", {"command": "undo"}),
            ("/api/v1/commands", {"command": "open CM-2"}),
            ("/api/v1/commands", {"command": "detach"}),
        ]
    ),
)


@pytest.mark.full
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(lives=st.lists(st.lists(_post, min_size=1, max_size=12), min_size=1, max_size=3))
def test_each_key_counts_once_for_any_posts_in_any_order_and_across_restarts(
    tmp_path_factory: pytest.TempPathFactory, lives: list[list[tuple[str | None, Any]]]
) -> None:
    """The same posts without the repeats have the same result."""
    repeated = _after(tmp_path_factory.mktemp("repeated"), lives, with_repeats=True)
    plain = _after(tmp_path_factory.mktemp("plain"), lives, with_repeats=False)
    assert repeated == plain


def _after(directory: Path, lives: list[list[tuple[str | None, Any]]], *, with_repeats: bool) -> object:
    engine = open_engine(f"sqlite:///{directory / 'scanstation.db'}")
    upgrade(engine)
    fill(engine)
    first: dict[str, tuple[Any, Any]] = {}
    for life in lives:
        with served(engine) as here:
            here.seat.command("open CM-1")
            for key, (path, body) in life:
                if key not in first or with_repeats:
                    _post_one(here, key, (path, body), first)
    assert_all_is_well(engine)
    left = query(engine, "SELECT number, action, text, serial_number, reason FROM history ORDER BY number")
    engine.dispose()
    return left, attached(engine)


def _post_one(here: Served, key: str | None, posted: Any, first: dict[str, tuple[Any, Any]]) -> None:
    path, body = posted
    headers = JSON if key is None else _key(key)
    status, answer = ask(here.url, "POST", path, body, headers)
    if key is None:
        assert status == 200
    elif key not in first:
        assert status == 200
        first[key] = (posted, answer)
    elif first[key][0] == posted:
        assert (status, answer) == (200, first[key][1])
    else:
        assert status == 422
