from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from drivers.wedge.layouts import layout_names
from station.config import from_table
from station.settings import PROTOCOLS

PAGES = sorted((Path(__file__).parent.parent / "docs" / "scanners").glob("*.md"))


def _scanner_blocks(page: Path) -> list[str]:
    blocks = re.findall(r"^```toml\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)
    return [block for block in blocks if "[[scanner]]" in block]


BLOCKS = [
    pytest.param(page.name, block, id=f"{page.stem}-{number}")
    for page in PAGES
    for number, block in enumerate(_scanner_blocks(page), start=1)
]


@pytest.mark.parametrize(("page", "block"), BLOCKS)
def test_a_scanner_table_of_the_documentation_can_be_pasted(page: str, block: str) -> None:
    assert len(from_table(tomllib.loads(block), page).scanner) == block.count("[[scanner]]")


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_every_page_about_scanners_has_a_table_to_paste(page: Path) -> None:
    assert _scanner_blocks(page)


@pytest.mark.parametrize("driver", ["serial", "evdev", "usb"])
def test_the_makers_pages_show_every_driver(driver: str) -> None:
    for page in PAGES:
        if page.stem != "README":
            assert f'driver = "{driver}"' in "".join(_scanner_blocks(page)), page.name


def test_the_documentation_names_every_protocol_and_every_layout() -> None:
    text = (PAGES[0].parent / "README.md").read_text()
    protocols = [name for names in PROTOCOLS.values() for name in names]
    assert [name for name in protocols if f'protocol = "{name}"' not in text] == []
    assert [name for name in layout_names() if f"`{name}`" not in text] == []


def test_links_between_the_pages_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+\.md)[^)]*\)", page.read_text()):
            assert (page.parent / target).is_file(), f"{page.name}: {target}"
