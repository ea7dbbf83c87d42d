"""Takes the pictures for docs/workers.md from a running station: `make pictures`."""

from __future__ import annotations

import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2
from PIL import Image, ImageDraw
from playwright.sync_api import sync_playwright
from zxingcpp import read_barcodes

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
    "counted",
    "negative",
    "skipped",
    "detached",
    "refused",
    "rejected",
    "question",
    "answer first",
    "incomplete",
    "not live",
)
"""The page's states in the pictures."""

BANNER = (62, WIDTH, 234)
"""Top, right and bottom of the page's banner in a screenshot."""

SHEET_SCALE = 1.4
"""Pixels a point: as wide as a page of text."""


def take(directory: Path) -> None:
    """Write a PNG of each state in `TAKEN` of the sample company's station, and one of the command sheet."""
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
                picture = part(state, Image.open(BytesIO(seen.page.screenshot())))
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


def part(state: str, picture: Picture) -> Picture:
    """The relevant part: an outcome's banner, scaled down; a question; otherwise everything."""
    if state in ("ready", "assigned"):
        return picture
    if state in ("question", "answer first", "incomplete"):
        return picture.crop((0, 0, WIDTH, 500))
    return picture.crop((0, *BANNER)).resize((560, 94), Image.Resampling.LANCZOS)


def spoiled(picture: Picture) -> Picture:
    """Blank the middle of each code: a scanner that sees the picture must not book anything."""
    picture = picture.convert("RGB")
    draw = ImageDraw.Draw(picture)
    while codes := read_barcodes(picture):
        for code in codes:
            corners = code.position
            each = (corners.top_left, corners.top_right, corners.bottom_left, corners.bottom_right)
            (left, right), (top, bottom) = _span([at.x for at in each]), _span([at.y for at in each])
            quarter = (right - left) // 4
            draw.rectangle((left + quarter, top - 8, right - quarter, bottom + 8), fill="white")
    return picture


def _span(values: list[int]) -> tuple[int, int]:
    return min(values), max(values)


def _write(picture: Picture, path: Path) -> None:
    spoiled(picture).quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    take(PICTURES)
    for path in sorted(PICTURES.glob("*.png")):
        sys.stdout.write(f"{path.stat().st_size:7} {path.name}\n")
