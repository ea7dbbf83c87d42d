"""What reading a recording of a scanner depends on: the options in its header."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from drivers import DRIVERS
from station.settings import DRIVER_KEYS, LabelSettings

if TYPE_CHECKING:
    from station.settings import ScannerSettings

_OF_THE_DEVICE = frozenset(
    {
        *("name", "driver", "match", "reply", "transport"),
        *("baud_rate", "data_bits", "parity", "stop_bits", "flow_control"),
    }
)
_PLAIN: dict[str, object] = msgspec.to_builtins(LabelSettings())


def decoding_options(settings: ScannerSettings) -> dict[str, object]:
    """A scanner's settings; not which device it was, nor how its line was set."""
    options: dict[str, object] = msgspec.to_builtins(settings)
    return {
        key: value
        for key, value in options.items()
        if key not in _OF_THE_DEVICE
        and settings.driver in DRIVER_KEYS.get(key, DRIVERS)
        and (key not in _PLAIN or value != _PLAIN[key])
    }
