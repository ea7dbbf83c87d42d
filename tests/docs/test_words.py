"""What the pages must tell because the program has it, and the pictures they show."""

from __future__ import annotations

import re

import click
import pytest
from PIL import Image

from station.cli import cli
from station.events import Action
from tests.docs.blocks import ROOT, pages

WORKERS = (ROOT / "docs" / "workers.md").read_text()
PICTURES = sorted((ROOT / "docs" / "pictures").glob("*.png"))
SHOWN = re.compile(r"!\[(?P<alt>[^\]]+)\]\((?P<path>[^)]+)\)")


@pytest.mark.parametrize("word", [*Action, "Rejected", "Not live"])
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
    assert len(PICTURES) <= 12
    for path in PICTURES:
        assert path.stat().st_size <= 60_000, path.name
        with Image.open(path) as picture:
            assert path.stem == "commands" or picture.size == (1024, 600), path.name


def test_each_picture_is_shown_somewhere() -> None:
    shown = {page.parent / found["path"] for page in pages() for found in SHOWN.finditer(page.read_text())}
    assert {path.resolve() for path in shown} >= {*PICTURES, ROOT / "docs" / "pictures" / "architecture.svg"}
