"""Each block is of a kind that a test knows, and none that is run here changes the machine."""

from __future__ import annotations

import json
import re
import tomllib

import pytest
import yaml

from station.config.loading import from_table
from tests.docs.blocks import ROOT, SHELL, Block, blocks, pages

BLOCKS = [block for page in pages() for block in blocks(page)]
OF_THE_MACHINE = re.compile(r"\b(sudo|apt|systemctl|udevadm|usermod)\b|>\s*/(etc|usr|opt|var)/")
COMMANDS = "sudo|scanstation|curl|apt|systemctl|pip|make|git|chromium|mosquitto_sub"
COMMAND = re.compile(rf"^\s*(\$|{COMMANDS}) ", re.MULTILINE)
TRIED = {*SHELL, "toml", "json", "yaml", "python", "ini", ""}


def _of(language: str) -> list[Block]:
    return [block for block in BLOCKS if block.language == language and block.where == "here"]


def test_a_block_is_of_a_language_that_a_test_tries() -> None:
    assert [f"{block}: {block.language}" for block in BLOCKS if block.language not in TRIED] == []


@pytest.mark.parametrize(
    "block", [block for block in BLOCKS if block.language in SHELL and block.where == "here"], ids=str
)
def test_what_is_run_here_leaves_the_machine_as_it_is(block: Block) -> None:
    found = OF_THE_MACHINE.search(block.text)
    assert found is None, f"{block}: {found[0]} changes the machine: mark it <!-- run: lab -->"


@pytest.mark.parametrize("block", _of(""), ids=str)
def test_a_command_stands_in_a_block_that_is_run(block: Block) -> None:
    found = COMMAND.search(block.text)
    assert found is None, f"{block}: {found[0]!r} is a command: write ```sh or ```console"


@pytest.mark.parametrize("block", _of("toml"), ids=str)
def test_a_table_that_the_documentation_shows_is_a_configuration(block: Block) -> None:
    assert from_table(tomllib.loads(block.text), str(block))


def test_other_blocks_are_what_they_say_they_are() -> None:
    """JSON may be lines of it; `ini` is what goes below a heading of a unit."""
    for block in _of("json"):
        assert all(json.loads(text) for text in _values(block.text)), block
    for block in _of("yaml"):
        assert yaml.safe_load(block.text), block
    for block in _of("python"):
        compile(block.text, str(block), "exec")
    for block in _of("ini"):
        assert all(re.fullmatch(r"\[\w+\]|\w+=.*", line) for line in block.text.splitlines()), block


def _values(text: str) -> list[str]:
    lines = text.splitlines()
    return lines if all(line.startswith("{") and line.endswith("}") for line in lines) else [text]


def test_few_blocks_are_never_run() -> None:
    """Each of them is a command that nobody tries: think twice before you add one."""
    never = [str(block) for block in BLOCKS if block.where == "never"]
    assert len(never) <= 8, never


def test_the_readme_installs_as_the_page_about_it_does() -> None:
    """The release tests run the page's block."""
    readme, page = (
        next(block.text for block in blocks(ROOT / path) if "apt install ./scanstation" in block.text)
        for path in ("README.md", "docs/install.md")
    )
    assert readme == page


def test_the_kiosks_flags_are_those_of_the_package() -> None:
    shown = next(block.text for block in blocks(ROOT / "docs" / "display.md") if "--kiosk" in block.text)
    flags = set(re.findall(r"--[a-z-]+", shown))
    assert flags <= set(re.findall(r"--[a-z-]+", (ROOT / "package" / "files" / "kiosk").read_text()))
