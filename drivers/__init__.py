"""Scanner drivers: devices in, chunks out; protocols decode chunks into frames.

Add a driver to `DRIVERS`. The rest of the program knows a driver only by its description.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.base import DeviceOptionError
from drivers.raw_usb import USB
from drivers.serial_line import SERIAL
from drivers.wedge import EVDEV

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drivers.base import Decoder, DeviceDriver
    from drivers.description import DriverDescription

DRIVERS: Mapping[str, DriverDescription] = {each.name: each for each in (SERIAL, EVDEV, USB)}
"""By name, in the order in which messages list them."""
KEYS_OF_DRIVERS: frozenset[str] = frozenset().union(*(each.keys for each in DRIVERS.values()))
"""Keys of ``[[scanner]]`` that only some drivers accept; other drivers would silently ignore them."""


def driver_class(name: str) -> type[DeviceDriver]:
    """The class that opens the devices of a driver.

    Raises:
        DeviceOptionError: there is no such driver, or a library it needs is missing.
    """
    return _described(name).device_class()


def decoder_for(name: str, options: Mapping[str, object]) -> Decoder:
    """Create a decoder for what a driver's reads return.

    Args:
        name: The driver.
        options: A recording header's options or a scanner's settings, overridden by what the device
            reported (`Driver.learnt`). Keys of other parts are ignored.

    Raises:
        DeviceOptionError: there is no such driver, or an option is wrong.
    """
    return _described(name).decoder(options)


def _described(name: str) -> DriverDescription:
    if name not in DRIVERS:
        known = ", ".join(f'"{driver}"' for driver in DRIVERS)
        raise DeviceOptionError(f'unknown driver "{name}"; it must be one of {known}')
    return DRIVERS[name]
