"""Programs and files of the guest, for the machine outside."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
from pathlib import Path
from typing import Any


def run(command: str, timeout_s: float) -> dict[str, Any]:
    """Run a shell command to its end; one that takes longer is killed with all it started (code -9)."""
    process = subprocess.Popen(
        ["/bin/bash", "-c", command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        out, err = process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
    return {
        "code": process.returncode,
        "out": out.decode(errors="replace"),
        "err": err.decode(errors="replace"),
    }


def put(path: str, data: str, mode: int) -> None:
    """Write a file; `data` is base64."""
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(base64.b64decode(data))
    file.chmod(mode)


def get(path: str, offset: int) -> str:
    """A file's content from a byte on, in base64; one that isn't there is empty."""
    try:
        with Path(path).open("rb") as file:
            file.seek(offset)
            return base64.b64encode(file.read()).decode()
    except FileNotFoundError:
        return ""
