"""Another version of a built package: the same files under another number, without packing them again.

A ``.deb`` is an ``ar`` archive of three members (deb(5)): version of the format, control files, files.
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
    """A package that differs from another in its first bytes only."""

    beginning: bytes
    files_at: int
    """Where in the other package the rest begins."""

    def after(self, deb: bytes) -> bytes:
        """The whole of it, made from the other package."""
        return self.beginning + deb[self.files_at :]


def revision(deb: Path, new: str) -> Revision:
    """`deb` as version `new`: the program's, a hyphen, Debian's revision."""
    with tempfile.TemporaryDirectory() as work:
        root = Path(work) / "root"
        root.mkdir()
        subprocess.run(["dpkg-deb", "--control", deb, root / "DEBIAN"], check=True)
        old = _field(root / "DEBIAN/control", "Version")
        for file in ("control", "postinst"):
            text = (root / "DEBIAN" / file).read_text()
            (root / "DEBIAN" / file).write_text(text.replace(old, new))
        # Its files are missing here: it would complain.
        options = ("--nocheck", "--root-owner-group", "--build")
        subprocess.run(["dpkg-deb", *options, root, Path(work) / "new.deb"], check=True)
        made = (Path(work) / "new.deb").read_bytes()
    return Revision(made[: _files_at(made)], _files_at(deb.read_bytes()))


def _files_at(deb: bytes) -> int:
    """Where the third member begins."""
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
