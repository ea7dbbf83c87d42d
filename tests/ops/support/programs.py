"""Fake system programs in a test's directory, with the output that the test sets."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


class Programs:
    """Programs that `PATH` finds first."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir()

    def put(self, name: str, out: str, errors: str = "", code: int = 0) -> None:
        """Add a program that prints `out` and `errors`; it records its arguments."""
        (self.directory / f"{name}.out").write_text(out)
        (self.directory / f"{name}.err").write_text(errors)
        program = self.directory / name
        program.write_text(
            f'#!/bin/sh\necho "$@" >> {program}.asked\ncat {program}.out\ncat {program}.err >&2\n'
            f"exit {code}\n"
        )
        program.chmod(0o755)

    def put_journal(self, *entries: dict[str, Any]) -> None:
        """Add a journalctl that prints these entries."""
        self.put("journalctl", "".join(json.dumps(entry) + "\n" for entry in entries))

    def calls_of(self, name: str) -> list[str]:
        """The arguments of a program, one line per call."""
        return (self.directory / f"{name}.asked").read_text().splitlines()

    @property
    def environment(self) -> dict[str, str]:
        return {"PATH": f"{self.directory}:{os.environ['PATH']}"}


def entry(message: object, event: str = "", identifier: str = "scanstation", **more: Any) -> dict[str, Any]:
    """An entry as ``journalctl -o json`` prints it."""
    own = {
        "__REALTIME_TIMESTAMP": "1795410000812000",
        "MESSAGE": message,
        "PRIORITY": "6",
        "SYSLOG_IDENTIFIER": identifier,
        "_PID": "123",
    }
    return own | ({"SCANSTATION_EVENT": event} if event else {}) | more
