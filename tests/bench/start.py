"""How long the daemon takes from exec until it tells systemd that scans can be processed.

Run: python tests/bench/start.py [STARTS]

Prints seconds (median and slowest) with everything in the page cache, and cold: with none of the files of the
interpreter, the environment and the database in it. The floor beside each is the interpreter that starts and
ends. Judges nothing.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.ops.service.manager import Manager
from tests.running import COMMAND, Workplace

if TYPE_CHECKING:
    from collections.abc import Callable

STARTS = 10


def main(starts: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="start-") as directory:
        place = Workplace(Path(directory))
        place.configure()
        place.import_sample()
        _interpreter(), _ready(place)
        for name, prepare in (("warm", _nothing), ("cold", lambda: _forget(place))):
            floor = [_after(prepare, _interpreter) for _ in range(starts)]
            found = [_after(prepare, lambda: _ready(place)) for _ in range(starts)]
            print(
                f"{name}: ready after {statistics.median(found):.2f} s, at worst {max(found):.2f} s; "
                f"interpreter alone {statistics.median(floor):.3f} s"
            )


def _after(prepare: Callable[[], object], measure: Callable[[], float]) -> float:
    prepare()
    return measure()


def _nothing() -> None:
    pass


def _interpreter() -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-I", "-c", ""], check=True)
    return time.perf_counter() - start


def _ready(place: Workplace) -> float:
    """Seconds from exec to ``READY=1``."""
    with Manager(place.directory / "notify") as manager:
        start = time.perf_counter()
        process = subprocess.Popen(
            [COMMAND, "run"],
            env=place.environment({"NOTIFY_SOCKET": manager.address}),
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        manager.until("READY=1")
        seconds = time.perf_counter() - start
        process.terminate()
        process.wait()
    (place.directory / "notify").unlink()
    return seconds


def _forget(place: Workplace) -> None:
    """Put the files out of the page cache; what a running program has mapped stays."""
    os.sync()
    stdlib = Path(sysconfig.get_path("stdlib"))
    for top in (stdlib, Path(sys.prefix), Path(__file__).parents[2] / "station", place.directory):
        for path in top.rglob("*"):
            if path.is_file():
                _forget_file(path)
    _forget_file(Path(sys.executable).resolve())


def _forget_file(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(file)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else STARTS)
