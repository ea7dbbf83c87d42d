"""From scanners to the queue: reads their drivers, decodes frames, stamps the scans.

Each scanner has a blocking thread: an idle scanner costs nothing, and a slow one doesn't delay others.
"""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

import msgspec
import structlog

from drivers import decoder_for, driver_class
from drivers.base import DriverError
from drivers.discovery.hotplug import Hotplug
from drivers.stream import frames
from station.events import ScannerChanged, ScanRejected
from station.i18n.messages import msg
from station.inputs.frame_ring import FrameRing
from station.inputs.reader import SHOWN_BYTES, Reader
from station.inputs.reconnecting import Reconnector
from station.source import now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from drivers.base import Chunk, Driver
    from station.config.settings import ScannerSettings
    from station.events import ScannerState
    from station.inputs.frame_ring import FrameRings
    from station.worker.entries import Inbox, Outcome

log = structlog.get_logger()

_TOO_EARLY: Final = msg("it came while the scanner was being opened")
_KEY, _PRESSED = 1, 1
"""Type and value of an input event (linux/input-event-codes.h)."""


class ScannerThread:
    """One configured scanner, read until `stop`."""

    def __init__(
        self,
        settings: ScannerSettings,
        inbox: Inbox,
        hotplug: Hotplug | None = None,
        ring: FrameRing | None = None,
    ) -> None:
        """Set it up.

        Args:
            settings: The scanner.
            inbox: Receives its scans.
            hotplug: Notices devices; None: the thread polls.
            ring: Keeps the last reads; None: they are not needed.
        """
        self.settings = settings
        self._options: dict[str, object] = msgspec.to_builtins(settings)
        self._inbox = inbox
        self._ring = ring or FrameRing(settings)
        self._keeper = Reconnector(settings.name, self._make, self._read, self._report, hotplug)
        self._keeper.lost = self._lose
        self._lost_at = -1.0
        self._thread = threading.Thread(target=self._keeper.run, name=f"scanner {settings.name}", daemon=True)

    @property
    def is_alive(self) -> bool:
        """Whether the thread reads the scanner or tries to open it; it ends if an option is wrong."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Start reading."""
        self._thread.start()

    def stop(self) -> None:
        """Stop reading; wakes a waiting read."""
        self._keeper.stop()
        self._thread.join()

    def _make(self) -> Driver:
        return driver_class(self.settings.driver).from_options(self._options)

    def _read(self, driver: Driver) -> None:
        """Read an open driver to its end.

        Raises:
            DeviceGoneError: the device went away.
        """
        decoder = decoder_for(self.settings.driver, {**self._options, **driver.learnt()})
        # The desk applies the station's own formats: they may change while this scanner is read.
        reader, answer = Reader(self._options), self._reply_by(driver)
        self._ring.opened(self.settings, driver.learnt())
        for frame in frames(driver, decoder, self._ring.add):
            at = now()
            entry = reader.entry(frame, self.settings.name, at)
            self._ring.keep(at, frame.data, entry.reason if isinstance(entry, ScanRejected) else None)
            self._inbox.post(entry, answer)

    def _lose(self, chunk: Chunk) -> None:
        """Reject data that arrived while the scanner was being opened: it may be half a scan.

        Only once for data without a pause, which may be noise from a broken device.
        """
        if not chunk.data and not any(kind == _KEY and value == _PRESSED for kind, _, value in chunk.events):
            return
        continues, self._lost_at = time.monotonic() - self._lost_at < 1, time.monotonic()
        if continues:
            return
        at = now()
        self._ring.keep(at, chunk.data, _TOO_EARLY)
        self._inbox.post(ScanRejected(at, self.settings.name, _TOO_EARLY, chunk.data[:SHOWN_BYTES]))

    def _reply_by(self, driver: Driver) -> Callable[[Outcome], None] | None:
        """A function that sends the scanner the configured bytes for the tone of an outcome."""
        reply = self.settings.reply
        answers: dict[str, str] = msgspec.structs.asdict(reply)
        if not any(answers.values()):
            return None

        def answer(outcome: Outcome) -> None:
            if data := answers.get(outcome.tone, "").encode("latin-1"):
                try:
                    driver.write(data)
                except DriverError as error:
                    # The scan is booked; only the beep is lost.
                    log.warning("reply_lost", scanner=self.settings.name, reason=str(error))

        return answer

    def _report(self, state: ScannerState, detail: str) -> None:
        self._inbox.post(ScannerChanged(self.settings.name, state, detail))


class Scanners:
    """All scanners that are read."""

    def __init__(self, inbox: Inbox, frames: FrameRings) -> None:
        """`inbox` receives their scans; `frames` keeps their last data."""
        self._inbox = inbox
        self._frames = frames
        self._threads: list[ScannerThread] = []
        self._parts = ExitStack()
        self._hotplug: Hotplug | None = None

    def start(self, wanted: Iterable[ScannerSettings]) -> None:
        """Start reading these; scanners that are already read are left alone."""
        read = [scanner.settings for scanner in self._threads]
        for settings in wanted:
            if settings not in read:
                ring = self._frames.of(settings)
                scanner = ScannerThread(settings, self._inbox, self._started_hotplug(), ring)
                scanner.start()
                self._threads.append(scanner)

    def stop_others(self, wanted: Iterable[ScannerSettings]) -> None:
        """Stop all others, and those that have ended; afterwards their scans are queued."""
        kept = list(wanted)
        going = [scanner for scanner in self._threads if scanner.is_alive and scanner.settings in kept]
        for scanner in self._threads:
            if scanner not in going:
                scanner.stop()
        self._threads = going

    def stop(self) -> None:
        """Stop all."""
        self.stop_others(())
        self._parts.close()

    def _started_hotplug(self) -> Hotplug:
        """The hotplug listener; a station without scanners needs none."""
        if self._hotplug is None:
            self._hotplug = self._parts.enter_context(Hotplug())
        return self._hotplug
