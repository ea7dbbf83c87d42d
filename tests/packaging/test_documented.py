"""Documented commands that tests/lab runs in the virtual machine."""

from __future__ import annotations

from tests.docs.blocks import ROOT, Block, blocks, pages


def for_the_lab() -> list[Block]:
    return [block for page in pages() for block in blocks(page) if block.where == "lab"]


def test_the_readmes_commands_for_it_staff_are_those_of_the_install_page() -> None:
    readme = [block.text for block in for_the_lab() if block.path == ROOT / "README.md"]
    tried = [block.text for block in for_the_lab() if block.path == ROOT / "docs/install.md"]

    assert readme
    assert set(readme) <= set(tried)
