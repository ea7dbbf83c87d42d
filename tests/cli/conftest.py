from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.running import Workplace

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    """A directory with a configuration and an empty state."""
    place = Workplace(tmp_path)
    place.configure()
    return place


@pytest.fixture
def company(workplace: Workplace) -> Workplace:
    """A workplace with the sample company in its database."""
    workplace.import_sample()
    return workplace
