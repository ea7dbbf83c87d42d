"""What the documentation marks to be run in the virtual machine is run there, by tests/lab."""

from __future__ import annotations

from tests.docs.blocks import ROOT, Block, blocks, pages


def for_the_lab() -> list[Block]:
    return [block for page in pages() for block in blocks(page) if block.where == "lab"]


def test_the_commands_that_the_readme_tells_it_staff_are_those_of_the_install_page() -> None:
    readme = [block.text for block in for_the_lab() if block.path == ROOT / "README.md"]
    tried = [block.text for block in for_the_lab() if block.path == ROOT / "docs/install.md"]

    assert readme
    assert set(readme) <= set(tried)
