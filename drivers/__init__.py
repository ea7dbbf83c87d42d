"""Scanner drivers: devices in, chunks out; protocols decode chunks into frames.

`driver_class` and `decoder_for` are the two places where a driver is added. The device code is imported
only when its driver is asked for, so that a missing library breaks only its user.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.base import DeviceOptionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drivers.base import Decoder, DeviceDriver

_PLANNED = ("evdev", "usb")
"""Names the recording format already fixes."""


def driver_class(name: str) -> type[DeviceDriver]:
    """The class that opens the devices of a driver.

    Raises:
        DeviceOptionError: there is no such driver.
    """
    if name == "serial":
        from drivers.serial_port import SerialPort  # noqa: PLC0415

        return SerialPort
    raise _no_driver(name)


def decoder_for(name: str, options: Mapping[str, object]) -> Decoder:
    """A new decoder for what a driver's reads return.

    Args:
        name: The driver.
        options: A recording header's options or a scanner's settings; keys that are not the decoder's are
            left alone.

    Raises:
        DeviceOptionError: there is no such driver, or an option is wrong.
    """
    if name == "serial":
        from drivers.framing import FramingOptions, SerialFraming  # noqa: PLC0415

        return SerialFraming(FramingOptions.from_options(options))
    raise _no_driver(name)


def _no_driver(name: str) -> DeviceOptionError:
    if name in _PLANNED:
        return DeviceOptionError(f'driver "{name}" is not supported by this version')
    return DeviceOptionError(f'unknown driver "{name}"; it must be "serial"')
