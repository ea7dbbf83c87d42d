from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.kiosk import CHROMIUM, Floor, SeenPage, launched, open_page
from tests.conftest import NOTHING_SKIPPED
from tests.running import Workplace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Playwright


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Stopped after each module: while it runs, its event loop keeps others from running in this thread."""
    if not Path(CHROMIUM).exists() and not NOTHING_SKIPPED:
        pytest.skip("Chromium isn't installed: apt install chromium")
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium as a kiosk starts it: it may play sounds without a touch."""
    started = launched(playwright, "--autoplay-policy=no-user-gesture-required")
    yield started
    started.close()


@pytest.fixture(scope="session")
def sample_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample company's database, for tests to copy."""
    place = Workplace(tmp_path_factory.mktemp("sample"))
    place.configure()
    place.import_sample()
    return place.database.parent


@pytest.fixture
def floor(tmp_path: Path, sample_state: Path) -> Iterator[Floor]:
    """The running station of the sample company, with one serial scanner."""
    place = Workplace(tmp_path)
    shutil.copytree(sample_state, place.database.parent)
    with Floor(place) as running:
        running.start()
        yield running


@pytest.fixture
def open_another(browser: Browser, floor: Floor) -> Iterator[Callable[..., SeenPage]]:
    """Opens pages of the station, each in its own browser profile; checks at the end that none had errors."""
    opened: list[SeenPage] = []

    def opens(width: int = 1024, height: int = 600, **options: Any) -> SeenPage:
        seen = open_page(browser, floor.url, width, height, **options)
        opened.append(seen)
        return seen

    yield opens
    for seen in opened:
        seen.page.context.close()
        assert seen.errors == []


@pytest.fixture
def seen(open_another: Callable[..., SeenPage]) -> SeenPage:
    """The page on the station's own screen."""
    return open_another()
