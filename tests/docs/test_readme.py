"""What the README tells a stranger to type."""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tests.conftest import NOTHING_SKIPPED
from tests.docs.blocks import ROOT, SHELL, blocks

if TYPE_CHECKING:
    from pathlib import Path

QUIT = b"\x11"
"""Ctrl+Q."""


@pytest.mark.full
@pytest.mark.timeout(1500)
@pytest.mark.skipif(
    not shutil.which("git") and not NOTHING_SKIPPED, reason="git isn't installed: apt install git"
)
def test_three_commands_bring_the_demo_on_a_machine_that_has_nothing(tmp_path: Path) -> None:
    """It ends by Ctrl+Q, once it has told the page's address and shows the morning's units."""
    (block,) = [
        block for block in blocks(ROOT / "README.md") if block.language in SHELL and block.where == "here"
    ]
    assert "<this repository>" in block.text
    script = block.text.replace("<this repository>", str(ROOT))
    terminal, inside = pty.openpty()
    environment = {key: value for key, value in os.environ.items() if key not in {"VIRTUAL_ENV", "MAKEFLAGS"}}
    process = subprocess.Popen(
        ["bash", "-e", "-c", script],
        stdin=inside,
        stdout=inside,
        stderr=inside,
        cwd=tmp_path,
        env={**environment, "TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"},
        start_new_session=True,
    )
    os.close(inside)
    try:
        shown = _until(terminal, rb"http://127\.0\.0\.1:\d+", rb"CM-1001")
        os.write(terminal, QUIT)
        with suppress(OSError):
            while os.read(terminal, 65536):
                pass
        assert process.wait(60) == 0, shown[-2000:]
    finally:
        process.kill()
        process.wait()
        os.close(terminal)


def _until(terminal: int, *patterns: bytes) -> bytes:
    """What the terminal showed until all of these were there."""
    shown = b""
    while not all(re.search(pattern, shown) for pattern in patterns):
        try:
            shown += os.read(terminal, 65536)
        except OSError:
            pytest.fail(f"it ended: {shown[-2000:].decode(errors='replace')}")
    return shown
