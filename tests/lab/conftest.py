"""Guests for the tests: each test gets a fresh one, restored from a machine that was booted once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conftest import NOTHING_SKIPPED
from tests.lab.image.kinds import WHOLE
from tests.lab.needs import missing
from tests.lab.packaged import Package, set_up_as_documented
from tests.lab.saved import Saved, prepared
from tests.lab.station import Station
from tests.packaging.built import built

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.lab.machine import Machine


def _need() -> None:
    if reason := missing():
        (pytest.fail if NOTHING_SKIPPED else pytest.skip)(reason)


@pytest.fixture(scope="session")
def lab() -> Iterator[Saved]:
    """A machine with scanstation installed, the sample company in its database, nothing plugged in."""
    _need()
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


@pytest.fixture(scope="session")
def dock(deb: Path) -> Iterator[Saved]:
    """The package installed and at work as docs/install.md says, a scanner of each kind plugged in."""
    _need()
    with prepared(WHOLE) as whole, whole.later(lambda guest: set_up_as_documented(guest, deb)) as saved:
        yield saved


@pytest.fixture
def package(dock: Saved) -> Iterator[Package]:
    with dock.restored() as guest:
        yield Package(guest)
