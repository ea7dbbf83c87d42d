"""What a run of the tests leaves behind: nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import PATIENCE_S, wait_until

ROOT = Path(__file__).parent.parent
LEAVES = """
import os, pathlib, signal, subprocess, sys, tempfile, time
directory = pathlib.Path(tempfile.mkdtemp())
deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(600)"
started = subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE, start_new_session=True)
started.stdout.readline()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(600)
    os._exit(0)
os.wait()
pathlib.Path(sys.argv[1]).write_text(f"{started.pid} {directory}")
time.sleep(600 if sys.argv[2] == "wait" else 0)
os._exit(3)
"""


@pytest.mark.parametrize(
    ("ended_by", "code"),
    [(None, 3), (signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
)
def test_neither_processes_nor_files_are_left(
    tmp_path: Path, ended_by: signal.Signals | None, code: int
) -> None:
    said = tmp_path / "said"
    grace = "import tests.sweeping as s, sys; s.GRACE_S = 0.5; sys.exit(s.run(sys.argv[1:]))"
    command = [sys.executable, "-c", LEAVES, str(said), "wait" if ended_by else "go on"]
    with subprocess.Popen(
        [sys.executable, "-c", grace, *command], cwd=ROOT, stderr=subprocess.PIPE
    ) as process:
        if ended_by:
            wait_until(lambda: said.exists() and len(said.read_text().split()) == 2)
            process.send_signal(ended_by)
        process.communicate(timeout=PATIENCE_S)
        assert process.returncode == code
    pid, directory = said.read_text().split()
    assert not Path("/proc", pid).exists()
    assert not Path(directory).parent.exists()


def test_what_a_killed_run_forked_ends_with_it(tmp_path: Path) -> None:
    program = """
import time
from tests.running import start
print(start("demo", "--page").pid, flush=True)
time.sleep(600)
"""
    environment = {"TMPDIR": str(tmp_path), "BROWSER": "true"}
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        pid = process.stdout.readline().strip()
        assert Path("/proc", pid).exists()
        process.kill()
    wait_until(lambda: not Path("/proc", pid).exists(), pid)
