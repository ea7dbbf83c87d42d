"""Builds the Debian package."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from package import control, tree
from package.project import NAME, epoch, version
from package.site_packages import build_wheel

_EXECUTABLE = 0o755
_PLAIN = 0o644


def build(to: Path, revision: str = "1") -> Path:
    """Write the package into `to`; the same sources give the same bytes.

    Args:
        to: The directory.
        revision: The Debian revision; a later one replaces an earlier one.
    """
    full_version = f"{version()}-{revision}"
    to.mkdir(parents=True, exist_ok=True)
    target = to / f"{NAME}_{full_version}_{control.ARCHITECTURE}.deb"
    with tempfile.TemporaryDirectory(prefix="package-") as name:
        work = Path(name)
        root = work / "root"
        tree.lay_out(root, build_wheel(work), full_version, work)
        control.write(root, full_version)
        _settle(root)
        _pack(root, target)
    return target


def _settle(root: Path) -> None:
    """Set modes and times that don't depend on the builder."""
    for path in [root, *root.rglob("*")]:
        if not path.is_symlink():
            path.chmod(_EXECUTABLE if path.is_dir() or _is_program(path) else _PLAIN)
        os.utime(path, (epoch(), epoch()), follow_symlinks=False)


def _is_program(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"#!" and path.parent.name in {"bin", "scanstation", "DEBIAN", "runtime.d"}


def _pack(root: Path, target: Path) -> None:
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "--threads-max=1", "-Zxz", "--build", root, target],
        check=True,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(epoch())},
        stdout=subprocess.DEVNULL,
    )
