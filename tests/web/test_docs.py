"""The examples of docs/http.md, run as they stand there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import NOTHING_SKIPPED
from tests.running import COMMAND, PATIENCE_S, Workplace
from tests.web.asking import ask
from tests.web.certificates import certificates

PAGE = Path(__file__).parent.parent.parent / "docs" / "http.md"
OWN, REMOTE = "http://127.0.0.1:8321", "https://dock-1.example.com:8321"

pytestmark = pytest.mark.skipif(
    not shutil.which("curl") and not NOTHING_SKIPPED, reason="curl isn't installed: apt install curl"
)


def _examples() -> list[tuple[str, str]]:
    """Each command with the output that it shows."""
    blocks = re.findall(r"^```console\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    parts = [part for block in blocks for part in re.split(r"^\$ ", block, flags=re.MULTILINE) if part]
    return [(part.partition("\n")[0], part.partition("\n")[2]) for part in parts]


def _run(command: str, place: Workplace) -> str:
    done = subprocess.run(
        ["bash", "-c", f"{command} 2>&1"],
        check=False,
        env=place.environment({"PATH": f"{Path(COMMAND).parent}:{os.environ['PATH']}"}),
        capture_output=True,
        timeout=PATIENCE_S,
        cwd=place.directory,
    )
    return done.stdout.decode().replace("\r\n", "\n").rstrip("\n")


def _check(command: str, shown: str, came: str) -> None:
    pattern = ".*".join(re.escape(part) for part in shown.rstrip("\n").split("…"))
    assert re.fullmatch(pattern, came, re.DOTALL), f"{command}\n{came}\n--- is not ---\n{shown}"


def test_what_the_page_shows_is_what_a_station_answers(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    place.configure()
    place.import_sample()
    examples = [example for example in _examples() if REMOTE not in example[0] and OWN in example[0]]
    assert len(examples) >= 10
    with place.daemon() as daemon:
        for command, shown in examples:
            _check(command, shown, _run(command.replace(OWN, daemon.url), place))


def test_what_the_page_shows_of_tokens_and_tls_holds(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    files = certificates(tmp_path, "localhost")
    place.configure(display=f"{files.settings}\nrequire_token = true")
    place.import_sample()
    place.run("token", "create", "first", "--scope", "admin")
    examples = [example for example in _examples() if OWN not in example[0]]
    assert len(examples) >= 5
    with place.daemon() as daemon:
        there = f"https://localhost:{daemon.url.rpartition(':')[2]}"
        for command, shown in examples:
            came = _run(command.replace(REMOTE, there), place)
            _check(command, shown, came)
            if "token create" in command:
                secret = came.splitlines()[0]
                (tmp_path / "token").write_text(f"Authorization: Bearer {secret}\n")


def test_each_path_that_the_page_names_is_described(tmp_path: Path) -> None:
    place = Workplace(tmp_path)
    place.configure()
    with place.daemon() as daemon:
        paths = ask(daemon.url, "GET", "/openapi.json")[1]["paths"]
    described = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    table = re.findall(r"^\| `(GET|POST|PUT) (/[^`]+)` \|", PAGE.read_text(), re.MULTILINE)
    named = {(method, path.replace("NUMBER", "{number}")) for method, path in table if path != "/"}
    assert named == described
