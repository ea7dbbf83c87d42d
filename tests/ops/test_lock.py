"""One process per station."""

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


def test_only_one_process_at_a_time_can_run_a_station(tmp_path: Path) -> None:
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


def test_the_lock_contains_the_holders_address(tmp_path: Path) -> None:
    assert holder(tmp_path, "dock-1") is None
    with StationLock(tmp_path, "dock-1") as lock:
        assert holder(tmp_path, "dock-1") == Holder(os.getpid(), "")
        lock.write_holder("http://127.0.0.1:8321")
        assert holder(tmp_path, "dock-1") == Holder(os.getpid(), "http://127.0.0.1:8321")
        lock.write_holder("http://[::1]:1")
        assert holder(tmp_path, "dock-1") == Holder(os.getpid(), "http://[::1]:1")
    assert holder(tmp_path, "dock-1") is None


def test_a_killed_process_holds_no_lock(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from station.ops.lock import StationLock\n"
        "with StationLock(Path(sys.argv[1]), 'dock-1') as lock:\n"
        "    lock.write_holder('http://127.0.0.1:1'); print('held', flush=True); time.sleep(600)"
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


def test_a_state_directory_that_can_not_be_created_is_reported_with_its_key(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(StationError, match=r"can't be written: .*; set station.state_directory"),
        StationLock(tmp_path / "file" / "state", "dock-1"),
    ):
        pass
