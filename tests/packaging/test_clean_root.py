"""The package on a bare system of each supported release, without a compiler and without a network."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.conftest import NOTHING_SKIPPED
from tests.lab.needs import missing
from tests.packaging.bare import UBUNTU, Root, bare
from tests.packaging.revision import revision

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.full, pytest.mark.release, pytest.mark.timeout(1200)]
CONFIG = "/etc/scanstation/config.toml"


@pytest.fixture(scope="module", params=["bookworm", "trixie", *UBUNTU])
def root(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Root:
    """A release's system."""
    if reason := missing():
        (pytest.fail if NOTHING_SKIPPED else pytest.skip)(reason)
    return bare(request.param, tmp_path_factory.mktemp(request.param))


def test_it_installs_runs_upgrades_and_uninstalls(root: Root, deb: Path) -> None:
    shutil.copy(deb, root.directory / "tmp/first.deb")
    (root.directory / "tmp/second.deb").write_bytes(revision(deb, "0.2.0-1").after(deb.read_bytes()))
    assert root.run("command -v gcc cc || true") == ""

    root.run("dpkg --install /tmp/first.deb")

    assert "Assigned" in root.run("scanstation demo --once")
    assert "upgraded, schema" in root.run("scanstation db upgrade")
    assert root.run("stat -c %U /var/lib/scanstation/scanstation.db").strip() == "scanstation"
    assert root.run("find /usr/lib/scanstation -name 'desk.*.pyc'") != ""

    root.run(f"sed -i 's/station-1/dock-7/' {CONFIG}; dpkg --install /tmp/second.deb")

    assert "dock-7" in root.run(f"cat {CONFIG}")
    assert "is up to date" in root.run("scanstation db upgrade")
    assert "older version than the one before" in root.run("dpkg --install /tmp/first.deb")

    root.run("dpkg --remove scanstation")
    assert root.run("find /usr/lib/scanstation /usr/bin/scanstation 2>/dev/null || true") == ""
    assert root.run(f"ls {CONFIG} /var/lib/scanstation/scanstation.db")

    output = root.run("dpkg --purge scanstation")
    assert "deleting the stations' databases and backups in /var/lib/scanstation" in output
    assert root.run("ls -d /etc/scanstation /var/lib/scanstation 2>/dev/null || true") == ""
