"""Archive runs that are killed at every point where something becomes durable."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Connection

from station.repository.archive import running
from station.repository.archive.running import Archive
from station.repository.database import open_engine
from station.repository.schema import upgrade
from tests.repository.ended import (
    PastStation,
    archive,
    assert_each_row_is_in_one_place,
    assert_nothing_is_lost,
    days_later,
    in_archive,
    in_database,
)
from tests.stations import fill

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

KILLED = 9
LASTING = ((os, "fsync"), (Path, "rename"), (Path, "unlink"), (Path, "write_bytes"), (Connection, "commit"))
"""The calls that make something durable."""


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small batches and transactions, so that there are many points to kill at."""
    monkeypatch.setattr(running, "BATCH_ROWS", 12)
    monkeypatch.setattr("station.repository.archive.removing.ROWS_AT_ONCE", 5)


def years_of_work(engine: Engine) -> None:
    fill(engine)
    dock = PastStation(engine)
    dock.do(("scan", "A0001"), ("wait", 35), ("scan", "nobody's"))
    for number, memo in enumerate(("CM-1", "CM-2", "CM-3"), 1):
        dock.do(("open", memo), *(("scan", f"{item}000{number}") for item in "ABC"), ("make", "B"))
        dock.do(("undo", ""), ("make", "A"), ("post", memo), ("save", "") if number < 3 else ("close", ""))
    dock.do(("cancel", "CM-3"), ("wait", 300), ("open", "CM-4"), ("scan", "A0009"), ("save", ""))
    dock.close()


def killed_at(point: int, run: Callable[[], object]) -> bool:
    """Run in a child process that dies at that point; return whether it got that far."""
    child = os.fork()
    if child == 0:
        # Whatever happens here, the tests must not continue in two processes.
        try:
            _die_at(point)
            run()
        except BaseException:  # noqa: BLE001
            os._exit(1)
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in {0, KILLED}
    return code == KILLED


def _die_at(point: int) -> None:
    passed = iter(range(1, 1_000_000))

    def dying(original: Any) -> Any:
        def die_or_continue(*arguments: Any, **more: Any) -> Any:
            if next(passed) == point:
                os._exit(KILLED)
            result = original(*arguments, **more)
            if next(passed) == point:
                os._exit(KILLED)
            return result

        return die_or_continue

    for owner, name in LASTING:
        setattr(owner, name, dying(getattr(owner, name)))


@pytest.mark.usefixtures("small_steps")
@pytest.mark.parametrize("stride", [11, pytest.param(1, marks=[pytest.mark.full, pytest.mark.timeout(900)])])
def test_a_run_that_is_killed_anywhere_loses_nothing_and_the_next_one_completes_it(
    tmp_path: Path, sqlite_url: str, stride: int
) -> None:
    engine = open_engine(sqlite_url)
    upgrade(engine)
    years_of_work(engine)
    before = in_database(engine)
    engine.dispose()
    point = 1
    while _kill_and_continue(tmp_path, before, point):
        point += stride
    assert point > 60


def _kill_and_continue(tmp_path: Path, before: Any, point: int) -> bool:
    place = tmp_path / f"killed-{point}"
    place.mkdir()
    shutil.copyfile(tmp_path / "scanstation.db", place / "scanstation.db")
    url, directory = f"sqlite:///{place / 'scanstation.db'}", place / "archive"

    was_killed = killed_at(point, lambda: archive(open_engine(url), directory, days_later(200)))

    engine = open_engine(url)
    assert_nothing_is_lost(engine, directory, before)
    archive(engine, directory, days_later(200))
    assert_each_row_is_in_one_place(engine, directory, before)
    assert {name for name, *_row in in_archive(directory)} >= {"history", "moves", "attachments", "posts"}
    assert [path.name for path in directory.iterdir() if not path.name.startswith("2020-")] == [".lock"]
    engine.dispose()
    shutil.rmtree(place)
    return was_killed


@pytest.mark.usefixtures("small_steps")
def test_on_postgresql_too(tmp_path: Path, postgres_url: str) -> None:
    """Each run is killed a little later, until one completes."""
    engine = open_engine(postgres_url)
    years_of_work(engine)
    before = in_database(engine)
    engine.dispose()
    point = 1
    while killed_at(point, lambda: _patiently(postgres_url, tmp_path)):
        engine = open_engine(postgres_url)
        assert_nothing_is_lost(engine, tmp_path, before)
        engine.dispose()
        point += 3
    engine = open_engine(postgres_url)
    assert_each_row_is_in_one_place(engine, tmp_path, before)
    engine.dispose()


def _patiently(url: str, directory: Path) -> None:
    """Wait until the server notices that the previous run is gone and releases its lock."""
    engine = open_engine(url)
    with engine.connect() as connection:
        others = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
        while connection.exec_driver_sql(others).scalar_one():
            connection.rollback()
        connection.rollback()
    Archive(engine, directory, days_later(200), pause=lambda _s: None).run()
