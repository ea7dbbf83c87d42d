"""A scanner's ``match`` table: device node, by-id link, or USB identity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drivers import options as option
from drivers.base import DeviceOptionError

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEYS = ("path", "by_id", "vid", "pid", "usb_serial", "port_path")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceMatch:
    """What identifies a device; all fields that are set must match."""

    path: str = ""
    """Device node or a link to it, ``/dev/ttyS0``."""
    by_id: str = ""
    """Name of a link in ``/dev/serial/by-id`` or ``/dev/input/by-id``."""
    vid: int | None = None
    pid: int | None = None
    usb_serial: str = ""
    """The scanner's own serial number."""
    port_path: str = ""
    """USB port, ``1-1.4`` (or ``1-1.4:1.0`` for one interface), as the kernel names it."""

    @classmethod
    def from_options(cls, options: object) -> DeviceMatch:
        """Take a scanner's ``match`` table.

        Raises:
            DeviceOptionError: a key is wrong, or none is set.
        """
        if not isinstance(options, dict):
            raise DeviceOptionError(f"match = {options!r}: must be a table of {', '.join(_KEYS)}")
        for key in options:
            if key not in _KEYS:
                raise DeviceOptionError(f"match.{key}: unknown key; the keys are {', '.join(_KEYS)}")
        match = cls(
            path=option.text(options, "path"),
            by_id=option.text(options, "by_id"),
            vid=_usb_number(options, "vid"),
            pid=_usb_number(options, "pid"),
            usb_serial=option.text(options, "usb_serial"),
            port_path=option.text(options, "port_path"),
        )
        if match == cls():
            raise DeviceOptionError("match: does not identify a device; set by_id, path, or vid and pid")
        return match

    def is_at(self, port_path: str, interface_path: str = "") -> bool:
        """Whether a port, or an interface of the device there, fits `port_path`, if it is set."""
        return self.port_path in ("", port_path, interface_path)

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


def _usb_number(options: Mapping[str, object], key: str) -> int | None:
    if options.get(key) is None:
        return None
    return option.whole_number(options, key, 0, range(0x1_0000))
