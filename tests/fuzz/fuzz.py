"""Coverage-guided fuzzing of every parser, each for a time: ``make fuzz SECONDS=60``.

Prints a line a parser: inputs tried, places of the code reached, findings. A finding's input
is left in ``build/fuzz`` and the exit code is 1.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

BUILD = Path("build/fuzz")


def _fuzz(name: str, arguments: list[str]) -> None:
    """One parser, in this process; does not return."""
    import atheris  # noqa: PLC0415 - only the child needs it

    with atheris.instrument_imports(include=["drivers", "station"]):
        from tests.fuzz.targets import TARGETS  # noqa: PLC0415 - imported instrumented

        # Decoders are imported at their first use.
        TARGETS[name](b"")
    atheris.Setup([name, *arguments], TARGETS[name])
    atheris.Fuzz()


def _campaign(name: str, seconds: int) -> tuple[str, bool]:
    """Fuzz one parser in a child; its line, and whether it found something."""
    corpus = BUILD / name
    corpus.mkdir(parents=True, exist_ok=True)
    limits = [f"-max_total_time={seconds}", "-max_len=2048", "-rss_limit_mb=1024", "-timeout=10"]
    done = subprocess.run(
        [
            sys.executable,
            __file__,
            name,
            *limits,
            f"-artifact_prefix={corpus}-",
            "-print_final_stats=1",
            str(corpus),
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    tried = re.search(r"stat::number_of_executed_units:\s*(\d+)", done.stderr)
    reached = re.findall(r"cov: (\d+)", done.stderr)
    counts = f"{tried[1] if tried else '?':>10} inputs {reached[-1] if reached else '?':>6} places reached"
    line = f"{name:15} {counts}"
    if done.returncode == 0:
        return f"{line}  no finding", False
    return f"{line}  FOUND:\n{done.stderr[-3000:]}", True


def main() -> int:
    """Fuzz the parsers named on the command line, else all."""
    from tests.fuzz.targets import TARGETS  # noqa: PLC0415 - the child imports it instrumented

    seconds, names = int(sys.argv[1]), sys.argv[2:] or list(TARGETS)
    found = False
    for name in names:
        line, is_finding = _campaign(name, seconds)
        print(line, flush=True)
        found |= is_finding
    return int(found)


if __name__ == "__main__":
    if sys.argv[1].isdigit():
        sys.exit(main())
    _fuzz(sys.argv[1], sys.argv[2:])
