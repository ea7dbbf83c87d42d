"""One process a station."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from station.errors import StationError, StationInUseError
from station.ops.lock import Holder, StationLock, holder

if TYPE_CHECKING:
    from pathlib import Path


def test_a_station_is_worked_by_one_at_a_time(tmp_path: Path) -> None:
    with StationLock(tmp_path, "dock-1"):
        with (
            pytest.raises(StationInUseError, match=f'"dock-1" is run by process {os.getpid()} already'),
            StationLock(tmp_path, "dock-1"),
        ):
            pass
        with StationLock(tmp_path, "dock-2"):
            pass
    with StationLock(tmp_path, "dock-1"):
        pass


def test_the_holder_says_where_it_listens(tmp_path: Path) -> None:
    assert holder(tmp_path, "dock-1") is None
    with StationLock(tmp_path, "dock-1") as lock:
        assert holder(tmp_path, "dock-1") == Holder(os.getpid(), "")
        lock.tell("http://127.0.0.1:8321")
        assert holder(tmp_path, "dock-1") == Holder(os.getpid(), "http://127.0.0.1:8321")
        lock.tell("http://[::1]:1")
        assert holder(tmp_path, "dock-1") == Holder(os.getpid(), "http://[::1]:1")
    assert holder(tmp_path, "dock-1") is None


def test_a_process_that_was_killed_holds_nothing(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from station.ops.lock import StationLock\n"
        "with StationLock(Path(sys.argv[1]), 'dock-1') as lock:\n"
        "    lock.tell('http://127.0.0.1:1'); print('held', flush=True); time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        assert holder(tmp_path, "dock-1") == Holder(process.pid, "http://127.0.0.1:1")
        process.send_signal(signal.SIGKILL)
    assert holder(tmp_path, "dock-1") is None
    with StationLock(tmp_path, "dock-1"):
        pass


def test_a_state_directory_that_cannot_be_made_is_told_with_its_key(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(StationError, match=r"can't be written: .*; set station.state_directory"),
        StationLock(tmp_path / "file" / "state", "dock-1"),
    ):
        pass
