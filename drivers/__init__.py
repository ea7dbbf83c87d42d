"""Scanner drivers: devices in, chunks out; protocols decode chunks into frames.

`DRIVERS`, `driver_class` and `decoder_for` are where a driver is added. The device code is imported
only when its driver is asked for, so that a missing library breaks only its user.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.base import DeviceOptionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drivers.base import Decoder, DeviceDriver

DRIVERS = ("serial", "evdev", "usb")


def driver_class(name: str) -> type[DeviceDriver]:
    """The class that opens the devices of a driver.

    Raises:
        DeviceOptionError: there is no such driver, or a library it needs is missing.
    """
    try:
        if name == "serial":
            from drivers.serial_port import SerialPort  # noqa: PLC0415

            return SerialPort
        if name == "evdev":
            from drivers.wedge.evdev_wedge import EvdevWedge  # noqa: PLC0415

            return EvdevWedge
        if name == "usb":
            from drivers.raw_usb.usb_raw import UsbRaw  # noqa: PLC0415

            return UsbRaw
    except ImportError as error:
        raise DeviceOptionError(
            f'driver "{name}" needs the Python package {error.name}; pip install "scanstation[{name}]"'
        ) from error
    raise _no_driver(name)


def decoder_for(name: str, options: Mapping[str, object]) -> Decoder:
    """A new decoder for what a driver's reads return.

    Args:
        name: The driver.
        options: A recording header's options or a scanner's settings, with what the device itself told over
            them; keys that are not the decoder's are left alone.

    Raises:
        DeviceOptionError: there is no such driver, or an option is wrong.
    """
    if name == "serial" and options.get("protocol") == "ssi":
        from drivers.ssi import SsiDecoder  # noqa: PLC0415

        return SsiDecoder.from_options(options)
    if name == "serial":
        from drivers.framing import FramingOptions, SerialFraming  # noqa: PLC0415

        return SerialFraming(FramingOptions.from_options(options))
    if name == "evdev":
        from drivers.wedge.keyboard import KeyboardDecoder  # noqa: PLC0415

        return KeyboardDecoder.from_options(options)
    if name == "usb":
        from drivers.raw_usb.symbol_com import report_decoder  # noqa: PLC0415

        return report_decoder(options)
    raise _no_driver(name)


def _no_driver(name: str) -> DeviceOptionError:
    known = ", ".join(f'"{driver}"' for driver in DRIVERS)
    return DeviceOptionError(f'unknown driver "{name}"; it must be one of {known}')
