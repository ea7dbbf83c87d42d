"""Why an event node can't be had, and what to do."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from drivers.base import DeviceBusyError, DeviceGoneError, DeviceOptionError

if TYPE_CHECKING:
    from drivers.base import DriverError

_WRONG_DEVICE = frozenset({errno.ENOTTY, errno.EISDIR, errno.EINVAL})
_GONE = frozenset({errno.ENOENT, errno.ENODEV, errno.ENXIO})
_REMEDY = (
    "install systemd/70-scanstation.rules as a udev rule, plug the scanner in again, "
    'and run the station as a member of the group "scanstation" (sudo usermod -aG scanstation USER)'
)


def why_not(path: str, error: OSError) -> DriverError:
    """What to raise for an error that opening or grabbing a node met."""
    if error.errno == errno.EBUSY:
        return DeviceBusyError(f"{path} is grabbed by another program; `fuser -v {path}` names it")
    if error.errno in _GONE:
        return DeviceGoneError(f"{path} is not there: is the scanner plugged in?")
    if error.errno in (errno.EACCES, errno.EPERM):
        return DeviceGoneError(f"{path}: permission denied; {_REMEDY}")
    if error.errno in _WRONG_DEVICE:
        return DeviceOptionError(f"{path} is no keyboard: it takes no commands of an input device")
    why = os.strerror(error.errno) if error.errno else str(error) or "no reason was given"
    return DeviceGoneError(f"{path} can't be opened: {why}")
