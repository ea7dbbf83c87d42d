"""The demo with its page: prints the URL, opens a browser if there is one, plays the morning."""

from __future__ import annotations

import re
import signal
import subprocess
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from station.outputs.display.client import StationLink
from tests.running import COMMAND, PATIENCE_S, ending, wait_until
from tests.web.asking import JSON, ask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any


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


def _wait_for_the_end(url: str) -> None:
    """Until the morning is over, and a document is open for the visitor."""
    with closing(StationLink(url)) as link:
        # The morning itself works on this document, and ends with nobody signed on.
        wait_until(
            lambda: (
                (state := link.state()).document is not None
                and state.document.number == "CO-2001"
                and state.operator is None
            ),
            url,
        )


def test_it_opens_a_browser_plays_the_morning_and_ends_by_ctrl_c(tmp_path: Path) -> None:
    opened = tmp_path / "opened"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > "{opened}"\n')
    browser.chmod(0o755)
    environment = {"BROWSER": f"{browser} %s", "DISPLAY": ":0", "TMPDIR": str(tmp_path)}
    with _demo(tmp_path, environment) as (process, url):
        wait_until(lambda: opened.exists() and opened.read_text() == url, url)
        _wait_for_the_end(url)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) == 130
    assert not list(tmp_path.glob("scanstation-demo-*"))


def test_a_visitor_types_the_commands_of_the_hint_into_the_page(tmp_path: Path) -> None:
    """Without a printed sheet, whose codes a station otherwise demands there (D11)."""
    with _demo(tmp_path, {"TMPDIR": str(tmp_path)}) as (_, url):
        page = JSON | {"Origin": url, "Sec-Fetch-Site": "same-origin"}

        def typed(text: str) -> Any:
            return ask(url, "POST", "/api/v1/scans", {"text": text}, page)[1]

        _wait_for_the_end(url)
        units = [typed(text)["rows"] for text in ("NB14-00101", "$$UNDO", "CABLE-HD")]
        assert [row["action"] for (row,) in units] == ["Assigned", "Detached", "Counted"]
        assert typed("PR400041")["question"]["also"] == ["other_customer"]
        assert [row["reason"] for row in typed("$$NO")["rows"]] == ["declined"]
        assert typed("$$SAVE")["question"]["kind"] == "incomplete"


def test_without_a_graphical_session_no_browser_is_opened(tmp_path: Path) -> None:
    opened = tmp_path / "opened"
    with _demo(tmp_path, {"BROWSER": f"touch {opened}", "TMPDIR": str(tmp_path)}) as (process, _):
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 1
    assert "opens in your browser" not in (tmp_path / "said.log").read_text()
    assert not opened.exists()
