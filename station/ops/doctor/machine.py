"""The finding of a check, and the machine that it examines."""

from __future__ import annotations

import ctypes
import os
import pwd
import subprocess
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


class State(StrEnum):
    """Severity of a finding."""

    OK = "ok"
    WARNING = "warning"
    """It works, but maybe not for long."""
    WRONG = "wrong"


class Finding(msgspec.Struct, frozen=True):
    """The result of one check; also a line of ``doctor --json``."""

    check: str
    """What was checked: ``scanner left``, ``database``."""
    state: State
    what: str
    remedy: str = ""
    """What to do, in one sentence; empty: nothing."""

    def lines(self) -> list[str]:
        """The finding as text."""
        lines = [f"{self.state.upper():8}{self.check}: {self.what}"]
        return lines + ([f"{'':8}→ {self.remedy}"] if self.remedy else [])


def ok(check: str, what: str) -> Finding:
    """Everything is fine."""
    return Finding(check, State.OK, what)


def warning(check: str, what: str, remedy: str) -> Finding:
    """It works, but maybe not for long."""
    return Finding(check, State.WARNING, what, remedy)


def wrong(check: str, what: str, remedy: str) -> Finding:
    """It doesn't work."""
    return Finding(check, State.WRONG, what, remedy)


_TIME_ERROR = 5
"""``adjtimex(2)``: the clock is not synchronised."""
_PROGRAM_S = 10


@dataclass(frozen=True, slots=True)
class Identity:
    """The user that opens devices."""

    uid: int
    groups: frozenset[int]

    @classmethod
    def own(cls) -> Identity:
        """This process."""
        return cls(os.geteuid(), frozenset((*os.getgroups(), os.getegid())))

    @property
    def name(self) -> str:
        """The user's name, for a command to paste."""
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:
            return str(self.uid)


@dataclass(frozen=True, slots=True)
class Process:
    """A running program."""

    pid: int
    name: str

    def __str__(self) -> str:
        return f"{self.name} (process {self.pid})"


def run_program(arguments: Sequence[str]) -> str:
    """A program's output; empty: it is missing or fails."""
    try:
        done = subprocess.run(  # noqa: S603 - the arguments come from this program
            arguments, capture_output=True, text=True, timeout=_PROGRAM_S, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout if done.returncode == 0 else ""


def is_clock_synchronised() -> bool | None:
    """The kernel's answer (``adjtimex(2)``); None: unknown."""
    try:
        # A struct timex of zeros changes nothing; no version is larger than this.
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512))
    except (OSError, AttributeError):
        return None
    return None if state < 0 else state != _TIME_ERROR


@dataclass(frozen=True, slots=True)
class Machine:
    """What the checks examine; tests use their own directory and answers."""

    root: Path = Path("/")
    identity: Identity = field(default_factory=Identity.own)
    run: Callable[[Sequence[str]], str] = run_program
    synchronised: Callable[[], bool | None] = is_clock_synchronised

    def processes(self) -> Iterator[Process]:
        """All running programs."""
        for directory in (self.root / "proc").glob("[0-9]*"):
            try:
                yield Process(int(directory.name), (directory / "comm").read_text().strip())
            except (OSError, ValueError):
                continue

    def holders(self, path: str) -> list[Process]:
        """The other programs that have a device node open; only root sees those of other users."""
        node = os.path.realpath(path)
        return [
            process
            for process in self.processes()
            if process.pid != os.getpid() and node in self._open_files(process.pid)
        ]

    def _open_files(self, pid: int) -> set[str]:
        found = set()
        try:
            for link in (self.root / f"proc/{pid}/fd").iterdir():
                found.add(str(link.readlink()))
        except OSError:
            # It has ended, or this user may not see it.
            pass
        return found
