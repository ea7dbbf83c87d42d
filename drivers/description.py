"""Everything the rest of the program knows about a driver: one description, in the driver's own module."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from drivers.base import DeviceOptionError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drivers.base import Decoder, DeviceDriver
    from drivers.discovery.known import UsbMode
    from drivers.recording_lines import RecordingLine

Subsystem = Literal["tty", "input", "hidraw"]
"""A kernel subsystem with device nodes of scanners."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverDescription:
    """One driver.

    The program imports its module at every start, so only `device` and `decoder` import anything heavy.
    """

    name: str
    """As in configurations and recordings."""
    extra: str = ""
    """The package's extra with its library; empty: it needs none."""
    device: Callable[[], type[DeviceDriver]]
    """Imports the class that opens its devices."""
    decoder: Callable[[Mapping[str, object]], Decoder]
    """Creates its decoder; raises `DeviceOptionError`."""
    line: type[RecordingLine]
    """A recording's kind of line for one read."""

    subsystem: Subsystem | None = None
    """Where its device nodes are; None: its devices have none, and its own settings locate them."""
    modes: tuple[UsbMode, ...] = ()
    """The modes of USB scanners that it reads, the recommended one first."""
    uses_libusb: bool = False
    """It also reads USB devices without a node, or whose node libusb has removed."""
    is_split_among_readers: bool = False
    """The device opens even if another program reads it, and that program takes scans away."""

    settings: Mapping[str, str]
    """The keys of ``[[scanner]]`` that only some drivers accept and that decoding a recording depends on.

    Each with its allowed values, worded to follow *must be*; empty: the configuration's own message is
    enough.
    """
    device_settings: Mapping[str, str] = field(default_factory=dict)
    """The same for the keys for finding, opening and answering the device: recordings don't contain them."""
    protocols: tuple[str, ...] = ()
    """The allowed values of ``protocol``."""
    is_framed: bool = False
    """A terminator or silence ends a scan; otherwise its reports do."""
    learns: tuple[str, ...] = ()
    """The options that only its devices report (`Driver.learnt`)."""
    check: Callable[[Mapping[str, object]], object] | None = None
    """Raises `DeviceOptionError` for wrong settings; the text begins with the key."""

    @property
    def keys(self) -> frozenset[str]:
        """All keys of ``[[scanner]]`` that it accepts and some drivers don't."""
        return frozenset((*self.settings, *self.device_settings))

    def allowed(self, key: str) -> str:
        """A key's allowed values, worded to follow *must be*; empty: unknown."""
        return {**self.settings, **self.device_settings}.get(key, "")

    @property
    def takes_replies(self) -> bool:
        """Whether its devices accept replies."""
        return "reply" in self.device_settings

    def device_class(self) -> type[DeviceDriver]:
        """The class that opens its devices.

        Raises:
            DeviceOptionError: a library it needs is missing.
        """
        try:
            return self.device()
        except ImportError as error:
            package = f"scanstation[{self.extra}]" if self.extra else "scanstation"
            raise DeviceOptionError(
                f'driver "{self.name}" needs the Python package {error.name}; pip install "{package}"'
            ) from error
