"""A scanner that is plugged in, but in a mode that the configured driver can't read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from drivers.base import WrongModeError
from drivers.finding import sysfs
from drivers.finding.known import DRIVER_OF, MODE_NAMES, Mode, maker_of
from drivers.finding.modes import modes_of
from drivers.finding.usb_tree import UsbDevice, usb_devices

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from drivers.finding.match import DeviceMatch

Subsystem = Literal["tty", "input", "hidraw"]
"""A subsystem of the kernel whose device nodes scanners are read from."""

WANTED: dict[str, tuple[Mode, ...]] = {
    "tty": (Mode.SERIAL,),
    "input": (Mode.KEYBOARD,),
    "hidraw": (Mode.HIDPOS, Mode.IBM, Mode.SYMBOL_COM),
}
"""The modes that give a device node of a subsystem, the one to recommend first."""


def wrong_mode(match: DeviceMatch, subsystem: Subsystem, root: Path = sysfs.ROOT) -> WrongModeError | None:
    """Why the scanner that `match` means has no node of a subsystem; None: it isn't seen at all."""
    device = meant_in_another_mode(match, subsystem, root)
    if device is None:
        return None
    modes = modes_of(device)
    return WrongModeError(
        f"{device} is in {named(modes)} mode: {switching(device.vid, WANTED[subsystem])}, "
        f'or set driver = "{DRIVER_OF[modes[0]]}" (`scanstation devices` prints the table)'
    )


def meant_in_another_mode(
    match: DeviceMatch, subsystem: Subsystem, root: Path = sysfs.ROOT
) -> UsbDevice | None:
    """The scanner that `match` means, when it is plugged in in a mode without nodes of a subsystem.

    The PID and the name of a by-id link change with the mode, so the scanner is known by what doesn't: its
    port, its own serial number, or else its VID, when it is that of a maker of scanners.
    """
    for device in usb_devices(root):
        modes = modes_of(device)
        if modes and not set(modes) & set(WANTED[subsystem]) and _is_meant(match, device):
            return device
    return None


def named(modes: Iterable[Mode]) -> str:
    """Modes as people call them."""
    return " and ".join(MODE_NAMES[mode] for mode in modes)


def switching(vid: int, wanted: tuple[Mode, ...]) -> str:
    """Which label switches a maker's scanner to one of the wanted modes, the first that its guide has."""
    maker = maker_of(vid)
    for mode in wanted:
        if maker and (label := maker.labels.get(mode)):
            return f'scan the label "{label}" of {maker.name}\'s guide'
    return f"scan the label for {MODE_NAMES[wanted[0]]} mode of its guide"


def _is_meant(match: DeviceMatch, device: UsbDevice) -> bool:
    if match.vid not in (None, device.vid) or match.usb_serial not in ("", device.usb_serial):
        return False
    # An interface of the mode that is looked for isn't there now: its port is what counts.
    if match.port_path and match.port_path.partition(":")[0] != device.port_path:
        return False
    if match.by_id and not (device.usb_serial and device.usb_serial in match.by_id):
        return False
    if match.usb_serial or match.port_path or match.by_id:
        return True
    return not match.path and maker_of(device.vid) is not None
