from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from drivers import DRIVERS
from drivers.wedge.layouts import layout_names
from tests.docs.blocks import ROOT, blocks

if TYPE_CHECKING:
    from pathlib import Path

PAGES = sorted((ROOT / "docs" / "scanners").glob("*.md"))
MAKERS = [page for page in PAGES if page.stem != "README"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_page_about_scanners_has_a_table_to_paste(page: Path) -> None:
    assert any(block.language == "toml" and "[[scanner]]" in block.text for block in blocks(page))


@pytest.mark.parametrize("driver", [name for name, driver in DRIVERS.items() if driver.modes])
def test_the_makers_pages_show_every_driver_of_usb_scanners(driver: str) -> None:
    for page in MAKERS:
        shown = "".join(block.text for block in blocks(page) if block.language == "toml")
        assert f'driver = "{driver}"' in shown, page.name


def test_the_documentation_names_every_protocol_and_every_layout() -> None:
    text = (ROOT / "docs" / "scanners" / "README.md").read_text()
    protocols = [name for driver in DRIVERS.values() for name in driver.protocols]
    assert [name for name in protocols if f'protocol = "{name}"' not in text] == []
    assert [name for name in layout_names() if f"`{name}`" not in text] == []
