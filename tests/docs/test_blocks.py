from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.docs.blocks import blocks

if TYPE_CHECKING:
    from pathlib import Path


def _page(directory: Path, text: str) -> Path:
    page = directory / "page.md"
    page.write_text(text)
    return page


def test_a_block_knows_its_line_its_language_and_that_it_is_run_here(tmp_path: Path) -> None:
    page = _page(tmp_path, "# Title\n\n```sh\nscanstation doctor\n```\n")
    (block,) = blocks(page)
    assert (block.path, block.line, block.language) == (page, 3, "sh")
    assert (block.text, block.where, block.reason) == ("scanstation doctor\n", "here", "")


def test_a_block_in_a_list_is_found_without_its_indentation(tmp_path: Path) -> None:
    (block,) = blocks(_page(tmp_path, "1. First\n\n   ~~~sh\n   true\n   ~~~\n"))
    assert (block.line, block.text) == (3, "true\n")


@pytest.mark.parametrize(
    ("comment", "where", "reason"),
    [
        ("<!-- run: lab -->", "lab", ""),
        ("<!-- run: lab, needs root -->", "lab", "needs root"),
        ("<!-- run: never, Google's\npackage -->", "never", "Google's\npackage"),
    ],
)
def test_a_comment_says_where_a_block_is_run(tmp_path: Path, comment: str, where: str, reason: str) -> None:
    text = f"```\nnot this\n```\n\n{comment}\n```sh\ntrue\n```\n\n```sh\nnor this\n```\n"
    before, block, after = blocks(_page(tmp_path, text))
    assert (block.where, block.reason) == (where, reason)
    assert (before.where, after.where) == ("here", "here")


@pytest.mark.parametrize("comment", ["<!-- run: never -->", "<!-- run: elsewhere -->", "<!-- run: -->"])
def test_a_comment_that_says_nothing_known_is_a_mistake(tmp_path: Path, comment: str) -> None:
    with pytest.raises(ValueError, match="must be run: here, run: lab, or run: never, REASON"):
        blocks(_page(tmp_path, f"{comment}\n```sh\ntrue\n```\n"))


@pytest.mark.parametrize("between", ["\n", "\nWords.\n\n"])
def test_a_comment_that_stands_above_no_fence_is_a_mistake(tmp_path: Path, between: str) -> None:
    with pytest.raises(ValueError, match="stands above no fence"):
        blocks(_page(tmp_path, f"<!-- run: lab -->\n{between}```sh\ntrue\n```\n"))


def test_a_comment_at_the_end_of_a_page_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"page.md:5: .* stands above no fence"):
        blocks(_page(tmp_path, "```sh\ntrue\n```\n\n<!-- run: lab -->\n"))
