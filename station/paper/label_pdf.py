"""A label as a PDF of one page of the label's size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.paper.page import Pages

if TYPE_CHECKING:
    from station.paper.label_layout import Layout


def as_pdf(layout: Layout, dots_per_mm: int, title: str) -> bytes:
    """The file; the same for the same label, to the byte."""
    pages = Pages((layout.width / dots_per_mm, layout.height / dots_per_mm), title)
    for line in layout.lines:
        pages.text(
            line.x / dots_per_mm,
            line.baseline / dots_per_mm,
            line.text,
            line.size / dots_per_mm,
            bold=line.is_bold,
        )
    for each in layout.symbols:
        pages.symbol(
            each.symbol,
            each.x / dots_per_mm,
            each.y / dots_per_mm,
            each.module / dots_per_mm,
            each.height / dots_per_mm,
        )
    pages.end_page()
    return pages.done()
