"""What the rest of the program knows of a driver: one description, in the driver's own module."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from drivers.base import DeviceOptionError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drivers.base import Decoder, DeviceDriver
    from drivers.discovery.known import Mode
    from drivers.recording_lines import Line

Subsystem = Literal["tty", "input", "hidraw"]
"""A subsystem of the kernel whose device nodes scanners are read from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverDescription:
    """One driver.

    Its module is read whenever the program starts, so only `device` and `decoder` import anything heavy.
    """

    name: str
    """As configurations and recordings have it."""
    extra: str = ""
    """The extra of the package that brings its library; empty: it needs none."""
    device: Callable[[], type[DeviceDriver]]
    """Imports what opens its devices."""
    decoder: Callable[[Mapping[str, object]], Decoder]
    """Makes the decoder of its reads; raises `DeviceOptionError`."""
    line: type[Line]
    """How a recording holds what one read returned."""

    subsystem: Subsystem | None = None
    """Where its device nodes are; None: its devices have none, and its own settings say where they are."""
    modes: tuple[Mode, ...] = ()
    """The modes of USB scanners that it reads, the one to recommend first."""
    uses_libusb: bool = False
    """It also reads USB devices that have no node, or whose node libusb has taken away."""
    is_split_among_readers: bool = False
    """Another program that reads the device too takes scans away, though the device opens."""

    settings: Mapping[str, str]
    """The keys of ``[[scanner]]`` that not every driver takes, those that reading a recording depends on.

    With each, what may stand there, as it follows *must be*; empty: the driver has nothing to say beyond the
    configuration's own words.
    """
    device_settings: Mapping[str, str] = field(default_factory=dict)
    """The same for keys that finding, opening and answering the device takes: no recording holds them."""
    protocols: tuple[str, ...] = ()
    """What ``protocol`` may be, if it is set."""
    is_framed: bool = False
    """A terminator or silence ends a scan; else its reports do."""
    learns: tuple[str, ...] = ()
    """The options that only its devices tell (`Driver.learnt`)."""
    check: Callable[[Mapping[str, object]], object] | None = None
    """Raises `DeviceOptionError` for settings that are wrong; the text begins with the key."""

    @property
    def keys(self) -> frozenset[str]:
        """All keys of ``[[scanner]]`` that it takes and not every driver does."""
        return frozenset((*self.settings, *self.device_settings))

    def allowed(self, key: str) -> str:
        """What may stand at a key, as it follows *must be*; empty: it says nothing of it."""
        return {**self.settings, **self.device_settings}.get(key, "")

    @property
    def takes_replies(self) -> bool:
        """Whether its devices are written to."""
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
