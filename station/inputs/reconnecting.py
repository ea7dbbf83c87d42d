"""Keeps a device open: opens it again whenever it went and came, and tells how it stands."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import structlog

from drivers.base import DeviceGoneError, DeviceOptionError
from drivers.stream import open_quiet
from station.events import ScannerState

if TYPE_CHECKING:
    from collections.abc import Callable

    from drivers.base import Chunk, Driver
    from drivers.discovery.hotplug import Hotplug

log = structlog.get_logger()

FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 5.0
"""Between two tries to open a device: doubled each time, so that a missing one costs next to nothing."""
UNANNOUNCED_PAUSE_S = 2.0
"""The longest pause where nobody announces devices: a worker who has plugged one in waits for it."""


class Reconnector:
    """One device, used whenever it is there, until `stop`.

    An announced coming or going of any device is tried at once. The pauses are for what is not announced: a
    device that another program lets go, permissions that come late, a machine without announcements.
    """

    def __init__(
        self,
        name: str,
        make: Callable[[], Driver],
        use: Callable[[Driver], None],
        tell: Callable[[ScannerState, str], None],
        hotplug: Hotplug | None = None,
    ) -> None:
        """Take the parts.

        Args:
            name: Of the scanner, for the log.
            make: A new driver; may raise DeviceOptionError.
            use: Works with an open driver until it is closed or raises DeviceGoneError.
            tell: Hears each change of how the device stands, once.
            hotplug: Announces devices; None: nobody does.
        """
        self._name = name
        self._make = make
        self._use = use
        self._tell_of = tell
        self._hotplug = hotplug
        self.lost: Callable[[Chunk], None] | None = None
        """Hears what came while the device was being opened, and can't be told from half a scan."""
        self._bell = threading.Event()
        self._stopping = threading.Event()
        self._driver: Driver | None = None
        self._told: tuple[ScannerState, str] | None = None

    def stop(self) -> None:
        """End `run`, whatever it waits for."""
        self._stopping.set()
        self._bell.set()
        if self._driver is not None:
            self._driver.close()

    def run(self) -> None:
        """Open, use, and again; returns after `stop`, or when an option is wrong."""
        if self._hotplug is not None:
            self._hotplug.subscribe(self._bell)
        try:
            self._keep()
        finally:
            if self._hotplug is not None:
                self._hotplug.unsubscribe(self._bell)

    def _keep(self) -> None:
        is_announced = self._hotplug is not None and self._hotplug.is_listening
        longest_s = LONGEST_PAUSE_S if is_announced else UNANNOUNCED_PAUSE_S
        pause_s = FIRST_PAUSE_S
        while not self._stopping.is_set():
            # Before the try: a device announced from here on may have come too late for it.
            self._bell.clear()
            if self._stopping.is_set():
                return
            try:
                was_open = self._try()
            except DeviceOptionError as error:
                self._tell(ScannerState.FAILED, str(error))
                return
            if was_open:
                pause_s = FIRST_PAUSE_S
            was_announced = self._bell.wait(pause_s)
            pause_s = FIRST_PAUSE_S if was_announced else min(pause_s * 2, longest_s)

    def _try(self) -> bool:
        """Open the device and use it to its end; whether it could be opened.

        Raises:
            DeviceOptionError: an option is wrong.
        """
        was_open = False
        try:
            self._driver = self._make()
            open_quiet(self._driver, self.lost)
            was_open = True
            if not self._stopping.is_set():
                self._tell(ScannerState.CONNECTED, self._driver.describe())
                self._use(self._driver)
        except EOFError:
            # Closed while it was being opened: by `stop`, or else somebody must hear of it.
            if not self._stopping.is_set():
                self._tell(ScannerState.DISCONNECTED, "it was closed while it was being opened")
        except DeviceGoneError as error:
            self._tell(ScannerState.DISCONNECTED, str(error))
        except DeviceOptionError:
            raise
        except Exception as error:
            # A fault of ours in one driver: it must be seen, and the next try may get past it.
            log.exception("scanner_failed", scanner=self._name)
            self._tell(ScannerState.DISCONNECTED, f"internal error: {error!r}")
        finally:
            if self._driver is not None:
                self._driver.close()
        return was_open

    def _tell(self, state: ScannerState, detail: str) -> None:
        if (state, detail) != self._told:
            self._told = (state, detail)
            self._tell_of(state, detail)
