"""What the package says of itself."""

from __future__ import annotations

import re
from importlib import metadata

import pytest

from package import project
from tests.docs.blocks import blocks, pages


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEBFULLNAME", raising=False)
    monkeypatch.delenv("DEBEMAIL", raising=False)


def test_the_version_stands_in_one_place_and_the_program_and_the_documentation_agree() -> None:
    commands = "".join(block.text for page in pages() for block in blocks(page))
    named = set(re.findall(r"scanstation[_-](\d+\.\d+\.\d+)\b", commands))

    assert metadata.version(project.NAME) == project.version()
    # The page's other one stands for the next version, to upgrade to.
    assert project.version() in named
    assert len(named) == 2


def test_whoever_builds_it_can_say_who_answers_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBFULLNAME", "Example Returns IT")
    monkeypatch.setenv("DEBEMAIL", "it@example.com")

    assert project.maintainer() == "Example Returns IT <it@example.com>"


def test_unsaid_it_is_whoever_installs_it_on_that_machine() -> None:
    assert project.maintainer() == "Whoever installs it here <scanstation@localhost>"


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("Example\nDepends: evil", "it@example.com"),
        ("Example", "it@example.com>, <x@y"),
        ("Example", "it"),
        ("", "it@example.com"),
        ("Example, Inc", "it@example.com"),
    ],
)
def test_what_would_spoil_the_control_file_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, address: str
) -> None:
    monkeypatch.setenv("DEBFULLNAME", name)
    monkeypatch.setenv("DEBEMAIL", address)

    with pytest.raises(ValueError, match=r"DEBFULLNAME .* and DEBEMAIL .* must be a name and an address"):
        project.maintainer()
