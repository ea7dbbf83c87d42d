"""The package's metadata for dpkg: control fields, configuration files, checksums, scripts."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from package.project import NAME, maintainer
from package.site_packages import CHECKOUT, PYTHONS

if TYPE_CHECKING:
    from pathlib import Path

ARCHITECTURE = "amd64"
"""evdev-binary has no wheels for other architectures."""
_SCRIPTS = ("postinst", "prerm", "postrm")
_NEXT_PYTHON = f"3.{int(PYTHONS[-1].partition('.')[2]) + 1}"
_DEPENDS = (
    f"python3 (>= {PYTHONS[0]})",
    f"python3 (<< {_NEXT_PYTHON}~)",
    "libc6 (>= 2.34)",
    "libgcc-s1",
    "libstdc++6 (>= 11)",
    "zlib1g",
    "systemd (>= 252)",
    "udev",
)
_DESCRIPTION = """\
scanning station that books returned goods on credit memos
 Reads barcode scanners (serial, USB, keyboard wedge), attaches what they
 scan to the open credit memo by clear rules, and answers the scanner once
 that is on disk.
 .
 All Python packages that it needs are included; nothing is downloaded
 or compiled during installation.
"""


def write(root: Path, version: str) -> None:
    """Write ``DEBIAN`` into the package's root, after all other files."""
    files = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    directory = root / "DEBIAN"
    directory.mkdir()
    (directory / "control").write_text(_control(files, version))
    (directory / "conffiles").write_text(
        "".join(f"/{path.relative_to(root)}\n" for path in files if path.is_relative_to(root / "etc"))
    )
    (directory / "md5sums").write_text("".join(_sum(path, root) for path in files))
    for script in _SCRIPTS:
        text = (CHECKOUT / "package/files" / script).read_text()
        (directory / script).write_text(text.replace("@VERSION@", version))


def _control(files: list[Path], version: str) -> str:
    # As dpkg counts: each file in whole KiB, and one for each directory.
    kib = sum(-(-path.stat().st_size // 1024) for path in files) + len({path.parent for path in files})
    return (
        f"Package: {NAME}\nVersion: {version}\nArchitecture: {ARCHITECTURE}\nMaintainer: {maintainer()}\n"
        f"Installed-Size: {kib}\nDepends: {', '.join(_DEPENDS)}\n"
        "Suggests: cage, chromium, polkitd, xwayland\n"
        f"Section: misc\nPriority: optional\nDescription: {_DESCRIPTION}"
    )


def _sum(path: Path, root: Path) -> str:
    digest = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    return f"{digest}  {path.relative_to(root)}\n"
