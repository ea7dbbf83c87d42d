"""Keyboard wedges: scanners that type, read as input events and decoded with their keyboard layout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.description import DriverDescription
from drivers.discovery.known import UsbMode
from drivers.recording_lines import EventsLine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from drivers.base import Decoder, DeviceDriver


def _device() -> type[DeviceDriver]:
    from drivers.wedge.evdev_wedge import EvdevWedge  # noqa: PLC0415

    return EvdevWedge


def _decoder(options: Mapping[str, object]) -> Decoder:
    from drivers.wedge.keyboard import KeyboardDecoder  # noqa: PLC0415

    return KeyboardDecoder.from_options(options)


EVDEV = DriverDescription(
    name="evdev",
    extra="evdev",
    device=_device,
    decoder=_decoder,
    line=EventsLine,
    subsystem="input",
    modes=(UsbMode.KEYBOARD,),
    settings={
        "preamble": "",
        "gap_ms": "",
        "layout": "",
        "dead_keys": '"reject" or "compose"',
        "function_keys": "",
    },
    device_settings={"match": ""},
    is_framed=True,
    check=_decoder,
)
