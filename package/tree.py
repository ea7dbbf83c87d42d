"""The files of the Debian package and where they are installed."""

from __future__ import annotations

import gzip
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from package import notices, sbom, site_packages
from package.project import NAME, date, maintainer
from package.site_packages import CHECKOUT, PYTHONS

if TYPE_CHECKING:
    from pathlib import Path

PREFIX = "usr/lib/scanstation"
DOC = "usr/share/doc/scanstation"
_FILES = CHECKOUT / "package/files"
_SYSTEMD = CHECKOUT / "systemd"
_COMPLETIONS = {
    "bash": "usr/share/bash-completion/completions/scanstation",
    "zsh": "usr/share/zsh/vendor-completions/_scanstation",
    "fish": "usr/share/fish/vendor_completions.d/scanstation.fish",
}
_PLACES = {
    _FILES / "config.toml": "etc/scanstation/config.toml",
    _FILES / "scanstation": f"{PREFIX}/bin/scanstation",
    _FILES / "compile": f"{PREFIX}/compile",
    _FILES / "kiosk": f"{PREFIX}/kiosk",
    _FILES / "scanstation.rtupdate": "usr/share/python3/runtime.d/scanstation.rtupdate",
    _FILES / "lintian-overrides": "usr/share/lintian/overrides/scanstation",
    _SYSTEMD / "70-scanstation.rules": "usr/lib/udev/rules.d/70-scanstation.rules",
    _SYSTEMD / "scanstation.sysusers": "usr/lib/sysusers.d/scanstation.conf",
    _SYSTEMD / "scanstation.tmpfiles": "usr/lib/tmpfiles.d/scanstation.conf",
    CHECKOUT / "config.example.toml": f"{DOC}/config.example.toml",
}


def lay_out(root: Path, wheel: Path, version: str, work: Path) -> None:
    """Put all files under `root`; `work` is for temporary files."""
    prefix = root / PREFIX
    site = prefix / "lib/python3/site-packages"
    site_packages.fill(site, wheel, work)
    _write_environment(prefix)
    for source, place in _PLACES.items():
        _copy(source, root / place)
    for source in sorted([*_SYSTEMD.glob("*.service"), *_SYSTEMD.glob("*.timer")]):
        _copy(source, root / "usr/lib/systemd/system" / source.name)
    for source in sorted((_SYSTEMD / "examples").iterdir()):
        _copy(source, root / DOC / "examples" / source.name)
    docs = CHECKOUT / "docs"
    for source in sorted(
        [*docs.rglob("*.md"), *(docs / "monitoring").iterdir(), *(docs / "pictures").iterdir()]
    ):
        _copy(source, root / DOC / source.relative_to(docs))
    (root / "etc/scanstation/config.d").mkdir()
    (root / "usr/bin").mkdir()
    (root / "usr/bin/scanstation").symlink_to(f"../lib/{NAME}/bin/{NAME}")
    _write_completions(root)
    _write_notices(root, site, version)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _write_environment(prefix: Path) -> None:
    """Write a virtual environment of the system's Python, whichever of `PYTHONS` that is."""
    (prefix / "bin").mkdir()
    (prefix / "bin/python3").symlink_to("/usr/bin/python3")
    (prefix / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\n")
    for python in PYTHONS:
        (prefix / f"lib/python{python}").symlink_to("python3")


def _write_completions(root: Path) -> None:
    for shell, place in _COMPLETIONS.items():
        script = subprocess.run(
            [sys.executable, "-m", "station", "completion", shell],
            check=True,
            cwd=CHECKOUT,
            capture_output=True,
        ).stdout
        (root / place).parent.mkdir(parents=True)
        (root / place).write_bytes(script)


def _write_notices(root: Path, site: Path, version: str) -> None:
    """Write changelogs, copyright, and the SBOM."""
    signature = f" -- {maintainer()}  {date()}\n"
    debian = f"{NAME} ({version}) stable; urgency=medium\n\n  * See changelog.gz.\n\n{signature}"
    texts = {
        "changelog.gz": (CHECKOUT / "CHANGELOG.md").read_text(),
        "changelog.Debian.gz": debian,
        "sbom.cdx.json.gz": sbom.of_site_packages(site),
    }
    for name, text in texts.items():
        (root / DOC / name).write_bytes(gzip.compress(text.encode(), mtime=0))
    (root / DOC / "copyright").write_text(notices.copyright_text(site))
