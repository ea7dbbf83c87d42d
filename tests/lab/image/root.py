"""The guest's root file system: Debian 12 with systemd, udev and Python, and the lab's few settings."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tests.lab.image.sources import SUITE, debian_sources

if TYPE_CHECKING:
    from collections.abc import Iterable

_FILES = Path(__file__).parent / "files"
_NOT_NEEDED = ("/usr/share/doc/*", "/usr/share/locale/*", "/usr/share/man/*")
_MASKED = (
    "apt-daily-upgrade.timer",
    "apt-daily.timer",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "e2scrub_reap.service",
    "getty@tty1.service",  # the tests read the console themselves
    "postgresql.service",  # those that want it start its cluster
    "proc-sys-fs-binfmt_misc.automount",
    "systemd-binfmt.service",
    "systemd-firstboot.service",
    "systemd-networkd.service",
    "systemd-networkd.socket",
)
_SETTINGS = {
    "etc/fstab": "/dev/vdb /opt ext4 ro 0 0\n",
    "etc/hostname": "lab\n",
    "etc/hosts": "127.0.0.1 localhost lab\n",
    "etc/machine-id": "uninitialized\n",
    "etc/systemd/journald.conf.d/lab.conf": "[Journal]\nStorage=volatile\n",
}


def bootstrap(packages: Iterable[str], to: Path, work: Path) -> None:
    """Write Debian's packages as a tar, from this machine's own package sources."""
    sources = work / "sources"
    sources.write_text(debian_sources())
    options = ['APT::Install-Recommends "false"', 'Acquire::Check-Valid-Until "false"', *_proxies()]
    subprocess.run(
        [
            "mmdebstrap",
            "--quiet",
            "--format=tar",
            "--variant=apt",
            f"--include={','.join(packages)}",
            *(f"--aptopt={option}" for option in options),
            *(f"--dpkgopt=path-exclude={path}" for path in _NOT_NEEDED),
            "--dpkgopt=force-unsafe-io",
            SUITE,
            to,
            sources,
        ],
        check=True,
    )


def _proxies() -> list[str]:
    """This machine's apt proxies: mmdebstrap does not take them over."""
    shown = subprocess.run(["apt-config", "dump"], check=True, capture_output=True, text=True)
    names = ("Acquire::http::Proxy", "Acquire::https::Proxy")
    return [line.rstrip(";") for line in shown.stdout.splitlines() if line.startswith(names)]


def unpack_root(tar: Path, kernel: Path, release: str, root: Path) -> None:
    """Unpack the packages, add the kernel's modules and the lab's settings."""
    root.mkdir()
    subprocess.run(["tar", "-C", root, "--exclude=./dev/*", "-xf", tar], check=True)
    shutil.copytree(kernel / "lib/modules" / release, root / "usr/lib/modules" / release)
    subprocess.run(["chroot", root, "depmod", release], check=True)
    for name, text in _SETTINGS.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    units = root / "etc/systemd/system"
    for unit in _MASKED:
        (units / unit).unlink(missing_ok=True)
        (units / unit).symlink_to("/dev/null")
    shutil.copy(_FILES / "lab-agent.service", units)
    (units / "multi-user.target.wants/lab-agent.service").symlink_to("../lab-agent.service")


def make_disk(directory: Path, image: Path, size: str) -> None:
    """A file system image with a directory's content, made without mounting anything."""
    image.unlink(missing_ok=True)
    subprocess.run(
        [
            *("mke2fs", "-q", "-t", "ext4", "-d", directory),
            *("-O", "^has_journal", "-E", "root_owner=0:0,lazy_itable_init=1"),
            *(image, size),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
