"""A bare Debian or Ubuntu system in a directory, to run commands in."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.lab.image.sources import SUITE, debian_sources

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

PACKAGES = ("python3", "systemd", "udev")
"""The package's dependencies that any machine has."""
UBUNTU = ("noble", "resolute")
"""24.04 and 26.04."""
_UBUNTU_KEYRING = ("ubuntu-archive-keyring", "usr/share/keyrings/ubuntu-archive-keyring.gpg")
"""Debian 13's package with the keys that verify Ubuntu's packages, and its file."""
_UBUNTU_ARCHIVE = "http://archive.ubuntu.com/ubuntu"


@dataclass(frozen=True, slots=True)
class Root:
    """A system's files; commands in it have no network and see no other process."""

    directory: Path

    def run(self, command: str, *, code: int = 0) -> str:
        """Run a shell command as root; return its output."""
        done = subprocess.run(
            [
                *("unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--root", self.directory),
                *("/bin/sh", "-c", command),
            ],
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive"},
        )
        assert done.returncode == code, f"{command}: {done.stdout}"
        return done.stdout


def bare(suite: str, directory: Path) -> Root:
    """Build a system with the package's dependencies; a Debian one from this machine's package sources."""
    sources = _ubuntu(suite, directory) if suite in UBUNTU else _debian(suite)
    return _bootstrap(suite, sources, directory, PACKAGES)


def _bootstrap(suite: str, sources: str, directory: Path, packages: Iterable[str]) -> Root:
    (directory / "sources").write_text(sources)
    subprocess.run(
        [
            *("mmdebstrap", "--quiet", "--variant=apt", f"--include={','.join(packages)}"),
            *('--aptopt=APT::Install-Recommends "false"', "--dpkgopt=force-unsafe-io"),
            *(suite, directory / "root", directory / "sources"),
        ],
        check=True,
    )
    return Root(directory / "root")


def _debian(suite: str) -> str:
    """Return the same sources for another release, without its updates, which have other addresses."""
    text = debian_sources()
    if suite == SUITE:
        return text
    stanzas = [part for part in text.split("\n\n") if "security" not in part]
    return re.sub(rf"{SUITE}-updates", "", "\n\n".join(stanzas)).replace(SUITE, suite)


def _ubuntu(suite: str, directory: Path) -> str:
    package, file = _UBUNTU_KEYRING
    (directory / "debian").mkdir()
    debian = _bootstrap("trixie", _debian("trixie"), directory / "debian", (package,))
    return f"deb [signed-by={debian.directory / file}] {_UBUNTU_ARCHIVE} {suite} main\n"
