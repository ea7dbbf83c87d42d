"""The installed daemon, as Prometheus and probes see it."""

from __future__ import annotations

import os
import platform
import signal
import sqlite3
import subprocess
import time
import tty
from contextlib import closing, contextmanager
from datetime import datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest

from station.source import now
from station.web.tokens import TokenFile
from tests.outputs.metrics.exposing import program, scraped, scraped_samples
from tests.running import Daemon, Workplace, wait_until
from tests.web.asking import ask, problem_of
from tests.web.streams import stream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Scanner:
    """A serial scanner: a pseudo-terminal that can be connected and disconnected."""

    def __init__(self, place: Path) -> None:
        self.link = place / "scanner"
        self._master = -1

    def plug_in(self) -> None:
        self._master, slave = os.openpty()
        tty.setraw(slave)
        self.link.symlink_to(os.ttyname(slave))
        os.close(slave)

    def pull_out(self) -> None:
        self.link.unlink()
        os.close(self._master)

    def scan(self, data: bytes) -> None:
        os.write(self._master, data)


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    place = Workplace(tmp_path)
    place.configure(
        f'[[scanner]]\nname = "left"\ndriver = "serial"\nmatch = {{ path = "{tmp_path / "scanner"}" }}\n'
        "max_length = 64\n[preferences]\nsigned_commands = false\n"
    )
    place.import_sample()
    return place


@pytest.fixture
def scanner(tmp_path: Path) -> Scanner:
    scanner = Scanner(tmp_path)
    scanner.plug_in()
    return scanner


@contextmanager
def _at_work(place: Workplace) -> Iterator[Daemon]:
    """With its scanner connected."""
    with place.daemon() as daemon:
        wait_until(lambda: scraped_samples(daemon.url)["scanstation_scanner_connected", ("left",)] == 1)
        yield daemon


def _value(daemon: Daemon, name: str, *labels: str) -> float:
    return scraped_samples(daemon.url)[f"scanstation_{name}", labels]


def _comes_to(daemon: Daemon, value: float, name: str, *labels: str) -> None:
    wait_until(lambda: _value(daemon, name, *labels) == value, f"{name}{labels}")


def test_what_a_worker_scans_is_counted_by_scanner_and_outcome(place: Workplace, scanner: Scanner) -> None:
    with _at_work(place) as daemon:
        for text in (b"CM-1001", b"PR400001", b"PR400001", b"NOBODYS", b"X" * 65):
            scanner.scan(text + b"\r")
        _comes_to(daemon, 1, "rejected_scans_total", "too_long", "left")
        for outcome in ("command", "assigned", "skipped", "refused", "rejected"):
            assert _value(daemon, "scans_total", outcome, "left") == 1
        assert _value(daemon, "scan_duration_seconds_count") == 4
        assert _value(daemon, "document_open") == 1
        assert _value(daemon, "build_info", platform.python_version(), version("scanstation")) == 1


def test_a_scanner_that_is_pulled_out_and_plugged_in_is_seen_and_counted(
    place: Workplace, scanner: Scanner
) -> None:
    with _at_work(place) as daemon:
        assert ask(daemon.url, "GET", "/readyz") == (200, {"status": "ok"})
        scanner.pull_out()
        _comes_to(daemon, 0, "scanner_connected", "left")
        detail = "scanners connected: 0 of 1; run scanstation doctor"
        assert problem_of(daemon.url, "GET", "/readyz") == (503, detail)
        assert ask(daemon.url, "GET", "/healthz")[0] == 200
        scanner.plug_in()
        _comes_to(daemon, 1, "scanner_connected", "left")
        assert _value(daemon, "scanner_reconnects_total", "left") == 1


@pytest.mark.full
def test_entries_that_wait_for_the_database_are_measured(place: Workplace, scanner: Scanner) -> None:
    with _at_work(place) as daemon, closing(sqlite3.connect(place.database, isolation_level=None)) as other:
        scanner.scan(b"CM-1001\r")
        _comes_to(daemon, 1, "document_open")
        other.execute("BEGIN IMMEDIATE")
        scanner.scan(b"PR400001\rPR400002\rPR400003\r")
        _comes_to(daemon, 3, "held_entries")
        assert (_value(daemon, "database_up"), _value(daemon, "healthy")) == (0, 0)
        problem = "scans can't be processed now"
        assert problem_of(daemon.url, "GET", "/readyz") == (503, problem)
        other.execute("ROLLBACK")
        _comes_to(daemon, 3, "scans_total", "assigned", "left")
        _comes_to(daemon, 1, "database_up")
        assert (_value(daemon, "held_entries"), _value(daemon, "healthy")) == (0, 1)


