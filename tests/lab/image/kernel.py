"""Debian's stock kernel for the guest, taken out of its package: nothing is installed on this machine."""

from __future__ import annotations

import lzma
import re
import subprocess
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_XZ = b"\xfd7zXZ\0"


def unpack_kernel(to: Path, modules: Iterable[str]) -> str:
    """Put ``boot`` and ``lib`` of the newest kernel package under `to`.

    Args:
        to: The directory, which is made.
        modules: The parts of the module tree that are wanted.

    Returns:
        The kernel's release, ``6.1.0-…-amd64``.
    """
    package = _package()
    release = package.removeprefix("linux-image-")
    to.mkdir()
    subprocess.run(
        ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", package], check=True, cwd=to
    )
    (archive,) = to.glob("*.deb")
    _extract(archive, to, release, modules)
    archive.unlink()
    return release


def _package() -> str:
    """What linux-image-amd64 stands for today."""
    shown = subprocess.run(
        ["apt-cache", "show", "linux-image-amd64"], check=True, capture_output=True, text=True
    )
    found = re.search(r"^Depends: (linux-image-\S+)", shown.stdout, re.MULTILINE)
    if not found:
        raise LookupError("apt knows no kernel package (linux-image-amd64); run apt-get update")
    return found[1]


def _extract(archive: Path, to: Path, release: str, modules: Iterable[str]) -> None:
    tree = f"lib/modules/{release}/"
    wanted = (
        f"boot/vmlinuz-{release}",
        *(f"{tree}modules.{name}" for name in ("builtin", "builtin.modinfo", "order")),
        *(f"{tree}kernel/{part}" for part in modules),
    )
    with (
        subprocess.Popen(["dpkg-deb", "--fsys-tarfile", archive], stdout=subprocess.PIPE) as unpacking,
        tarfile.open(fileobj=unpacking.stdout, mode="r|") as files,
    ):
        for member in files:
            member.name = member.name.removeprefix("./")
            if member.isfile() and member.name.startswith(wanted):
                files.extract(member, to, filter="data")
    if unpacking.returncode:
        raise OSError(f"{archive.name} can't be unpacked (dpkg-deb: {unpacking.returncode})")


def uncompressed(vmlinuz: bytes) -> bytes:
    """The ELF inside: QEMU boots it directly, and is spared seconds of emulated decompression."""
    start = vmlinuz.find(_XZ)
    if start < 0:
        raise ValueError("the kernel image holds no xz stream")
    return lzma.LZMADecompressor().decompress(vmlinuz[start:])
