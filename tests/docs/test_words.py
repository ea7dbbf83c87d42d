"""What the pages must tell because the program has it, and the pictures they show."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click
import pytest
from PIL import Image
from zxingcpp import read_barcodes

from station.cli import cli
from station.outcomes import SHOWN_ACTIONS
from tests.docs.blocks import ROOT, pages

if TYPE_CHECKING:
    from pathlib import Path

WORKERS = (ROOT / "docs" / "workers.md").read_text()
BUTTONS = [
    word
    for cell in re.findall(r"^\| (\*\*.*?) \|", WORKERS.partition("## Commands")[2], re.MULTILINE)
    for word in re.findall(r"\*\*([^*]+)\*\*", cell)
]
SIZES = {(1024, 600), (1024, 500), (560, 94)}
"""The whole screen, a question, the banner."""

PICTURES = sorted((ROOT / "docs" / "pictures").glob("*.png"))
SHOWN = re.compile(r"!\[(?P<alt>[^\]]+)\]\((?P<path>[^)]+)\)")


@pytest.mark.parametrize("word", [*SHOWN_ACTIONS, "Not live"])
def test_workers_are_told_what_each_word_of_the_display_means(word: str) -> None:
    section = WORKERS.partition(f"### {word.upper()}\n")[2].partition("\n#")[0]
    assert SHOWN.search(section), word


def test_each_command_has_its_line_in_the_list() -> None:
    text = (ROOT / "docs" / "commands.md").read_text()
    named = {name for cell in re.findall(r"^\| (`.*?) \| ", text, re.MULTILINE) for name in _names(cell)}
    context = click.Context(cli)
    assert named == set(cli.list_commands(context))


def _names(cell: str) -> list[str]:
    """The commands of a cell: ``import DIR``, ``export DOCUMENT``."""
    return [part.split()[0] for part in re.findall(r"`([^`]+)`", cell)]


def test_pictures_are_few_small_and_of_the_kiosks_size() -> None:
    assert len(PICTURES) <= 14
    for path in PICTURES:
        assert path.stat().st_size <= 60_000, path.name
        with Image.open(path) as picture:
            assert path.stem == "commands" or picture.size in SIZES, path.name


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_no_scanner_reads_a_code_off_a_picture(path: Path) -> None:
    """A page of the documentation, open at a station, would give commands."""
    with Image.open(path) as picture:
        large = picture.convert("L").resize((picture.width * 2, picture.height * 2))
        assert [code.text for seen in (picture.convert("L"), large) for code in read_barcodes(seen)] == []


@pytest.mark.parametrize("word", BUTTONS)
def test_a_button_that_workers_are_told_of_is_on_the_page(word: str) -> None:
    page = ROOT / "station" / "web" / "page"
    texts = "".join(path.read_text() for path in [page / "index.html", *page.rglob("*.js")])
    assert f'"{word}"' in texts or f">{word}<" in texts


def test_each_picture_is_shown_somewhere() -> None:
    shown = {page.parent / found["path"] for page in pages() for found in SHOWN.finditer(page.read_text())}
    assert {path.resolve() for path in shown} >= {*PICTURES, ROOT / "docs" / "pictures" / "architecture.svg"}
