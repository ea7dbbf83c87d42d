"""Guests for the tests: each test gets a fresh one, restored from a machine that was booted once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conftest import NOTHING_SKIPPED
from tests.lab.needs import missing
from tests.lab.saved import Saved, prepared
from tests.lab.station import Station
from tests.packaging.built import built

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.lab.machine import Machine


@pytest.fixture(scope="session")
def lab() -> Iterator[Saved]:
    """A machine with scanstation installed, the sample company in its database, nothing plugged in."""
    if reason := missing():
        (pytest.fail if NOTHING_SKIPPED else pytest.skip)(reason)
    with prepared() as saved:
        yield saved


@pytest.fixture
def guest(lab: Saved) -> Iterator[Machine]:
    with lab.restored() as machine:
        yield machine


@pytest.fixture
def station(guest: Machine) -> Station:
    """The guest's station, not yet configured."""
    return Station(guest)


@pytest.fixture(scope="session")
def deb(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Debian package of this checkout."""
    return built(tmp_path_factory)
