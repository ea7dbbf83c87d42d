"""The daemon and its watchdog, which only the desk feeds."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from station.errors import DatabaseBusyError
from station.events import ScanFailed
from station.repository.database import open_engine
from station.repository.scan_path import SqlRepository
from station.repository.schema import upgrade
from station.source import stamp
from station.worker.batch import BatchRunner
from station.worker.entries import Scanned
from station.worker.ports import Watchdog
from tests.ops.service.manager import Manager
from tests.running import Workplace

if TYPE_CHECKING:
    from collections.abc import Iterator

JSON = {"Content-Type": "application/json"}
WATCHDOG_S = 0.4
STANDSTILL = Path(__file__).parent / "standstill.py"


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Manager]:
    """The service manager of all processes that the test starts."""
    with Manager(tmp_path / "notify") as manager:
        monkeypatch.setenv("NOTIFY_SOCKET", manager.address)
        monkeypatch.setenv("WATCHDOG_USEC", str(int(WATCHDOG_S * 1e6)))
        yield manager


@pytest.fixture
def company(tmp_path: Path) -> Workplace:
    """The sample company, with a missing scanner."""
    place = Workplace(tmp_path)
    place.configure('[[scanner]]\nname = "left"\ndriver = "serial"\nmatch = { path = "/dev/none" }\n')
    place.import_sample()
    return place


@contextmanager
def standing_still(pid: int) -> Iterator[None]:
    """The desk of a daemon stands still inside, all its other threads go on."""
    with subprocess.Popen([sys.executable, STANDSTILL, str(pid)], stdout=subprocess.PIPE) as tracer:
        try:
            assert tracer.stdout is not None
            assert tracer.stdout.readline() == b"\n"
            yield
        finally:
            tracer.kill()


def connection(url: str, timeout_s: float = 60) -> closing[HTTPConnection]:
    return closing(HTTPConnection(url.rpartition("/")[2], timeout=timeout_s))


def test_the_daemon_is_ready_when_it_accepts_scans_and_reports_its_status(
    manager: Manager, company: Workplace
) -> None:
    with company.daemon():
        manager.until("READY=1")
        assert manager.until("STATUS=") == "STATUS=0 of 1 scanners connected, missing: left"
    manager.until("STOPPING=1")


def test_a_daemon_without_a_usable_database_never_reports_ready(manager: Manager, company: Workplace) -> None:
    with closing(sqlite3.connect(company.database)) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999_future'")
        database.commit()

    said = company.run("run", code=1).err

    assert "was written by a newer scanstation" in said
    assert "READY=1" not in manager.heard
    assert manager.silence(0.1)


def test_an_idle_daemon_feeds_the_watchdog(manager: Manager, company: Workplace) -> None:
    with company.daemon():
        manager.until("READY=1")
        for _ in range(3):
            manager.until("WATCHDOG=1")


def test_a_stalled_desk_stops_feeding_it_although_the_display_is_served(
    manager: Manager, company: Workplace
) -> None:
    with company.daemon() as daemon:
        manager.until("WATCHDOG=1")
        with standing_still(daemon.process.pid):
            manager.forget()
            with connection(daemon.url) as asked:
                asked.request("GET", "/api/v1/state")
                assert asked.getresponse().status == 200
            assert manager.silence(2 * WATCHDOG_S)
        manager.until("WATCHDOG=1")


def test_a_long_transaction_sends_a_sign_of_life_at_each_statement(sqlite_url: str) -> None:
    signs: list[None] = []
    engine = open_engine(sqlite_url)
    upgrade(engine)
    repository = SqlRepository(engine, "dock-1")
    repository.open()
    repository.watchdog = Watchdog(lambda: signs.append(None), watchdog_s=1e-9)

    repository.begin()
    for number in range(100):
        repository.item(f"ITEM-{number}")
    repository.commit()
    repository.close()
    engine.dispose()

    assert len(signs) == 100


class Away:
    """An unavailable database."""

    def begin(self) -> None:
        raise DatabaseBusyError("the server is unavailable")

    open = roll_back = begin


def test_a_desk_without_its_database_is_alive() -> None:
    repository: Any = Away()
    nobody: Any = None
    booking = BatchRunner(repository, nobody, lambda _health: None)
    signs: list[None] = []

    def feed() -> None:
        signs.append(None)
        if len(signs) == 3:
            booking.stopping.set()

    booking.watchdog = Watchdog(feed, watchdog_s=1e-9)
    (outcome,) = booking.run([Scanned(stamp("PR400001", "left"))])

    assert isinstance(outcome.events[0], ScanFailed)
    assert len(signs) == 3


@pytest.mark.full
def test_a_desk_that_waits_for_a_busy_database_is_alive(manager: Manager, company: Workplace) -> None:
    with (
        company.daemon() as daemon,
        closing(sqlite3.connect(company.database, isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        with connection(daemon.url, timeout_s=0.2) as asked:
            asked.request("POST", "/api/v1/commands", '{"command": "yes"}', JSON)
            with pytest.raises(TimeoutError):
                asked.getresponse()
        daemon.wait_for("database_changed")
        manager.forget()
        manager.until("WATCHDOG=1")
        manager.until("WATCHDOG=1")
        other.execute("ROLLBACK")
