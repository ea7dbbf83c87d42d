from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.packaging.built import built

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def deb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Debian package of this checkout."""
    return built(tmp_path_factory)
