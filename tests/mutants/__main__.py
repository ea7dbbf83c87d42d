"""Samples single mutants of the costliest code: ``make mutants SEED=1 SAMPLE=300``.

Each is tried with the tests that reach its line. Prints those that live, and their share.
"""

from __future__ import annotations

import random
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from tests.mutants.copied import JOBS, Copy
from tests.mutants.mutant import Mutant, mutants
from tests.mutants.reached import Reached

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOMS = (
    "station/rules",
    "station/worker",
    "station/repository/scan_path",
    "station/repository/statement.py",
    "station/repository/unit_of_work.py",
    "station/repository/database.py",
    "station/repository/outbox.py",
    "station/repository/archive/looking.py",
    "station/labels",
    "station/outputs/publishers",
    "station/web/access.py",
    "station/web/guard.py",
    "station/web/limits.py",
    "station/web/login.py",
    "station/web/tokens.py",
    "drivers/framing.py",
    "drivers/raw_usb",
    "drivers/serial_line",
    "drivers/stream.py",
)
TESTS = (
    "tests/worker",
    "tests/repository",
    "tests/rules",
    "tests/labels",
    "tests/drivers",
    "tests/inputs",
    "tests/web",
    "tests/outputs/publishers",
    "tests/office",
    "tests/terminal",
    "tests/app",
)
"""Those of the commands reach little besides, and each starts processes."""
TEST_S = 120
"""Longer than any of these tests takes: a mutant may wait for ever."""
EQUIVALENT = Path(__file__).parent / "equivalent.toml"


def _all() -> Iterator[Mutant]:
    for room in ROOMS:
        for path in sorted(Path(room).rglob("*.py")) or [Path(room)]:
            yield from mutants(str(path), path.read_bytes())


def _argued(found: list[Mutant]) -> set[Mutant]:
    """Return the mutants listed as equivalent; report entries that match none."""
    entries = tomllib.loads(EQUIVALENT.read_text())["equivalent"]
    by_key: dict[tuple[str, str, str], list[Mutant]] = {}
    for mutant in found:
        by_key.setdefault((mutant.path, mutant.source, mutant.change), []).append(mutant)
    argued = set()
    for entry in entries:
        fitting = by_key.get((entry["module"], entry["line"], entry["change"]), [])
        if not fitting:
            print(f"argued, but no longer a mutant: {entry['module']}: {entry['change']}")
        argued.update(fitting)
    return argued


class Trial:
    """Tries mutants, several at once, each on a copy of the tree."""

    def __init__(self, argued: set[Mutant], reached: Reached, copies: list[Copy]) -> None:
        self._argued, self._reached = argued, reached
        self._free: SimpleQueue[Copy] = SimpleQueue()
        for copy in copies:
            self._free.put(copy)

    def why_living(self, mutant: Mutant) -> str:
        """Why nobody notices the mutant; empty: it is caught, or argued to be none."""
        if mutant in self._argued:
            return ""
        tests = self._reached.tests_of(mutant)
        if not tests:
            return "no test reaches it"
        copy = self._free.get()
        try:
            return f"{len(tests)} tests pass" if _passes(copy, mutant, tests) else ""
        finally:
            self._free.put(copy)


def _passes(copy: Copy, mutant: Mutant, tests: list[str]) -> bool:
    path, wanted = copy.directory / mutant.path, copy.directory / "wanted"
    wanted.write_text("\n".join(tests))
    text = path.read_bytes()
    path.write_bytes(mutant.applied(text))
    try:
        return copy.pytest("-x", f"--timeout={TEST_S}", f"@{wanted}") == 0
    finally:
        path.write_bytes(text)


def main(seed: int, sample: int) -> None:
    """Try a sample."""
    found = list(_all())
    argued = _argued(found)
    chosen = random.Random(seed).sample(found, min(sample, len(found)))
    reached = Reached(TESTS)
    reached.measure()
    living = 0
    with ExitStack() as stack, ThreadPoolExecutor(JOBS) as pool:
        trial = Trial(argued, reached, [stack.enter_context(Copy()) for _ in range(JOBS)])
        for mutant, why in zip(chosen, pool.map(trial.why_living, chosen), strict=True):
            if why:
                living += 1
                place = f"{mutant.path}:{mutant.lines[0]}"
                print(f"{place}: {why}", mutant.source, mutant.change, sep="\n  ", flush=True)
    print(
        f"{living} of {len(chosen)} mutants live ({living / len(chosen):.1%}), "
        f"{len(argued & set(chosen))} are argued to be equivalent, of {len(found)} in all"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
