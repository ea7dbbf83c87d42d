"""The Debian package of this checkout, built once per test run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from package import deb
from tests.lab.locking import locked

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def built(factory: pytest.TempPathFactory) -> Path:
    """Return the package; while one process builds it, the run's others wait."""
    base = factory.getbasetemp()
    directory = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "deb"
    directory.mkdir(exist_ok=True)
    with locked(directory / "lock"):
        if not (made := list(directory.glob("*.deb"))):
            made = [deb.build(directory)]
    return made[0]
