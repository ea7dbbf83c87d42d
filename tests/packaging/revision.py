"""Another version of a built package: the same files with another version number, without repacking.

A ``.deb`` is an ``ar`` archive of three members (deb(5)): format version, control files, files.
"""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

_MAGIC = b"!<arch>\n"
_HEADER_BYTES = 60


@dataclass(frozen=True, slots=True)
class Revision:
    """A package that differs from another only in its first bytes."""

    beginning: bytes
    files_at: int
    """The offset of the rest in the other package."""

    def after(self, deb: bytes) -> bytes:
        """Return the whole package, built from the other one."""
        return self.beginning + deb[self.files_at :]


def revision(deb: Path, new: str) -> Revision:
    """Return `deb` as version `new`: program version, hyphen, Debian revision."""
    with tempfile.TemporaryDirectory() as work:
        root = Path(work) / "root"
        root.mkdir()
        subprocess.run(["dpkg-deb", "--control", deb, root / "DEBIAN"], check=True)
        old = _field(root / "DEBIAN/control", "Version")
        for file in ("control", "postinst"):
            text = (root / "DEBIAN" / file).read_text()
            (root / "DEBIAN" / file).write_text(text.replace(old, new))
        # --nocheck, as its files are missing here.
        options = ("--nocheck", "--root-owner-group", "--build")
        subprocess.run(["dpkg-deb", *options, root, Path(work) / "new.deb"], check=True)
        made = (Path(work) / "new.deb").read_bytes()
    return Revision(made[: _files_at(made)], _files_at(deb.read_bytes()))


def _files_at(deb: bytes) -> int:
    """Return the offset of the third member."""
    at = len(_MAGIC)
    for _member in range(2):
        size = int(deb[at + 48 : at + 58])
        at += _HEADER_BYTES + size + size % 2
    return at


def _field(control: Path, name: str) -> str:
    (value,) = (
        line.partition(": ")[2] for line in control.read_text().splitlines() if line.startswith(f"{name}: ")
    )
    return value
