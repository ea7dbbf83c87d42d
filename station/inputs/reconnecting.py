"""Keeps a device open: reopens it whenever it is plugged in again, and reports its state."""

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
"""Pauses between attempts to open a device: doubled each time, so that a missing one costs almost nothing."""
UNANNOUNCED_PAUSE_S = 2.0
"""The longest pause without hotplug events: a worker who has plugged a scanner in waits for it."""


class Reconnector:
    """One device, used whenever it is available, until `stop`.

    Any hotplug event causes an attempt at once. The pauses are for changes without an event: another program
    releases the device, permissions are set late, the machine has no hotplug events.
    """

    def __init__(
        self,
        name: str,
        make: Callable[[], Driver],
        use: Callable[[Driver], None],
        report: Callable[[ScannerState, str], None],
        hotplug: Hotplug | None = None,
    ) -> None:
        """Set it up.

        Args:
            name: The scanner's name, for the log.
            make: Creates a driver; may raise DeviceOptionError.
            use: Uses an open driver until it is closed or raises DeviceGoneError.
            report: Called once with each change of the device's state.
            hotplug: Notices devices; None: the pauses do.
        """
        self._name = name
        self._make = make
        self._use = use
        self._report_change = report
        self._hotplug = hotplug
        self.lost: Callable[[Chunk], None] | None = None
        """Called with data that arrived while the device was being opened, which may be half a scan."""
        self._bell = threading.Event()
        self._stopping = threading.Event()
        self._driver: Driver | None = None
        self._reported: tuple[ScannerState, str] | None = None

    def stop(self) -> None:
        """End `run`, even if it is waiting."""
        self._stopping.set()
        self._bell.set()
        if self._driver is not None:
            self._driver.close()

    def run(self) -> None:
        """Open and use the device repeatedly; returns after `stop`, or if an option is wrong."""
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
            # Clear it before the attempt: a device that is plugged in from now on may be too late for it.
            self._bell.clear()
            if self._stopping.is_set():
                return
            try:
                was_open = self._try()
            except DeviceOptionError as error:
                self._report(ScannerState.FAILED, str(error))
                return
            if was_open:
                pause_s = FIRST_PAUSE_S
            was_announced = self._bell.wait(pause_s)
            pause_s = FIRST_PAUSE_S if was_announced else min(pause_s * 2, longest_s)

    def _try(self) -> bool:
        """Open the device and use it until it ends; returns whether it could be opened.

        Raises:
            DeviceOptionError: an option is wrong.
        """
        was_open = False
        try:
            self._driver = self._make()
            open_quiet(self._driver, self.lost)
            was_open = True
            if not self._stopping.is_set():
                self._report(ScannerState.CONNECTED, self._driver.describe())
                self._use(self._driver)
        except EOFError:
            # It was closed while being opened: report it, unless `stop` did it.
            if not self._stopping.is_set():
                self._report(ScannerState.DISCONNECTED, "it was closed while it was being opened")
        except DeviceGoneError as error:
            self._report(ScannerState.DISCONNECTED, str(error))
        except DeviceOptionError:
            raise
        except Exception as error:
            # A bug in one driver: log it; the next attempt may succeed.
            log.exception("scanner_failed", scanner=self._name)
            self._report(ScannerState.DISCONNECTED, f"internal error: {error!r}")
        finally:
            if self._driver is not None:
                self._driver.close()
        return was_open

    def _report(self, state: ScannerState, detail: str) -> None:
        if (state, detail) != self._reported:
            self._reported = (state, detail)
            self._report_change(state, detail)
