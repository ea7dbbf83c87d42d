"""The Debian package of this checkout, built once a test run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from package import deb
from tests.lab.locking import locked

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def built(factory: pytest.TempPathFactory) -> Path:
    """The package; the run's other processes wait while one builds it."""
    base = factory.getbasetemp()
    directory = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "deb"
    directory.mkdir(exist_ok=True)
    with locked(directory / "lock"):
        if not (made := list(directory.glob("*.deb"))):
            made = [deb.build(directory)]
    return made[0]
