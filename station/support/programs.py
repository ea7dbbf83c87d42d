"""What the system's own programs say."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass

from station.errors import StationError

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
