from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.drivers.discovery.trees import Tree

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A machine with nothing plugged in."""
    return Tree(tmp_path / "machine")
