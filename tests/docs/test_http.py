"""docs/http.md: its first part of a station on loopback, its last of one with TLS and tokens."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.conftest import NOTHING_SKIPPED
from tests.docs.blocks import ROOT, Block, blocks
from tests.docs.shell import Shell
from tests.running import Workplace
from tests.web.asking import ask
from tests.web.certificates import certificates

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PAGE = ROOT / "docs" / "http.md"
OWN, REMOTE = "http://127.0.0.1:8321", "https://dock-1.example.com:8321"

needs_curl = pytest.mark.skipif(
    not shutil.which("curl") and not NOTHING_SKIPPED, reason="curl isn't installed: apt install curl"
)


def _examples(*, remote: bool) -> list[Block]:
    return [
        block for block in blocks(PAGE) if block.language == "console" and (REMOTE in block.text) is remote
    ]


def _run(examples: list[Block], place: Workplace, replace: Mapping[str, str]) -> None:
    with Shell(place.directory, place.environment(), replace) as shell:
        for block in examples:
            shell.run(block)


@needs_curl
def test_what_the_page_shows_is_what_a_station_answers(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    place.configure()
    place.import_sample()
    examples = _examples(remote=False)
    assert len(examples) >= 6
    with place.daemon() as daemon:
        _run(examples, place, {OWN: daemon.url})


@needs_curl
def test_what_the_page_shows_of_tokens_and_tls_holds(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    files = certificates(tmp_path, "localhost")
    place.configure(display=f"{files.settings}\nrequire_token = true")
    place.import_sample()
    place.run("token", "create", "first", "--scope", "admin")
    examples = _examples(remote=True)
    assert len(examples) == 1
    with place.daemon() as daemon:
        _run(examples, place, {REMOTE: f"https://localhost:{daemon.url.rpartition(':')[2]}"})


def test_each_path_that_the_page_names_is_described(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    place.configure()
    with place.daemon() as daemon:
        paths = ask(daemon.url, "GET", "/openapi.json")[1]["paths"]
    described = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    table = re.findall(r"^\| `(GET|POST|PUT) (/[^`]+)` \|", PAGE.read_text(), re.MULTILINE)
    named = {(method, _template(path)) for method, path in table if path != "/"}
    assert named == described


def _template(path: str) -> str:
    return path.replace("NUMBER", "{number}").replace("SERIAL", "{serial_number}")
