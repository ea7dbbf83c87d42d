from __future__ import annotations

import shutil
import socket
from collections import namedtuple
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from station.config.loading import from_table
from station.errors import ConfigError
from station.ops.doctor.diagnosis import clock, diagnosis, unit
from station.ops.doctor.machine import Machine, State
from station.ops.doctor.place import database, running_station, state_directory
from station.ops.lock import StationLock
from station.repository.database import open_engine
from station.repository.schema import upgrade

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from station.config.schema import Config
    from station.ops.doctor.machine import Finding

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC).timestamp()


def _config(tmp_path: Path, **more: Any) -> Config:
    return from_table({"station": {"state_directory": str(tmp_path)}, **more}, "test")


# Directory


def test_a_missing_state_directory_is_ok_if_it_can_be_created(tmp_path: Path) -> None:
    finding = state_directory(tmp_path / "not" / "yet")
    assert finding.state is State.OK
    assert str(tmp_path / "not" / "yet") in finding.what


def test_a_state_directory_below_a_file_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    finding = state_directory(tmp_path / "file" / "state")
    assert (finding.state, finding.what) == (State.WRONG, f"{tmp_path / 'file'} is not a directory")


def test_another_users_state_directory_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    assert state_directory(tmp_path).what == f"{tmp_path} can't be written by this user"


@pytest.mark.parametrize(
    ("free", "state"), [(10 * 2**20, State.WRONG), (100 * 2**20, State.WARNING), (2**33, State.OK)]
)
def test_a_disk_that_is_filling_up_is_reported_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, state: State
) -> None:
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 - as shutil returns it
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(2**40, 0, free))
    assert state_directory(tmp_path).state is state


# Database


def test_a_ready_database_is_ok(tmp_path: Path) -> None:
    config = _config(tmp_path)
    engine = open_engine(config.database_url())
    upgrade(engine)
    engine.dispose()
    assert database(config).state is State.OK


def test_a_missing_database_is_only_a_warning(tmp_path: Path) -> None:
    finding = database(_config(tmp_path))
    assert (finding.state, finding.remedy) == (
        State.WARNING,
        "run scanstation db upgrade, or start the station",
    )


@pytest.mark.parametrize(
    ("url", "remedy"), [("mysql://x", "correct database.url"), ("sqlite:///{}", "is no database")]
)
def test_a_file_that_is_not_a_database_is_wrong(tmp_path: Path, url: str, remedy: str) -> None:
    (tmp_path / "letter").write_text("Dear Sir or Madam, " * 100)
    finding = database(_config(tmp_path, database={"url": url.format(tmp_path / "letter")}))
    assert finding.state is State.WRONG
    assert remedy in f"{finding.what}; {finding.remedy}" or finding.remedy


# Display


def test_an_address_in_use_by_another_program_is_wrong(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        running, finding = running_station(_config(tmp_path, display={"listen": f"127.0.0.1:{port}"}))
        assert running is None
        assert finding.state is State.WRONG
        assert f"sport = :{port}" in finding.remedy
    _, finding = running_station(_config(tmp_path, display={"listen": f"127.0.0.1:{port}"}))
    assert finding.state is State.OK


def test_a_running_station_that_does_not_respond_is_wrong(tmp_path: Path) -> None:
    with StationLock(tmp_path, "station-1") as lock:
        lock.write_holder("http://127.0.0.1:9")
        running, finding = running_station(_config(tmp_path))
    assert running is not None
    assert (finding.state, finding.remedy) == (State.WRONG, "restart the station; its log shows the cause")


# Clock


@pytest.mark.parametrize(
    ("now_s", "synchronised", "state"),
    [
        (NOON, True, State.OK),
        (NOON, False, State.WARNING),
        (NOON, None, State.WARNING),
        (0.0, True, State.WRONG),
        (NOON * 4, True, State.WRONG),
    ],
)
def test_the_clock_must_be_right(
    tmp_path: Path, now_s: float, *, synchronised: bool | None, state: State
) -> None:
    finding = clock(Machine(tmp_path, synchronised=lambda: synchronised), now_s)
    assert finding.state is state


def test_a_clock_set_by_timesyncd_is_synchronised(tmp_path: Path) -> None:
    (tmp_path / "run/systemd/timesync").mkdir(parents=True)
    (tmp_path / "run/systemd/timesync/synchronized").touch()
    assert clock(Machine(tmp_path, synchronised=lambda: False), NOON).state is State.OK


def test_the_kernel_is_asked_for_its_clock() -> None:
    assert Machine().synchronised() in (True, False, None)


# Unit


def _unit(tmp_path: Path, shown: str) -> list[Finding]:
    (tmp_path / "run/systemd/system").mkdir(parents=True)

    def run(arguments: Sequence[str]) -> str:
        assert arguments[:3] == ["systemctl", "show", "scanstation.service"]
        return shown

    return list(unit(Machine(tmp_path, run=run)))


@pytest.mark.parametrize(
    ("shown", "state", "remedy"),
    [
        ("LoadState=loaded\nActiveState=active\nUnitFileState=enabled\n", State.OK, ""),
        ("LoadState=loaded\nActiveState=failed\nUnitFileState=enabled\n", State.WRONG, "journalctl"),
        ("LoadState=loaded\nActiveState=inactive\nUnitFileState=enabled\n", State.WARNING, "enable --now"),
        ("LoadState=loaded\nActiveState=active\nUnitFileState=disabled\n", State.WARNING, "enable --now"),
        ("LoadState=not-found\nActiveState=inactive\nUnitFileState=\n", State.WARNING, "enable --now"),
        ("", State.WARNING, "systemctl status"),
    ],
)
def test_the_unit_is_checked_if_there_is_systemd(
    tmp_path: Path, shown: str, state: State, remedy: str
) -> None:
    (finding,) = _unit(tmp_path, shown)
    assert finding.state is state
    assert remedy in finding.remedy


def test_without_systemd_there_is_no_unit(tmp_path: Path) -> None:
    assert list(unit(Machine(tmp_path))) == []


# All of it


def test_a_wrong_configuration_is_a_finding_and_the_rest_is_checked(tmp_path: Path) -> None:
    def load() -> Config:
        raise ConfigError("config.toml: is not valid TOML")

    findings = list(diagnosis(load, Machine(tmp_path)))
    assert [finding.check for finding in findings] == ["configuration", "udev rule", "clock"]
    assert findings[0].state is State.WRONG


def test_a_missing_program_has_no_output() -> None:
    machine = Machine()
    assert machine.run(["/no/such/program"]) == ""
    assert machine.run(["false"]) == ""
    assert machine.run(["echo", "hello"]) == "hello\n"