def test_a_questions_age_is_measured_also_after_a_restart(place: Workplace, scanner: Scanner) -> None:
    with _at_work(place) as daemon:
        scanner.scan(b"CM-1001\rHB-0007\r")
        _comes_to(daemon, 1, "question_open")
        since = datetime.fromisoformat(ask(daemon.url, "GET", "/api/v1/state")[1]["question"]["since"])
    with _at_work(place) as daemon:
        assert _value(daemon, "question_open") == 1
        before = now()
        age_s = _value(daemon, "question_age_seconds")
        assert (before - since).total_seconds() <= age_s <= (now() - since).total_seconds()
        scanner.scan(b"$$NO\r")
        _comes_to(daemon, 0, "question_open")
        assert _value(daemon, "question_age_seconds") == 0


def test_clients_that_wait_for_events_are_counted(place: Workplace, scanner: Scanner) -> None:
    with _at_work(place) as daemon:
        assert scanner.link.exists()
        with stream(daemon.url), stream(daemon.url):
            _comes_to(daemon, 2, "http_held_requests", "events")
        _comes_to(daemon, 0, "http_held_requests", "events")


def test_a_scanner_that_is_no_longer_configured_does_not_count_as_disconnected(
    place: Workplace, scanner: Scanner
) -> None:
    with _at_work(place) as daemon:
        other = place.directory / "other"
        place.configure(f'[[scanner]]\nname = "right"\ndriver = "serial"\nmatch = {{ path = "{other}" }}\n')
        scanner.scan(b"CM-1001\r")
        _comes_to(daemon, 1, "document_open")
        daemon.process.send_signal(signal.SIGHUP)

        def scanners() -> set[str]:
            found = scraped_samples(daemon.url)
            return {labels[0] for name, labels in found if name == "scanstation_scanner_connected"}

        wait_until(lambda: scanners() == {"right"}, "the new configuration")
        assert _value(daemon, "scans_total", "assigned", "right") == 0
        assert _value(daemon, "scans_total", "command", "left") == 1


def test_the_process_is_measured_even_if_proc_is_restricted(place: Workplace, scanner: Scanner) -> None:
    """Like the unit's ``ProcSubset=pid``, the reason why the library's own collector is not used."""
    with _at_work(place) as daemon:
        assert scanner.link.exists()
        found = scraped_samples(daemon.url)
        status = dict(
            line.split(":", 1)
            for line in (place.directory / f"/proc/{daemon.process.pid}/status").read_text().splitlines()
        )
        resident = int(status["VmRSS"].split()[0]) * 1024
        assert found["process_resident_memory_bytes", ()] == pytest.approx(resident, rel=0.5)
        assert 0 < found["process_cpu_seconds_total", ()] < 600
        started = float(_shown("ps", "-o", "etimes=", "-p", str(daemon.process.pid)))
        assert time.time() - found["process_start_time_seconds", ()] == pytest.approx(started, abs=5)
        assert 3 < found["process_open_fds", ()] < found["process_max_fds", ()]


def _shown(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_promtool_accepts_the_text(place: Workplace, scanner: Scanner) -> None:
    promtool = program("promtool")
    with _at_work(place) as daemon:
        scanner.scan(b"CM-1001\rPR400001\r")
        _comes_to(daemon, 1, "scans_total", "assigned", "left")
        status, kind, text = scraped(daemon.url)
    assert (status, kind) == (200, "text/plain; version=0.0.4; charset=utf-8")
    checked = subprocess.run(
        [promtool, "check", "metrics"], check=False, input=text, capture_output=True, text=True
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def test_a_token_for_metrics_reads_them_and_nothing_else(place: Workplace) -> None:
    place.configure(display="require_token = true")
    bearer = {
        "Authorization": f"Bearer {place.run('token', 'create', 'p', '--scope', 'metrics').out.strip()}"
    }
    display = TokenFile(place.directory / "state", "dock-1").create("kiosk", ["display"])
    with place.daemon() as daemon:
        assert scraped(daemon.url)[0] == 401
        assert scraped(daemon.url, {"Authorization": f"Bearer {display}"})[0] == 403
        assert scraped(daemon.url, bearer)[0] == 200
        assert problem_of(daemon.url, "GET", "/api/v1/state", None, bearer)[0] == 403
        assert ask(daemon.url, "GET", "/readyz") == (200, {"status": "ok"})
