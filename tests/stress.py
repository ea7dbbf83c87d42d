"""Runs the everyday tests repeatedly on a busy machine, and lists what failed and how often.

python -m tests.stress RUNS
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Final

LOGS: Final = Path("build/stress")
"""The output of each run in which something failed."""
ONE_CORE_EVERY: Final = 3
_FAILED: Final = re.compile(r"^(?:FAILED|ERROR) (tests/.*?)(?: - .*)?$", re.MULTILINE)
_SWEPT: Final = (sys.executable, "-m", "tests.sweeping")
_TESTS: Final = ("-m", "pytest", "-n", "2", "--dist", "worksteal", "-o", "console_output_style=classic")


def main(runs: int) -> int:
    """Run all; return 1 if something failed."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in os.sched_getaffinity(0)]
    failed: Counter[str] = Counter()
    try:
        for number in range(1, runs + 1):
            failed.update(_run(number, runs))
    finally:
        for process in busy:
            process.kill()
            process.wait()
    for test, times in failed.most_common():
        print(f"failed {times} of {runs} times: {test}")
    return bool(failed)


def _run(number: int, runs: int) -> set[str]:
    """Return the tests that failed in one run; a failure of pytest itself counts as a test."""
    cores = sorted(os.sched_getaffinity(0))[: 1 if number % ONE_CORE_EVERY == 0 else None]
    limit = ["taskset", "--cpu-list", ",".join(map(str, cores))]
    began = time.monotonic()
    done = subprocess.run(
        [*limit, *_SWEPT, sys.executable, *_TESTS], check=False, capture_output=True, text=True
    )
    failed = set(_FAILED.findall(done.stdout)) or {"the run itself"} if done.returncode else set()
    if failed:
        LOGS.mkdir(parents=True, exist_ok=True)
        (LOGS / f"run-{number}.log").write_text(done.stdout + done.stderr)
    seconds = time.monotonic() - began
    print(f"run {number} of {runs}, cores {len(cores)}: {len(failed)} failed, {seconds:.0f} s", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
