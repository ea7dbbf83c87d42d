"""What a check found."""

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
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    """It works, and may not for long."""
    WRONG = "wrong"


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at; also a line of ``doctor --json``."""

    check: str
    """What was looked at: ``scanner left``, ``database``."""
    state: State
    what: str
    remedy: str = ""
    """What to do, in one sentence; empty: nothing."""

    def lines(self) -> list[str]:
        """As people read it."""
        said = [f"{self.state.upper():8}{self.check}: {self.what}"]
        return said + ([f"{'':8}→ {self.remedy}"] if self.remedy else [])


def ok(check: str, what: str) -> Finding:
    """All is well."""
    return Finding(check, State.OK, what)


def warning(check: str, what: str, remedy: str) -> Finding:
    """It works, and may not for long."""
    return Finding(check, State.WARNING, what, remedy)


def wrong(check: str, what: str, remedy: str) -> Finding:
    """It doesn't work."""
    return Finding(check, State.WRONG, what, remedy)


_TIME_ERROR = 5
"""``adjtimex(2)``: the clock is not synchronised."""
_PROGRAM_S = 10


@dataclass(frozen=True, slots=True)
class Identity:
    """Who opens devices."""

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
    """What a program prints; empty: it isn't there or fails."""
    try:
        done = subprocess.run(  # noqa: S603 - the arguments are ours
            arguments, capture_output=True, text=True, timeout=_PROGRAM_S, check=False
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout if done.returncode == 0 else ""


def is_clock_synchronised() -> bool | None:
    """What the kernel says (``adjtimex(2)``); None: it says nothing."""
    try:
        # A struct timex of zeros asks for nothing to be changed; none is larger than this.
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512))
    except (OSError, AttributeError):
        return None
    return None if state < 0 else state != _TIME_ERROR


@dataclass(frozen=True, slots=True)
class Machine:
    """What the checks look at; tests put a directory and answers of their own in its place."""

    root: Path = Path("/")
    identity: Identity = field(default_factory=Identity.own)
    run: Callable[[Sequence[str]], str] = run_program
    synchronised: Callable[[], bool | None] = is_clock_synchronised

    def processes(self) -> Iterator[Process]:
        """All programs that run."""
        for directory in (self.root / "proc").glob("[0-9]*"):
            try:
                yield Process(int(directory.name), (directory / "comm").read_text().strip())
            except (OSError, ValueError):
                continue

    def holders(self, path: str) -> list[Process]:
        """The programs that have a device node open, without us; only root sees those of others."""
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
            # It ended while we looked, or isn't ours to look at.
            pass
        return found
