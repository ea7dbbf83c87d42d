"""What troubleshooting quotes is what the station says."""

from __future__ import annotations

import ast
import re

import pytest

from tests.docs.blocks import ROOT

PAGE = ROOT / "docs" / "troubleshooting.md"
QUOTED = re.compile(r"(?<![*\w])\*([^*\n]+)\*(?!\*)")
VALUE = re.compile(r'…|"[^"]*"|[0-9]+')
"""What differs each time, in a message that is quoted."""


def _said() -> str:
    """Every text of the sources, one below the other."""
    texts = [path.read_text() for path in (ROOT / "station" / "web" / "page").rglob("*.[hj]*")]
    for folder in ("station", "drivers"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            tree = ast.parse(path.read_text())
            texts += [
                node.value
                for node in ast.walk(tree)
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            ]
    return "\n".join(texts)


def _quoted() -> list[str]:
    """The messages in the first column of its tables."""
    rows = [line.split(" | ")[0] for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    return [message for row in rows for message in QUOTED.findall(row)]


@pytest.fixture(scope="module")
def said() -> str:
    return _said()


@pytest.mark.parametrize("message", _quoted())
def test_a_message_that_the_page_quotes_is_one_of_the_stations(message: str, said: str) -> None:
    parts = [part.strip(" ,.:") for part in VALUE.split(message)]
    assert [part for part in parts if part not in said] == []
