"""What a daemon with three scanners costs: wake-ups a second when idle, CPU when labels come, memory in both.

Scanners are pseudo-terminals; wake-ups are the voluntary context switches of all its threads.
"""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import tempfile
import threading
import time
import tty
from pathlib import Path
from typing import TYPE_CHECKING

from station.config.loading import load_file
from station.inputs.scanners import ScannerThread
from tests.running import Workplace

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.worker.entries import Entry, Outcome

SCANNERS = ("left", "middle", "right")
IDLE_S = 30.0
READING_S = 20.0
SCANS_PER_SECOND = 50


def _wake_ups(pid: int) -> int:
    total = 0
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        total += int(lines["voluntary_ctxt_switches"])
    return total


def _cpu_s(pid: int) -> float:
    """As the scheduler counts it; the clock ticks of ``stat`` are too coarse for something this small."""
    spent = [each.read_text().split()[0] for each in Path(f"/proc/{pid}/task").glob("*/schedstat")]
    return sum(map(int, spent)) / 1e9


def _memory(pid: int) -> str:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    sizes = dict(line.split(":", 1) for line in lines)
    rss, pss = (int(sizes[key].split()[0]) / 1024 for key in ("Rss", "Pss"))
    return f"{rss:.0f} MB resident, {pss:.0f} MB proportional"


def main() -> None:
    """Measure and print."""
    ends = {name: pty.openpty() for name in SCANNERS}
    tables = ""
    for name, (end, other) in ends.items():
        tty.setraw(end)
        path = os.ttyname(other)
        tables += f'[[scanner]]\nname = "{name}"\ndriver = "serial"\nmatch = {{ path = "{path}" }}\n'
    with tempfile.TemporaryDirectory() as directory:
        place = Workplace(Path(directory))
        place.configure(tables)
        place.import_sample()
        with place.daemon() as daemon:
            daemon.wait_for("scanner_changed", len(SCANNERS))
            pid = daemon.process.pid
            time.sleep(3)
            before, cpu_s = _wake_ups(pid), _cpu_s(pid)
            time.sleep(IDLE_S)
            wake_ups = (_wake_ups(pid) - before) / IDLE_S
            idle_cpu = (_cpu_s(pid) - cpu_s) / IDLE_S
            print(f"idle: {wake_ups:.2f} wake-ups a second, {idle_cpu:.2%} of a core, {_memory(pid)}")
            share = _while_scanning(ends, pid)
            print(f"{SCANS_PER_SECOND} scans a second, booked: {share:.2%} of a core, then {_memory(pid)}")
        command = [sys.executable, __file__, str(place.config)]
        reading = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        time.sleep(3)
        share = _while_scanning(ends, reading.pid)
        print(f"{SCANS_PER_SECOND} scans a second, only read: {share:.2%} of a core")
        reading.kill()
        reading.wait()


def _read_only(config: Path) -> None:
    """The daemon's scanner threads without the rest; what they read goes nowhere."""

    class Nowhere:
        def post(self, entry: Entry, done: Callable[[Outcome], None] | None = None) -> None:
            """Drop it."""

    for settings in load_file(config).scanner:
        ScannerThread(settings, Nowhere()).start()
    threading.Event().wait()


def _while_scanning(ends: dict[str, tuple[int, int]], pid: int) -> float:
    """Cores used by the process while labels come."""
    cpu_s, start = _cpu_s(pid), time.monotonic()
    for number in range(int(READING_S * SCANS_PER_SECOND)):
        os.write(ends[SCANNERS[number % len(SCANNERS)]][0], f"NO-SUCH-{number}\r".encode())
        time.sleep(max(0.0, start + (number + 1) / SCANS_PER_SECOND - time.monotonic()))
    return (_cpu_s(pid) - cpu_s) / (time.monotonic() - start)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _read_only(Path(sys.argv[1]))
    main()
