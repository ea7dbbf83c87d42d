"""Reads printed codes back: one library renders the page and another reads it; neither has drawn it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pypdfium2
import zxingcpp

if TYPE_CHECKING:
    from PIL import Image

DPI = 200
MM = DPI / 25.4
"""Pixels."""


@dataclass(frozen=True)
class Found:
    """A bar code on a page, with its edges in millimetres from the upper left corner."""

    kind: str
    text: str
    identifier: str
    left: float
    top: float
    right: float
    bottom: float

    def distance(self, other: Found) -> float:
        """Return the distance between the nearest edges of two codes."""
        across = max(self.left - other.right, other.left - self.right, 0)
        down = max(self.top - other.bottom, other.top - self.bottom, 0)
        return float((across**2 + down**2) ** 0.5)


def pages_of(pdf: bytes, dpi: float = DPI) -> list[Image.Image]:
    """Render each page at 200 dpi, the worst that an office printer prints."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=dpi / 72).to_pil().convert("L") for page in document]
    finally:
        document.close()


def words_of(pdf: bytes) -> str:
    """Return the text of all pages, as a viewer copies it."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def read(image: Image.Image, pixels_a_mm: float = MM) -> list[Found]:
    """Return every bar code of any kind on an image, from top to bottom."""
    found = []
    for each in zxingcpp.read_barcodes(image):
        corners = (
            each.position.top_left,
            each.position.top_right,
            each.position.bottom_left,
            each.position.bottom_right,
        )
        left, right = min(c.x for c in corners), max(c.x for c in corners)
        top, bottom = min(c.y for c in corners), max(c.y for c in corners)
        edges = (edge / pixels_a_mm for edge in (left, top, right, bottom))
        kind = "QR Code" if each.symbology_identifier.startswith("]Q") else "Code 128"
        found.append(Found(kind, each.bytes.decode(), each.symbology_identifier, *edges))
    return sorted(found, key=lambda each: (each.top, each.left))
