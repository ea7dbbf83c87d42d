from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.browser.kiosk import Floor
from tests.docs.blocks import ROOT
from tests.docs.site import build
from tests.running import SAMPLE, Workplace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    """A station with the sample company and one serial scanner, not yet running.

    Its directory also has the sample company's CSV files, in `company`.
    """
    shutil.copytree(SAMPLE / "company", tmp_path / "company")
    with Floor(Workplace(tmp_path)) as floor:
        floor.place.import_sample()
        yield floor


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the documentation."""
    site = tmp_path_factory.mktemp("docs") / "site"
    built = build(ROOT, site)
    assert (built.returncode, built.stderr) == (0, "")
    return site
