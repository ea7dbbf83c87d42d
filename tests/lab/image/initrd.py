"""The initial ramdisk: busybox, the modules on the way to the root disk, and ``files/init``."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from pathlib import Path

_MODULES = ("virtio_pci", "virtio_blk", "crc32c_generic", "crc32c_intel", "ext4", "overlay")
_FILES = Path(__file__).parent / "files"


def build_initrd(root: Path, release: str, work: Path) -> bytes:
    """The ramdisk, compressed.

    Args:
        root: The guest's root directory, with modules and depmod's files in it.
        release: The kernel's release.
        work: A directory for the ramdisk's files.
    """
    for name in ("bin", "dev", "proc", "sys", "disk", "memory", "newroot", "modules"):
        (work / name).mkdir(parents=True)
    shutil.copy("/bin/busybox", work / "bin")
    shutil.copy(_FILES / "init", work / "init")
    (work / "init").chmod(0o755)
    order = _load_order(root, release)
    for module in order:
        shutil.copy(root / module.lstrip("/"), work / "modules")
    (work / "modules/order").write_text("".join(f"{Path(module).name}\n" for module in order))
    return gzip.compress(_archive(work), compresslevel=1)


def _load_order(root: Path, release: str) -> list[str]:
    """Paths of the modules with what they need, in the order to load them; built-in ones are not listed."""
    order: dict[str, None] = {}
    for module in _MODULES:
        shown = subprocess.run(
            ["chroot", root, "modprobe", "-S", release, "--show-depends", module],
            check=False,
            capture_output=True,
            text=True,
        )
        lines = shown.stdout.splitlines()
        order.update({line.split()[1]: None for line in lines if line.startswith("insmod ")})
    return list(order)


def _archive(work: Path) -> bytes:
    names = "".join(f"{path.relative_to(work)}\0" for path in sorted(work.rglob("*")))
    packed = subprocess.run(
        ["cpio", "--null", "--create", "--format=newc", "--quiet"],
        check=True,
        input=names.encode(),
        capture_output=True,
        cwd=work,
    )
    return packed.stdout
