"""What the lab needs of the machine it runs on."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from pathlib import Path

PACKAGES = ("qemu-system-x86", "mmdebstrap", "busybox-static", "cpio", "e2fsprogs")
"""What ``apt-get install --no-install-recommends`` brings."""
_PROGRAMS = ("qemu-system-x86_64", "mmdebstrap", "busybox", "cpio", "mke2fs", "setpriv", "dpkg-deb")
_GUEST_PYTHON = (3, 11)


def missing() -> str:
    """Why there can be no lab here, as one sentence; empty: there can."""
    if platform.machine() != "x86_64" or "VERSION_CODENAME=bookworm" not in _os_release():
        return "the lab's guest is made from this machine's own packages, so it must be Debian 12 on x86_64"
    if os.geteuid() != 0:
        return "building the lab's guest needs root"
    if absent := [program for program in _PROGRAMS if shutil.which(program) is None]:
        return f"the lab needs {', '.join(absent)}: apt install --no-install-recommends {' '.join(PACKAGES)}"
    if sys.version_info[:2] != _GUEST_PYTHON:
        return (
            f"the lab's guest has Python 3.11, this environment {platform.python_version()}, so its packages "
            "don't fit: make the environment with PYTHON=python3.11"
        )
    return ""


def _os_release() -> str:
    try:
        return Path("/etc/os-release").read_text()
    except OSError:
        return ""
