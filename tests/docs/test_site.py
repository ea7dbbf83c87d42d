"""The site that `make docs` makes of the pages."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.docs.blocks import ROOT
from tests.docs.site import build

if TYPE_CHECKING:
    from pathlib import Path

AUDIENCES = ["Workers", "IT", "Testers", "Integrators", "Developers"]
LOADED = re.compile(r'<(?:script|img|link|source|iframe)\b[^>]*?(?:src|href)="(https?:)?//[^"]*"')
ADDRESS = re.compile(r"\]\((https?:[^)\s]*)\)")


def test_it_is_made_without_a_warning_and_holds_every_page(site: Path) -> None:
    pages = [path.relative_to(ROOT).with_suffix(".html") for path in (ROOT / "docs").rglob("*.md")]
    assert [page for page in pages if not (site / page).is_file()] == []
    assert "url=docs/index.html" in (site / "index.html").read_text()


def test_its_navigation_goes_by_who_reads_it(site: Path) -> None:
    front = (site / "docs" / "index.html").read_text()
    assert re.findall(r'<span class="caption-text">([^<]+)</span>', front) == AUDIENCES


def test_it_loads_nothing_from_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        assert LOADED.search(page.read_text()) is None, page
    for style in site.rglob("*.css"):
        assert "url(http" not in style.read_text(), style
        assert "@import" not in style.read_text(), style


@pytest.mark.full
@pytest.mark.parametrize("link", ["nowhere.md", "there.md#nowhere", "#nowhere", "../nowhere.toml"])
def test_a_link_that_leads_nowhere_is_an_error(tmp_path: Path, link: str) -> None:
    docs = tmp_path / "docs"
    for folder in ("site", "style"):
        shutil.copytree(ROOT / "docs" / folder, docs / folder)
    shutil.copy(ROOT / "docs" / "conf.py", docs)
    (docs / "there.md").write_text("# There\n\n## Here\n")
    (docs / "index.md").write_text("# Front\n\n## Workers\n\n- [There](there.md#here)\n")
    assert build(tmp_path, tmp_path / "site").returncode == 0
    (docs / "there.md").write_text(f"# There\n\n## Here\n\n[Wrong]({link})\n")
    built = build(tmp_path, tmp_path / "site")
    assert built.returncode != 0
    assert "docs/there.md:5: WARNING" in built.stderr


def test_addresses_elsewhere_are_whole_and_safe() -> None:
    """`make links` asks whether they are there."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    addresses = {address for page in pages for address in ADDRESS.findall(page.read_text())}
    assert addresses
    for address in addresses:
        parts = urlsplit(address)
        assert parts.scheme == "https", address
        assert re.fullmatch(r"([a-z0-9-]+\.)+[a-z]+", parts.netloc), address
