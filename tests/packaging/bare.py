"""A bare system of a Debian release: its files in a directory, to run commands in."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.lab.image.sources import SUITE, debian_sources

if TYPE_CHECKING:
    from pathlib import Path

PACKAGES = ("python3", "systemd", "udev")
"""What the package depends on; a machine that it is installed on has them."""


@dataclass(frozen=True, slots=True)
class Root:
    """A system's files; its commands see no network and no other process."""

    directory: Path

    def run(self, command: str, *, code: int = 0) -> str:
        """A shell command as root; the result is all that it says."""
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
    """A system with what the package depends on, from this machine's own package sources."""
    sources = directory / "sources"
    sources.write_text(_of_suite(suite))
    subprocess.run(
        [
            *("mmdebstrap", "--quiet", "--variant=apt", f"--include={','.join(PACKAGES)}"),
            *('--aptopt=APT::Install-Recommends "false"', "--dpkgopt=force-unsafe-io"),
            *(suite, directory / "root", sources),
        ],
        check=True,
    )
    return Root(directory / "root")


def _of_suite(suite: str) -> str:
    """The same sources for another release; its updates are left out: they come from elsewhere."""
    text = debian_sources()
    if suite == SUITE:
        return text
    stanzas = [part for part in text.split("\n\n") if "security" not in part]
    return re.sub(rf"{SUITE}-updates", "", "\n\n".join(stanzas)).replace(SUITE, suite)
