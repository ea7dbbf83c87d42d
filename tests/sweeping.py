"""Runs a command and leaves nothing of it behind, however it ends: no process, no temporary file.

python -m tests.sweeping COMMAND ARGUMENT...
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

GRACE_S: Final = 10.0
"""For what is left to end by itself."""
_PR_SET_CHILD_SUBREAPER: Final = 36
_PASSED_ON: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(command: Sequence[str]) -> int:
    """Run it, with a directory of its own for temporary files; its exit status as a shell has it."""
    # Whatever loses its parent becomes a child of this process.
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
    with tempfile.TemporaryDirectory(prefix="st-", ignore_cleanup_errors=True) as directory:
        # PostgreSQL works there as a user of its own.
        Path(directory).chmod(0o711)
        groups: list[int] = []

        def pass_on(number: int, _frame: object) -> None:
            for group in groups:
                with suppress(ProcessLookupError):
                    os.killpg(group, number)

        # Before the start, so that the command ignores none of them.
        for number in _PASSED_ON:
            signal.signal(number, pass_on)
        # A group of its own: Ctrl-C reaches it once, from here.
        process = subprocess.Popen(command, env={**os.environ, "TMPDIR": directory}, process_group=0)
        groups.append(process.pid)
        try:
            process.returncode = _wait_for(process.pid)
        finally:
            sweep()
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


def _wait_for(child: int) -> int:
    """Wait for the child; reap every other process that ends meanwhile."""
    while True:
        pid, status = os.wait()
        if pid == child:
            return os.waitstatus_to_exitcode(status)


def sweep() -> None:
    """End all children, and theirs."""
    given_up_at = time.monotonic() + GRACE_S
    while left := _children():
        number = signal.SIGTERM if time.monotonic() < given_up_at else signal.SIGKILL
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        time.sleep(0.05)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _children() -> list[int]:
    pids = (int(each.name) for each in Path("/proc").iterdir() if each.name.isdecimal())
    return [pid for pid in pids if _parent(pid) == os.getpid()]


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
