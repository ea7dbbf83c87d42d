"""The installed command, run as its users run it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from station import sample
from tests.forking import Forked, can_fork

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

COMMAND = str(Path(sys.executable).parent / "scanstation")
SAMPLE = Path(sample.__file__).parent
MORNING = SAMPLE / "morning.rec.jsonl"
EXPECTED = SAMPLE / "morning.expected.jsonl"
PATIENCE_S = 60
"""Far longer than anything takes; only a hang meets it."""


@dataclass(frozen=True)
class Result:
    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(frozen=True)
class Workplace:
    """A directory with a configuration of its own."""

    directory: Path
    may_fork: bool = True
    """False where it matters how the kernel shows the environment: as it was before the fork."""

    @property
    def config(self) -> Path:
        return self.directory / "config.toml"

    @property
    def database(self) -> Path:
        return self.directory / "state" / "scanstation.db"

    def configure(self, text: str = "", *, listen: str = "127.0.0.1:0", display: str = "") -> None:
        """`text`: tables after [station], [display] and [log]; `display`: more keys of [display]."""
        self.config.write_text(
            f'[station]\nname = "dock-1"\nstate_directory = "{self.directory / "state"}"\n'
            f'[display]\nlisten = "{listen}"\n{display}\n[log]\nformat = "json"\n{text}\n',
        )

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        return {**os.environ, "SCANSTATION_CONFIG": str(self.config), **(more or {})}

    def run(
        self,
        *arguments: str | Path,
        code: int | None = 0,
        stdin: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Result:
        """Run a command to its end.

        `code`: the exit status it must have, None: any; `environment`: more variables.
        """
        process = start(
            *arguments,
            may_fork=self.may_fork,
            env=self.environment(environment),
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.directory,
        )
        with ending(process):
            out, err = process.communicate(stdin, PATIENCE_S * 4)
        result = Result(process.returncode, out, err)
        assert "Traceback" not in result.err, result.err
        if code is not None:
            assert result.code == code, result
        return result

    def import_sample(self) -> None:
        self.run("import", SAMPLE / "company")

    def recording(self, scans: Sequence[str], name: str = "some") -> Path:
        """A recording of these scans, a second apart."""
        path = self.directory / f"{name}.rec.jsonl"
        header = {"recording": 1, "driver": "serial", "scanner": "left", "options": {"terminator": "\r"}}
        lines = [header] + [
            {"t": float(t), "bytes": f"{scan}\r".encode().hex()} for t, scan in enumerate(scans)
        ]
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        return path

    @contextlib.contextmanager
    def daemon(self) -> Iterator[Daemon]:
        """``scanstation run``, ended by SIGTERM."""
        errors = (self.directory / "daemon.log").open("w+")
        process = start(
            "run",
            may_fork=self.may_fork,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            cwd=self.directory,
        )
        with errors, ending(process):
            daemon = Daemon(process, self.directory / "daemon.log")
            daemon.wait_for("station_started")
            yield daemon
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                assert process.wait(PATIENCE_S) == 0, daemon.log()


def start(*arguments: str | Path, may_fork: bool = True, **how: Any) -> subprocess.Popen[Any]:
    """Start the command; `how`: as for `subprocess.Popen`."""
    command = [COMMAND, *map(str, arguments)]
    is_forked = may_fork and can_fork(command, **how)
    return Forked(command, **how) if is_forked else subprocess.Popen(command, **how)


@contextlib.contextmanager
def ending(process: subprocess.Popen[Any]) -> Iterator[None]:
    """It is gone outside."""
    try:
        yield
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


@dataclass(frozen=True)
class Daemon:
    process: subprocess.Popen[Any]
    log_path: Path

    def log(self) -> list[dict[str, Any]]:
        text = self.log_path.read_text()
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]

    def events(self, name: str) -> list[dict[str, Any]]:
        return [line for line in self.log() if line["event"] == name]

    def wait_for(self, name: str, count: int = 1) -> list[dict[str, Any]]:
        """Until the log holds `count` events of that name."""
        wait_until(lambda: len(self.events(name)) >= count or self.process.poll() is not None, self.log_path)
        found = self.events(name)
        assert len(found) >= count, self.log_path.read_text()
        return found

    @property
    def url(self) -> str:
        return str(self.events("station_started")[0]["url"])


def wait_until(condition: Any, what: object = "") -> None:
    """Until `condition()` holds; a hang fails the test."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, f"waited {PATIENCE_S} s in vain: {what}"
        time.sleep(0.01)


def alike(row: Mapping[str, Any], *but: str) -> dict[str, Any]:
    """A history row without what differs from run to run."""
    return {key: value for key, value in row.items() if key not in {"id", "at", "station", "session", *but}}
