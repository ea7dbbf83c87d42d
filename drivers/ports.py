"""Which serial port a scanner is: by node, by-id link, or USB identity, never by the order of plugging in."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from serial.tools.list_ports import comports

from drivers import options as option
from drivers.base import DeviceGoneError, DeviceOptionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from serial.tools.list_ports_common import ListPortInfo

BY_ID = "/dev/serial/by-id"
_KEYS = ("path", "by_id", "vid", "pid", "usb_serial", "port_path")


@dataclass(frozen=True, slots=True, kw_only=True)
class PortMatch:
    """What is known of the port; all that is set must hold."""

    path: str = ""
    """Device node, ``/dev/ttyS0``."""
    by_id: str = ""
    """Name of a link in ``/dev/serial/by-id``."""
    vid: int | None = None
    pid: int | None = None
    usb_serial: str = ""
    """The scanner's own serial number."""
    port_path: str = ""
    """USB port, ``1-1.4`` (or ``1-1.4:1.0`` for one interface), as the kernel names it."""

    @classmethod
    def from_options(cls, options: object) -> PortMatch:
        """Take a scanner's ``match`` table.

        Raises:
            DeviceOptionError: a key is wrong, or none is set.
        """
        if not isinstance(options, dict):
            raise DeviceOptionError(f"match = {options!r}: must be a table of {', '.join(_KEYS)}")
        for key in options:
            if key not in _KEYS:
                raise DeviceOptionError(f"match.{key}: is no key; the keys are {', '.join(_KEYS)}")
        match = cls(
            path=option.text(options, "path"),
            by_id=option.text(options, "by_id"),
            vid=_usb_number(options, "vid"),
            pid=_usb_number(options, "pid"),
            usb_serial=option.text(options, "usb_serial"),
            port_path=option.text(options, "port_path"),
        )
        if match == cls():
            raise DeviceOptionError("match: says of no device which it is; set by_id, path, or vid and pid")
        return match

    def __str__(self) -> str:
        return " ".join(
            part
            for part in (
                self.path,
                self.by_id,
                "" if self.vid is None else f"vid {self.vid:04x}",
                "" if self.pid is None else f"pid {self.pid:04x}",
                self.usb_serial and f"usb_serial {self.usb_serial}",
                self.port_path and f"port_path {self.port_path}",
            )
            if part
        )


def find_port(match: PortMatch) -> str:
    """The device node to open; a node given by name alone need not exist.

    Raises:
        DeviceGoneError: no port fits, or several do.
    """
    named = match.path or (match.by_id and os.path.join(BY_ID, match.by_id))  # noqa: PTH118 - nodes are text
    if (match.vid, match.pid, match.usb_serial, match.port_path) == (None, None, "", ""):
        return named
    found = sorted(port.device for port in _present() if _fits(port, match, named))
    if not found:
        raise DeviceGoneError(f"no serial port is {match}: is the scanner plugged in, and in serial mode?")
    if len(found) > 1:
        raise DeviceGoneError(
            f"several serial ports are {match} ({', '.join(found)}): add usb_serial or port_path to match"
        )
    return found[0]


def _fits(port: ListPortInfo, match: PortMatch, named: str) -> bool:
    location = port.location or ""
    return (
        (not named or os.path.realpath(named) == os.path.realpath(port.device))
        and match.vid in (None, port.vid)
        and match.pid in (None, port.pid)
        and match.usb_serial in ("", port.serial_number)
        and (match.port_path in ("", location) or location.startswith(f"{match.port_path}:"))
    )


def _present() -> list[ListPortInfo]:
    try:
        return list(comports())
    except (OSError, TypeError, ValueError) as error:
        # A device that goes while it is listed leaves half-read attributes behind.
        raise DeviceGoneError(f"the serial ports can't be listed just now: {error}") from error


def _usb_number(options: Mapping[str, object], key: str) -> int | None:
    if options.get(key) is None:
        return None
    return option.whole_number(options, key, 0, range(0x1_0000))
