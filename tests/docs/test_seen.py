"""The site as a reader sees it, on a phone and on a desk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.kiosk import CHROMIUM, launched
from tests.conftest import NOTHING_SKIPPED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

pytestmark = pytest.mark.full

PHONE, DESK = (390, 844), (1280, 900)
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
UNSEEN = (
    "() => [...document.images].filter((each) => !each.naturalWidth || !each.alt).map((each) => each.src)"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists() and not NOTHING_SKIPPED:
        pytest.skip("Chromium isn't installed: apt install chromium")
    with sync_playwright() as playwright:
        started = launched(playwright)
        yield started
        started.close()


@pytest.mark.parametrize(("width", "height"), [PHONE, DESK], ids=["phone", "desk"])
def test_every_page_fits_its_screen_shows_its_pictures_and_asks_nobody_else(
    site: Path, browser: Browser, width: int, height: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": height})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in sorted({*site.rglob("*.html")} - {site / "index.html"}):
        page.goto(path.as_uri())
        assert page.evaluate(TOO_WIDE) == 0, path
        assert page.evaluate(UNSEEN) == [], path
    assert [url for url in asked if not url.startswith("file://")] == []
    page.close()


def test_a_word_is_found(site: Path, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{(site / 'search.html').as_uri()}?q=picklist")
    page.locator("#search-results a", has_text="Paper").wait_for()
    page.close()
