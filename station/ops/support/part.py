"""The parts of a bundle: the request they get, and the files they return."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from station.errors import StationError
from station.ops.doctor.machine import Machine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from station.config.loading import Reading
    from station.config.schema import Config
    from station.ops.lock import Holder


@dataclass(frozen=True, slots=True)
class BundleRequest:
    """A request for a bundle."""

    reading: Reading
    holder: Holder | None
    """The running station; None: it isn't running, or a wrong configuration hides it."""
    with_scans: bool = True
    """Whether the bundle may contain scans."""
    machine: Machine = field(default_factory=Machine)

    def config(self) -> Config:
        """The configuration.

        Raises:
            ConfigError: it is wrong.
        """
        return self.reading.right()


@dataclass(frozen=True, slots=True)
class File:
    """One file of the bundle."""

    name: str
    what: str
    """A short description."""
    text: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A missing file or part."""

    name: str
    """The name of the file or part."""
    why: str


@dataclass(frozen=True, slots=True)
class BundlePart:
    """One part of the bundle."""

    name: str
    collect: Callable[[BundleRequest], Iterable[File | Missing]]
    patience_s: float = 30
    """Its time limit."""


def left_out(name: str) -> Missing:
    """A part that is not in a bundle without scans."""
    return Missing(name, "left out by --no-scans")


_PATIENCE_S = 20


@dataclass(frozen=True, slots=True)
class Output:
    """The output of a program."""

    out: str
    errors: str
    code: int

    @property
    def complaint(self) -> str:
        """The first line of its errors, or else its exit code."""
        first = self.errors.strip().partition("\n")[0]
        return first or f"exit code {self.code}"


def run(*arguments: str) -> Output:
    """Run a program to its end, in English.

    Raises:
        StationError: it is not installed, or takes too long.
    """
    try:
        done = subprocess.run(  # noqa: S603 - the arguments come from this program
            arguments,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_PATIENCE_S,
            check=False,
            env={**os.environ, "LC_ALL": "C.UTF-8", "SYSTEMD_COLORS": "0", "SYSTEMD_PAGER": ""},
        )
    except FileNotFoundError as error:
        raise StationError(f"{arguments[0]} is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise StationError(f"{arguments[0]} took longer than {_PATIENCE_S} s") from error
    except OSError as error:
        raise StationError(f"{arguments[0]} can't be run: {error.strerror}") from error
    out, errors = (each.decode(errors="backslashreplace") for each in (done.stdout, done.stderr))
    return Output(out, errors, done.returncode)


def printed(*arguments: str) -> str:
    """The output of a program.

    Raises:
        StationError: it is not installed, takes too long, or fails; with its first error line.
    """
    result = run(*arguments)
    if result.code:
        raise StationError(f"{' '.join(arguments[:2])} fails: {result.complaint}")
    return result.out
