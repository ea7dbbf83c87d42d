"""The ``site-packages`` of the Debian package: the merged wheels for all its Pythons."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
"""Debian 12, Ubuntu 24.04, Debian 13, Ubuntu 26.04."""
PLATFORM = "x86_64-manylinux_2_34"
"""Not newer than the oldest C library of these: Debian 12 has 2.36."""
CHECKOUT = Path(__file__).parents[1]
REQUIREMENTS = CHECKOUT / "package/requirements.lock"
_NOT_OURS = ("RECORD", "WHEEL")
"""An installer's records of one Python's files, to remove them later: here dpkg does that."""


def build_wheel(to: Path) -> Path:
    """Build the project's wheel; the same sources give the same bytes."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", to],
        check=True,
        cwd=CHECKOUT,
        capture_output=True,
    )
    (wheel,) = to.glob("*.whl")
    return wheel


def fill(site: Path, wheel: Path, work: Path) -> None:
    """Put the project and its dependencies into `site`; `work` is for temporary files.

    Raises:
        ValueError: two Pythons' wheels differ where they must not.
        subprocess.CalledProcessError: a package has no wheel for one of the Pythons.
    """
    for python in PYTHONS:
        installed = work / python
        _install(python, installed)
        _merge(installed, site)
    _unpack(wheel, site)


def _install(python: str, to: Path) -> None:
    """Install the wheels of the locked packages, checked against their hashes; nothing is built."""
    subprocess.run(
        [
            *(sys.executable, "-m", "uv", "pip", "install", "--quiet", "--target", to),
            *("--python-version", python, "--python-platform", PLATFORM),
            *("--only-binary", ":all:", "--no-compile-bytecode", "--no-installer-metadata"),
            *("--require-hashes", "--requirement", REQUIREMENTS),
        ],
        check=True,
    )


def _merge(installed: Path, site: Path) -> None:
    for source in sorted(path for path in installed.rglob("*") if path.is_file()):
        relative = source.relative_to(installed)
        if relative.parts[0] in {"bin", "share"} or source.name in {".lock", *_NOT_OURS}:
            continue
        _put(source.read_bytes(), site, relative)


def _unpack(wheel: Path, site: Path) -> None:
    with zipfile.ZipFile(wheel) as files:
        for name in files.namelist():
            if ".data/" not in name and Path(name).name not in _NOT_OURS:
                _put(files.read(name), site, Path(name))


def _put(content: bytes, site: Path, relative: Path) -> None:
    target = site / relative
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    elif target.read_bytes() != content and not relative.parts[0].endswith(".dist-info"):
        raise ValueError(
            f"{relative} differs between the wheels for {', '.join(PYTHONS)}: they can't share it"
        )
