"""The demo with its page: prints the URL, opens a browser if there is one, plays the morning."""

from __future__ import annotations

import re
import signal
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from station.outputs.display.client import StationLink
from tests.running import COMMAND, PATIENCE_S, ending, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def _demo(directory: Path, environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run the demo without the terminal display; yield it with the URL that it prints."""
    output = directory / "said.log"
    with output.open("w") as log:
        process = subprocess.Popen(
            [COMMAND, "demo", "--page", "--speed", "2000"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    with ending(process):
        wait_until(lambda: "ends the demo" in output.read_text() or process.poll() is not None, output)
        address = re.search(r"http://127\.0\.0\.1:[0-9]+", output.read_text())
        assert address, output.read_text()
        yield process, address[0]


def test_it_opens_a_browser_plays_the_morning_and_ends_by_ctrl_c(tmp_path: Path) -> None:
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > "{opened}"\n')
    browser.chmod(0o755)
    environment = {"BROWSER": f"{browser} %s", "DISPLAY": ":0", "TMPDIR": str(tmp_path)}
    with _demo(tmp_path, environment) as (process, url):
        wait_until(lambda: opened.exists() and opened.read_text() == url, url)
        link = StationLink(url)
        wait_until(lambda: (shown := link.state().document) is not None and shown.number == "CO-2001", url)
        link.close()
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) == 130
    assert not list(tmp_path.glob("scanstation-demo-*"))


def test_without_a_graphical_session_no_browser_is_opened(tmp_path: Path) -> None:
    opened = tmp_path / "opened"
    with _demo(tmp_path, {"BROWSER": f"touch {opened}", "TMPDIR": str(tmp_path)}) as (process, _):
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 1
    assert "opens in your browser" not in (tmp_path / "said.log").read_text()
    assert not opened.exists()
