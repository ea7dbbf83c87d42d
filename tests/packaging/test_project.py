"""The package's version and maintainer."""

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


def test_the_program_and_the_documentation_have_the_version_of_pyproject() -> None:
    commands = "".join(block.text for page in pages() for block in blocks(page))
    named = set(re.findall(r"scanstation[_-](\d+\.\d+\.\d+)\b", commands))

    assert metadata.version(project.NAME) == project.version()
    # The other version on the page is an example of the next one, to upgrade to.
    assert project.version() in named
    assert len(named) == 2


def test_the_builder_can_name_the_maintainer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBFULLNAME", "Example Returns IT")
    monkeypatch.setenv("DEBEMAIL", "it@example.com")

    assert project.maintainer() == "Example Returns IT <it@example.com>"


def test_without_a_name_the_maintainer_is_whoever_installs_it() -> None:
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
def test_a_maintainer_that_would_break_the_control_file_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, address: str
) -> None:
    monkeypatch.setenv("DEBFULLNAME", name)
    monkeypatch.setenv("DEBEMAIL", address)

    with pytest.raises(ValueError, match=r"DEBFULLNAME .* and DEBEMAIL .* must be a name and an address"):
        project.maintainer()
