"""Turns frames of a scanner, live or recorded, into labels or rejected scans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from drivers import DRIVERS, KEYS_OF_DRIVERS
from drivers.base import BrokenFrame
from station.config.problems import explain
from station.config.settings import LabelSettings
from station.errors import UsageError
from station.events import ScanRejected
from station.labels.formats import formats_of
from station.labels.normalise import Rejected, normalise
from station.source import stamp
from station.worker.entries import Scanned

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from drivers.base import Frame
    from station.config.settings import HouseFormat, ScannerSettings
    from station.labels.normalise import Label

SHOWN_BYTES = 64
"""Bytes of a rejected scan for the log."""

# msgspec (0.22) analyses a type at its first use, and crashes if two threads do so at once: each scanner's
# thread needs this type. Only one thread imports this module.
msgspec.json.Decoder(LabelSettings)


class Reader:
    """Reads the frames of one scanner: each is a label or a rejected scan."""

    def __init__(self, options: Mapping[str, object], house_format: tuple[HouseFormat, ...] = ()) -> None:
        """Take a scanner's settings, or the options in a recording's header, and the station's formats.

        Raises:
            UsageError: an option for reading labels is wrong.
        """
        self.settings = label_settings(options, house_format)
        """How this scanner's labels are read."""
        self.encoding = str(options.get("encoding", "utf-8"))
        self._aim: Any = options.get("aim", "auto")

    def read(self, frame: Frame | BrokenFrame) -> Label | Rejected:
        """Read one frame."""
        if isinstance(frame, BrokenFrame):
            return Rejected(frame.reason)
        return normalise(
            frame.data,
            encoding=frame.encoding or self.encoding,
            aim=self._aim,
            symbology_identifier=frame.symbology_identifier,
        )

    def entry(self, frame: Frame | BrokenFrame, scanner: str, at: datetime) -> Scanned | ScanRejected:
        """The queue entry for a frame."""
        label = self.read(frame)
        if isinstance(label, Rejected):
            return ScanRejected(at, scanner, label.reason, frame.data[:SHOWN_BYTES])
        return Scanned(stamp(label.text, scanner, at, label.symbology_identifier), self.settings)


def label_settings(options: Mapping[str, object], house_format: tuple[HouseFormat, ...]) -> LabelSettings:
    """How the labels of one scanner are read: its own house formats first, then the station's.

    Raises:
        UsageError: an option is wrong.
    """
    try:
        own = msgspec.convert(options, LabelSettings)  # noqa: TID251 - analysed above
    except msgspec.ValidationError as error:
        raise UsageError(f"options: {explain(error, options)}") from error
    settings = own.before(house_format)
    try:
        formats_of(settings)
    except ValueError as error:
        raise UsageError(f"options: the pattern of a house_format {error}") from error
    return settings


_PLAIN: dict[str, object] = msgspec.to_builtins(LabelSettings())


def decoding_options(settings: ScannerSettings) -> dict[str, object]:
    """A scanner's settings, without those of its device and its line."""
    options: dict[str, object] = msgspec.to_builtins(settings)
    not_decoding = {"name", "driver", *(KEYS_OF_DRIVERS - DRIVERS[settings.driver].settings.keys())}
    return {
        key: value
        for key, value in options.items()
        if key not in not_decoding and (key not in _PLAIN or value != _PLAIN[key])
    }
