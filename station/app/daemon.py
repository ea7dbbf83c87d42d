"""The whole station: desk, scanners, display and log, started and stopped in order."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from station.app.publishing import Publishing
from station.app.serving import Serving
from station.app.station import Station
from station.host.notify import Pulse, ServiceManager
from station.host.service import ServiceStatus
from station.intake.frame_ring import FrameRings
from station.intake.scanners import Scanners
from station.log import EventLog
from station.paper.printing import LabelPrinting
from station.sound.playing import Sounds

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.config import Config


class Daemon:
    """A context manager: inside, scans are booked and displays are served."""

    def __init__(self, config: Config, manager: ServiceManager | None = None) -> None:
        """`manager`: is told how the station stands, and that its desk is alive."""
        manager = manager or ServiceManager()
        self.station = Station(config, pulse=Pulse(manager.alive, manager.watchdog_s))
        self.status = ServiceStatus(manager, [settings.name for settings in config.scanner])
        self.url = ""
        self._frames = FrameRings()
        self._parts = ExitStack()
        self._sounds: Sounds
        self._labels: LabelPrinting
        self._serving: Serving
        self._scanners: Scanners

    @property
    def config(self) -> Config:
        """What is in force."""
        return self.station.config

    def __enter__(self) -> Self:
        """Start; whoever depends on a part is started after it and stopped before it.

        Raises:
            StationError: a part can't be started; none is left running.
        """
        with ExitStack() as parts:
            parts.enter_context(self.station)
            bus, config, desk = self.station.bus, self.config, self.station.desk
            bus.subscribe(EventLog(config.station.name).on_event)
            bus.subscribe(self.status.on_event)
            self.status.say()
            self._sounds = Sounds(config.sound)
            parts.callback(self._sounds.stop)
            bus.subscribe(self._sounds.on_event)
            self._labels = LabelPrinting(config, desk)
            parts.callback(self._labels.stop)
            bus.subscribe(self._labels.on_event)
            publishing = Publishing(self.station)
            parts.callback(publishing.stop)
            publishing.start()
            self._serving = Serving(self.station, self._frames, publishing.lags)
            parts.callback(self._serving.stop)
            self.url = self._serving.start()
            self.station.lock.tell(self.url)
            self._scanners = Scanners(desk, self._frames)
            parts.callback(self._scanners.stop)
            self._scanners.start(config.scanner)
            # First of all at the end: a scanner whose scan finds the queue full could never be stopped.
            parts.callback(desk.wait_no_longer)
            self._parts = parts.pop_all()
        return self

    def __exit__(self, *_error: object) -> None:
        self._parts.close()

    def take_over(self, config: Config, is_ending: Callable[[], bool]) -> None:
        """Work by another configuration from now on; it differs only where that can be (`Changeover`).

        `is_ending`: as for `Station.take_over`.

        Raises:
            StationError: it can't be had; nothing has changed.
        """
        self.station.check(config)
        serve, play = self._serving.prepared(config), self._sounds.prepared(config.sound)
        self._scanners.stop_others(config.scanner)
        try:
            self.station.take_over(config, is_ending)
            serve()
            play()
            self._labels.take_over(config)
        finally:
            # Whatever fails, nobody scans into nothing.
            self._scanners.start(config.scanner)
