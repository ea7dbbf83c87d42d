"""Reading the kernel's device tree: small files that may vanish between two looks.

Where a device lies and what its files hold: ``Documentation/ABI/testing/sysfs-bus-usb`` and ``sysfs(5)``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path("/")
"""Below it lie ``sys`` and ``dev``; tests put a tree of their own in its place."""


def text(directory: Path, name: str) -> str:
    """An attribute without its line end; empty: it isn't there."""
    try:
        raw = (directory / name).read_bytes()
    except OSError:
        return ""
    return raw.decode(errors="backslashreplace").strip(" \t\r\n\0")


def hexadecimal(directory: Path, name: str) -> int | None:
    """An attribute written as hexadecimal digits; None: it isn't there."""
    try:
        return int(text(directory, name), 16)
    except ValueError:
        return None


def decimal(directory: Path, name: str) -> int | None:
    """An attribute written as decimal digits; None: it isn't there."""
    try:
        return int(text(directory, name))
    except ValueError:
        return None


def raw(directory: Path, name: str) -> bytes:
    """A binary attribute; empty: it isn't there."""
    try:
        return (directory / name).read_bytes()
    except OSError:
        return b""


def uevent(directory: Path) -> dict[str, str]:
    """What the kernel told udev of a device: ``DEVNAME``, ``HID_ID`` and the like."""
    lines = text(directory, "uevent").splitlines()
    return {key: value for key, equals, value in (line.partition("=") for line in lines) if equals}


def children(directory: Path) -> list[Path]:
    """What lies in a directory, in order of names; empty: it isn't there."""
    try:
        return sorted(directory.iterdir())
    except OSError:
        return []


def real(path: Path) -> Path | None:
    """Where a link of sysfs leads; None: nowhere."""
    try:
        return path.resolve(strict=True)
    except (OSError, RuntimeError):
        return None


def upwards(directory: Path, root: Path) -> Iterator[Path]:
    """The device and those it hangs on, nearest first."""
    end = root / "sys"
    while directory not in (end, directory.parent):
        yield directory
        directory = directory.parent
