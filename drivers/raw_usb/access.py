"""Why a raw USB device can't be had, in one sentence."""

from __future__ import annotations

import errno
import os
from typing import Final

from drivers.base import DeviceBusyError, DeviceGoneError

_GONE: Final = (errno.ENODEV, errno.ENOENT, errno.ENXIO, errno.EIO)


class NotPermittedError(DeviceGoneError):
    """The device is there and may not be opened."""


def why_not(path: str, number: int | None) -> DeviceGoneError:
    """The error to raise when opening a device failed.

    Args:
        path: The device node.
        number: The errno; None: it isn't known.
    """
    if number in (errno.EACCES, errno.EPERM):
        return NotPermittedError(
            f"{path}: permission denied; install the udev rule systemd/70-scanstation.rules, put the user "
            'into the group "scanstation" and plug the scanner in again'
        )
    if number in (errno.EBUSY, errno.EWOULDBLOCK):
        return DeviceBusyError(f"{path} is in use by another program; `fuser -v {path}` names it")
    if number in _GONE:
        return DeviceGoneError(f"{path} is not there: is the scanner plugged in?")
    why = os.strerror(number) if number else "the system doesn't say why"
    return DeviceGoneError(f"{path} can't be opened: {why}")


def went_away(name: str, number: int | None) -> DeviceGoneError:
    """The error to raise when reading failed; unplugging shows as ENODEV or as EIO."""
    return DeviceGoneError(f"{name} went away: {os.strerror(number) if number else 'it no longer answers'}")
