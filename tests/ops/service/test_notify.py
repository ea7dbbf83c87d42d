"""Messages to systemd, over real sockets."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from station.ops import systemd
from station.ops.systemd import ServiceManager
from station.worker.ports import Watchdog
from tests.ops.service.manager import Manager


def environment(manager: Manager, **more: str) -> dict[str, str]:
    return {"NOTIFY_SOCKET": manager.address, **more}


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Manager:
    """With each kind of socket that systemd creates."""
    return Manager(tmp_path / "notify" if request.param == "path" else f"@scanstation-test-{os.getpid()}")


def test_each_message_has_the_format_of_systemd(manager: Manager) -> None:
    with manager:
        service = ServiceManager.from_environment(environment(manager))

        service.ready()
        service.say("1 of 2 scanners connected")
        service.alive()
        service.stopping()

        assert [manager.next() for _ in range(4)] == [
            "READY=1",
            "STATUS=1 of 2 scanners connected",
            "WATCHDOG=1",
            "STOPPING=1",
        ]


def test_a_status_is_always_one_line(manager: Manager) -> None:
    with manager:
        ServiceManager.from_environment(environment(manager)).say("left\nMAINPID=1")

        assert manager.next() == "STATUS=left\\u000AMAINPID=1"


def test_without_a_manager_nothing_is_sent_and_nothing_fails() -> None:
    ServiceManager.from_environment({}).ready()


def test_a_missing_manager_does_not_affect_the_station(tmp_path: Path) -> None:
    with Manager(tmp_path / "notify") as gone:
        service = ServiceManager.from_environment(environment(gone))

    service.alive()


def test_a_manager_that_reads_no_messages_does_not_block_the_station(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(systemd, "_PATIENCE_S", 0.01)
    more_than_its_socket_holds = 2 * int(Path("/proc/sys/net/unix/max_dgram_qlen").read_text()) + 2
    with Manager(tmp_path / "notify") as deaf:
        service = ServiceManager.from_environment(environment(deaf))
        for _ in range(more_than_its_socket_holds):
            service.alive()


def test_the_watchdog_of_another_process_is_ignored(tmp_path: Path) -> None:
    with Manager(tmp_path / "notify") as manager:
        ours = environment(manager, WATCHDOG_USEC="30000000", WATCHDOG_PID=str(os.getpid()))
        other = environment(manager, WATCHDOG_USEC="30000000", WATCHDOG_PID="1")

        assert ServiceManager.from_environment(ours).watchdog_s == 30
        assert ServiceManager.from_environment(other).watchdog_s is None


def test_child_processes_do_not_inherit_the_manager(tmp_path: Path) -> None:
    with Manager(tmp_path / "notify") as manager:
        variables = environment(manager, WATCHDOG_USEC="30000000", WATCHDOG_PID=str(os.getpid()))
        program = (
            "import subprocess; from station.ops.systemd import ServiceManager;"
            "ServiceManager.from_environment(); subprocess.run(['env'], check=True)"
        )
        shown = subprocess.run(
            [sys.executable, "-c", program],
            check=True,
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
        ).stdout

    assert not [line for line in shown.splitlines() if line.startswith(("NOTIFY_", "WATCHDOG_"))]


def test_a_busy_thread_sends_few_signs_of_life() -> None:
    signs: list[None] = []
    watchdog = Watchdog(lambda: signs.append(None), watchdog_s=60)

    for _ in range(10_000):
        watchdog.ping()

    assert len(signs) == 1


def test_without_a_watchdog_no_sign_of_life_is_sent() -> None:
    signs: list[None] = []
    watchdog = Watchdog(lambda: signs.append(None), watchdog_s=None)

    watchdog.ping()

    assert (signs, watchdog.every_s) == ([], None)
