"""A throw-away PostgreSQL cluster from the programs that Debian installs."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def programs() -> Path | None:
    """The folder of the newest initdb here."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[4]))
    return found[-1].parent if found else None


@dataclass(frozen=True)
class Cluster:
    directory: Path

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.directory}"


def _as_user(*command: str) -> list[str]:
    """PostgreSQL refuses to run as root: be its own user then."""
    if os.geteuid() != 0:
        return list(command)
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *command]


@contextlib.contextmanager
def cluster() -> Iterator[Cluster]:
    """A running cluster that listens on a socket in its own directory only; gone afterwards."""
    binaries = programs()
    assert binaries is not None
    directory = Path(tempfile.mkdtemp(prefix="pg-"))
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(directory, user.pw_uid, user.pw_gid)
    data = directory / "data"
    try:
        _run(
            str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8",
            "--locale=C.UTF-8", "--no-sync",
        )  # fmt: skip
        options = f"-c listen_addresses='' -c unix_socket_directories={directory} -c fsync=off"
        control = [str(binaries / "pg_ctl"), "-D", str(data), "-w"]
        _run(*control, "-l", str(directory / "log"), "-o", options, "start")
        try:
            yield Cluster(directory)
        finally:
            _run(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _run(*command: str) -> None:
    subprocess.run(
        _as_user(*command),
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        cwd="/",
    )
