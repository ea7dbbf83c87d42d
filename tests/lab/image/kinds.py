"""The two kinds of guest: one for each day's tests, one with what a release's tests need besides."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """What differs between guests."""

    name: str
    packages: tuple[str, ...]
    modules: tuple[str, ...]
    """The parts of the kernel's module tree that are used."""
    disk_size: str
    """Of the root disk; sparse."""
    hardware: str
    """QEMU's options. A saved machine can only be restored into the same."""


PLAIN = Kind(
    name="plain",
    packages=("systemd", "systemd-sysv", "udev", "dbus", "kmod", "procps", "python3", "libusb-1.0-0", "sudo"),
    modules=(
        "arch/x86/crypto",
        "crypto",
        "drivers/block/virtio_blk.ko",
        "drivers/char/hw_random",
        "drivers/char/virtio_console.ko",
        "drivers/hid",
        "drivers/input",
        "drivers/usb",
        "drivers/virtio",
        "drivers/watchdog",
        "fs/autofs",
        "fs/configfs",
        "fs/ext4",
        "fs/fuse",
        "fs/jbd2",
        "fs/mbcache.ko",
        "fs/nls",
        "fs/overlayfs",
        "lib",
    ),
    disk_size="1G",
    hardware="-m 1024 -vga none",
)
"""Scanners, systemd, udev: 45 of the 400 MiB of modules."""

WHOLE = Kind(
    name="whole",
    packages=(
        *PLAIN.packages,
        # What docs/install.md has installed for the screen.
        *("cage", "chromium", "fonts-dejavu-core", "libpam-systemd", "polkitd", "xwayland"),
        "postgresql",
    ),
    modules=(
        *PLAIN.modules,
        "drivers/gpu/drm/drm.ko",
        "drivers/gpu/drm/drm_kms_helper.ko",
        "drivers/gpu/drm/drm_shmem_helper.ko",
        "drivers/gpu/drm/virtio",
        "drivers/video/fbdev/core",
    ),
    disk_size="3G",
    hardware="-m 2560 -vga none -device virtio-vga,xres=1280,yres=800",
)
"""Also a screen, with what shows the page on it, and a database server."""
