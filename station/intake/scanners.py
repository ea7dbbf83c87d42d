"""The scanners of a running station: as the configuration names them, and as it changes."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from drivers.finding.hotplug import Hotplug
from station.intake.scanner_thread import ScannerThread

if TYPE_CHECKING:
    from collections.abc import Iterable

    from station.desk.entries import Inbox
    from station.intake.frame_ring import FrameRings
    from station.settings import ScannerSettings


class Scanners:
    """Those that are read."""

    def __init__(self, inbox: Inbox, frames: FrameRings) -> None:
        """`inbox`: where their scans go; `frames`: keeps what they sent last."""
        self._inbox = inbox
        self._frames = frames
        self._threads: list[ScannerThread] = []
        self._parts = ExitStack()
        self._hotplug: Hotplug | None = None

    def start(self, wanted: Iterable[ScannerSettings]) -> None:
        """Read all these; one that is read already goes on untouched."""
        read = [scanner.settings for scanner in self._threads]
        for settings in wanted:
            if settings not in read:
                ring = self._frames.of(settings)
                scanner = ScannerThread(settings, self._inbox, self._announcer(), ring)
                scanner.start()
                self._threads.append(scanner)

    def stop_others(self, wanted: Iterable[ScannerSettings]) -> None:
        """End those that are none of these, or have ended by themselves; what they read is queued then."""
        kept = list(wanted)
        going = [scanner for scanner in self._threads if scanner.is_alive and scanner.settings in kept]
        for scanner in self._threads:
            if scanner not in going:
                scanner.stop()
        self._threads = going

    def stop(self) -> None:
        """End all."""
        self.stop_others(())
        self._parts.close()

    def _announcer(self) -> Hotplug:
        """Hears of devices; a station without scanners needs none."""
        if self._hotplug is None:
            self._hotplug = self._parts.enter_context(Hotplug())
        return self._hotplug
