"""A copy of the tree to spoil: the tests run there, and nothing is left behind here."""

from __future__ import annotations

import compileall
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from py_compile import PycInvalidationMode
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

JOBS = 2
ALL_S = 1800
MEMORY_BYTES = 8 << 30
"""A mutant may loop for ever, and gather something."""
_LEFT_OUT = shutil.ignore_patterns(".*", "build", "dist", "__pycache__", "*.egg-info")


class Copy:
    """A directory with the tree as it is now."""

    def __enter__(self) -> Self:
        self.directory = Path(tempfile.mkdtemp(prefix="scanstation-mutants-")) / "tree"
        shutil.copytree(".", self.directory, ignore=_LEFT_OUT, symlinks=True)
        # By their hash: two mutants of the same length may come within the clock's resolution.
        for package in ("station", "drivers"):
            compileall.compile_dir(
                self.directory / package,
                quiet=2,
                invalidation_mode=PycInvalidationMode.CHECKED_HASH,
            )
        return self

    def __exit__(self, *_error: object) -> None:
        shutil.rmtree(self.directory.parent, ignore_errors=True)

    def pytest(
        self,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        is_shown: bool = False,
    ) -> int:
        """Run tests on the copy; the exit code, 0: all pass."""
        process = subprocess.Popen(
            [
                "prlimit",
                f"--as={MEMORY_BYTES}",
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-p",
                "no:cacheprovider",
                *arguments,
            ],
            cwd=self.directory,
            env={**os.environ, "PYTHONPATH": str(self.directory), **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=None if is_shown else subprocess.DEVNULL,
            stderr=None if is_shown else subprocess.DEVNULL,
        )
        try:
            return process.wait(ALL_S)
        except subprocess.TimeoutExpired:
            # As Ctrl-C: the tests end what they started.
            process.send_signal(signal.SIGINT)
            return process.wait()
