"""What the pages tell to type is typed, page by page, from the first block to the last."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.conftest import NOTHING_SKIPPED
from tests.docs.blocks import ROOT, SHELL, Block, blocks, pages
from tests.docs.shell import Shell
from tests.running import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.kiosk import Floor

WITHOUT_STATION = {"docs/recordings.md", "docs/testers.md"}
"""Pages for a machine on which no station runs: their commands are the station."""

SCANNED = {
    "docs/recordings.md": ["PR400001", "PR400002"],
    "docs/testers.md": ["CM-1001", "SN:PR400003"],
}
"""What the worker scans while a command of the page waits for Ctrl-C."""

OF_THEIR_OWN = {"README.md", "docs/http.md"}
"""Pages that other tests run."""

ADDRESS = "127.0.0.1:8321"


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _typed(page: Path) -> list[Block]:
    return [block for block in blocks(page) if block.language in SHELL and block.where == "here"]


RUN = [page for page in pages() if _name(page) not in OF_THEIR_OWN and _typed(page)]


@pytest.mark.skipif(
    not shutil.which("curl") and not NOTHING_SKIPPED, reason="curl isn't installed: apt install curl"
)
@pytest.mark.parametrize("page", RUN, ids=_name)
@pytest.mark.full
def test_what_a_page_tells_to_type_works(page: Path, floor: Floor) -> None:
    if _name(page) not in WITHOUT_STATION:
        floor.start()
    place = floor.place
    here = {ADDRESS: floor.url.removeprefix("http://")}
    with Shell(place.directory, place.environment(), here, lambda: _work(page, floor)) as shell:
        for block in _typed(page):
            shell.run(block)


def _work(page: Path, floor: Floor) -> None:
    """Scan at the command that runs."""
    directory = floor.place.directory
    for text in SCANNED[_name(page)]:
        before = _size(directory)
        floor.scan(text)
        wait_until(lambda before=before: _size(directory) > before, f"{_name(page)}: {text}")


def _size(directory: Path) -> int:
    """Of all that is recorded or printed there: each scan makes it grow."""
    return sum(path.stat().st_size for path in [*directory.glob("*.jsonl"), directory / "shell" / "running"])
