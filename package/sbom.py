"""The software bill of materials (SBOM): every packed distribution, as CycloneDX."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from package import site_packages
from package.project import NAME, epoch, version
from package.site_packages import CHECKOUT


def of_site_packages(site: Path) -> str:
    """Return the SBOM of a ``site-packages`` as JSON; the same each time."""
    with tempfile.TemporaryDirectory(prefix="sbom-") as name:
        environment = Path(name)
        # The tool lists the packages of an interpreter: this one has only the directory.
        venv.create(environment, with_pip=False, symlinks=True)
        (packages,) = environment.glob("lib/python*/site-packages")
        (packages / "packed.pth").write_text(f"{site}\n")
        return subprocess.run(
            [
                *(sys.executable, "-m", "cyclonedx_py", "environment", environment / "bin/python"),
                *("--output-reproducible", "--spec-version", "1.6", "--validate"),
                *("--pyproject", CHECKOUT / "pyproject.toml"),
            ],
            check=True,
            env={**os.environ, "SOURCE_DATE_EPOCH": str(epoch())},
            capture_output=True,
            text=True,
        ).stdout


def write(to: Path) -> Path:
    """Write the SBOM of the release into `to`."""
    target = to / f"{NAME}-{version()}.cdx.json"
    with tempfile.TemporaryDirectory(prefix="sbom-") as name:
        work = Path(name)
        site_packages.fill(work / "site", site_packages.build_wheel(work), work)
        target.write_text(of_site_packages(work / "site"))
    return target
