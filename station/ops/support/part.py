"""What a part of the bundle is given, and what it gives."""

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
class Asked:
    """What the bundle is made of."""

    reading: Reading
    holder: Holder | None
    """The running station; None: it doesn't run, or the configuration doesn't say where to look."""
    with_scans: bool = True
    """Whether what was scanned may be in it."""
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
    """What it is, in a few words."""
    text: str


@dataclass(frozen=True, slots=True)
class Missing:
    """What could not be had."""

    name: str
    """Of the file or the part."""
    why: str


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the bundle."""

    name: str
    collect: Callable[[Asked], Iterable[File | Missing]]
    patience_s: float = 30
    """What takes longer is left out."""


def left_out(name: str) -> Missing:
    """What is not in a bundle without scans."""
    return Missing(name, "left out by --no-scans")


_PATIENCE_S = 20


@dataclass(frozen=True, slots=True)
class Said:
    """What a program printed."""

    out: str
    errors: str
    code: int

    @property
    def complaint(self) -> str:
        """The first line of its errors, else its exit code."""
        first = self.errors.strip().partition("\n")[0]
        return first or f"exit code {self.code}"


def said(*arguments: str) -> Said:
    """Run a program to its end, in English.

    Raises:
        StationError: it isn't there, or takes too long.
    """
    try:
        done = subprocess.run(  # noqa: S603 - the arguments are ours
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
    return Said(out, errors, done.returncode)


def printed(*arguments: str) -> str:
    """What a program printed.

    Raises:
        StationError: it isn't there, takes too long, or fails; with what it said.
    """
    result = said(*arguments)
    if result.code:
        raise StationError(f"{' '.join(arguments[:2])} fails: {result.complaint}")
    return result.out
