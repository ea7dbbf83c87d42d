"""The pictures of docs/workers.md, taken of a running station: `make pictures`."""

from __future__ import annotations

import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2
from PIL import Image
from playwright.sync_api import sync_playwright

from tests.browser.kiosk import Floor, launched, open_page
from tests.browser.states import STATES
from tests.running import Workplace

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

PICTURES = Path(__file__).parent.parent.parent / "docs" / "pictures"
WIDTH, HEIGHT = 1024, 600
COLOURS = 64
"""Enough for the page's few colours and the edges of its letters."""

TAKEN = (
    "ready",
    "assigned",
    "added",
    "negative",
    "skipped",
    "detached",
    "refused",
    "rejected",
    "question",
    "answer first",
    "not live",
)
"""The states of the page that the pictures show."""

SHEET_SCALE = 1.4
"""Pixels a point: as wide as a page of text."""


def take(directory: Path) -> None:
    """Write a PNG of each wanted state of the sample company's station, and one of the command sheet."""
    directory.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        place = _sample(Path(name))
        _take_page(place, directory)
        _write(_sheet(place), directory / "commands.png")


def _take_page(place: Workplace, directory: Path) -> None:
    with sync_playwright() as playwright, Floor(place) as floor:
        browser = launched(playwright, "--autoplay-policy=no-user-gesture-required")
        floor.start()
        seen = open_page(browser, floor.url, WIDTH, HEIGHT, reduced_motion="reduce")
        for state in STATES.reach(seen, floor):
            if state in TAKEN:
                picture = Image.open(BytesIO(seen.page.screenshot()))
                _write(picture, directory / f"{state.replace(' ', '-')}.png")
            if state == TAKEN[-1]:
                break
        browser.close()


def _sheet(place: Workplace) -> Picture:
    """The sheet's page of bar codes."""
    place.run("sheet", "-o", "commands.pdf")
    with pypdfium2.PdfDocument(place.directory / "commands.pdf") as sheet:
        picture: Picture = sheet[0].render(scale=SHEET_SCALE).to_pil()
    return picture


def _sample(directory: Path) -> Workplace:
    place = Workplace(directory)
    place.configure()
    place.import_sample()
    return place


def _write(picture: Picture, path: Path) -> None:
    picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    take(PICTURES)
    for path in sorted(PICTURES.glob("*.png")):
        sys.stdout.write(f"{path.stat().st_size:7} {path.name}\n")
