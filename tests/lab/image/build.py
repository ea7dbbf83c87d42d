"""Builds the guest's image once and keeps it outside the checkout, until its inputs change.

The image is ``vmlinux``, ``initrd.gz`` and ``root.ext4``. By hand: ``python -m tests.lab.image.build``.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.lab.image.initrd import build_initrd
from tests.lab.image.kernel import uncompressed, unpack_kernel
from tests.lab.image.kinds import PLAIN, Kind
from tests.lab.image.root import bootstrap, make_disk, unpack_root
from tests.lab.locking import locked, remove_unused

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Image:
    """What a guest boots from."""

    directory: Path

    @property
    def kernel(self) -> Path:
        return self.directory / "vmlinux"

    @property
    def initrd(self) -> Path:
        return self.directory / "initrd.gz"

    @property
    def root_disk(self) -> Path:
        return self.directory / "root.ext4"

    @property
    def key(self) -> str:
        return self.directory.name


def cache_directory() -> Path:
    """Where images and saved machines are kept: ``SCANSTATION_LAB``, else in the user's cache directory."""
    if given := os.environ.get("SCANSTATION_LAB"):
        return Path(given).absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "scanstation-lab"


def image(kind: Kind) -> Image:
    """The image, built if need be; other processes wait meanwhile."""
    cache = cache_directory()
    cache.mkdir(parents=True, exist_ok=True)
    directory = cache / f"image-{kind.name}-{_key()}"
    with locked(cache / "image.lock"):
        if not directory.exists():
            remove_unused(cache.glob(f"image-{kind.name}-*"))
            with tempfile.TemporaryDirectory(dir=cache, prefix="work-") as work:
                _build(kind, cache, Path(work))
                (Path(work) / "image").rename(directory)
    return Image(directory)


def _key() -> str:
    """Changes with everything the image is made of; its packages are as new as on the day it was made."""
    inputs = sorted(path for path in _HERE.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return _hash(b"".join(path.read_bytes() for path in inputs))


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


def _build(kind: Kind, cache: Path, work: Path) -> None:
    """Write the image into ``work/image``; the slow parts are kept in `cache` under names of their own."""
    _say("building the lab's image, a minute or two the first time")
    made = work / "image"
    made.mkdir()
    release = unpack_kernel(work / "kernel", kind.modules)
    tar = cache / f"root-{kind.name}-{_hash((_HERE / 'root.py').read_bytes() + repr(kind).encode())}.tar"
    if not tar.exists():
        for old in cache.glob(f"root-{kind.name}-*.tar"):
            old.unlink()
        bootstrap(kind.packages, work / "root.tar", work)
        (work / "root.tar").rename(tar)
    unpack_root(tar, work / "kernel", release, work / "root")
    make_disk(work / "root", made / "root.ext4", kind.disk_size)
    (made / "initrd.gz").write_bytes(build_initrd(work / "root", release, work / "initrd"))
    vmlinuz = work / "kernel/boot" / f"vmlinuz-{release}"
    (made / "vmlinux").write_bytes(uncompressed(vmlinuz.read_bytes()))


def _say(text: str) -> None:
    sys.stderr.write(f"lab: {text}\n")


if __name__ == "__main__":
    _say(f"the image is in {image(PLAIN).directory}")
