"""The whole station: desk, scanners, display, outputs and log, started and stopped in order."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from station.app.serving import Serving
from station.app.station import Station
from station.inputs.frame_ring import FrameRings
from station.inputs.scanners import Scanners
from station.ops.systemd import ServiceManager, ServiceStatus
from station.outputs.log import EventLog
from station.outputs.paper.printer import LabelPrinting
from station.outputs.publishers.publishers import Publishers
from station.outputs.sound import Sounds
from station.repository.outbox import SqlOutbox, open_publishing_engine
from station.worker.ports import Watchdog

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.config.schema import Config
    from station.history import Lag


class Publishing:
    """The configured publishers, running from `start` to `stop`; without any it costs nothing."""

    def __init__(self, station: Station) -> None:
        """`station`: already started."""
        self._station = station
        self._publishers: Publishers | None = None
        self._parts = ExitStack()

    def start(self) -> None:
        """Start sending.

        Raises:
            ConfigError: a configured file can't be used, or a library is missing.
            DatabaseError: the start position of a new one can't be stored.
        """
        config, desk = self._station.config, self._station.desk
        if not config.publish:
            return
        engine = open_publishing_engine(config.database_url())
        self._parts.callback(engine.dispose)
        outbox = SqlOutbox(engine, config.station.name)
        publishers = Publishers(config.publish, outbox, config.station.name, desk.post)
        publishers.start()
        self._parts.callback(publishers.stop)
        self._station.bus.subscribe(publishers.on_event)
        self._publishers = publishers

    def stop(self) -> None:
        """Stop; unconfirmed entries are sent after the next start."""
        self._parts.close()

    def lags(self) -> list[Lag]:
        """Return how far each is behind.

        Raises:
            DatabaseError: it can't be read.
        """
        return self._publishers.lag() if self._publishers else []


class Daemon:
    """The running station. A context manager: inside, scans are booked and displays are served."""

    def __init__(self, config: Config, manager: ServiceManager | None = None) -> None:
        """`manager`: gets the station's status, and the watchdog signals of its desk."""
        manager = manager or ServiceManager()
        self.station = Station(config, watchdog=Watchdog(manager.alive, manager.watchdog_s))
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
        """The configuration in force."""
        return self.station.config

    def __enter__(self) -> Self:
        """Start all parts, each after those that it depends on; they stop in reverse order.

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
            self.station.lock.write_holder(self.url)
            self._scanners = Scanners(desk, self._frames)
            parts.callback(self._scanners.stop)
            self._scanners.start(config.scanner)
            # First on exit: a scanner that waits for a full queue could never be stopped.
            parts.callback(desk.wait_no_longer)
            self._parts = parts.pop_all()
        return self

    def __exit__(self, *_error: object) -> None:
        self._parts.close()

    def reconfigure(self, config: Config, is_ending: Callable[[], bool]) -> None:
        """Apply another configuration; it differs only in what can change at run time (`Changeover`).

        `is_ending`: as for `Station.reconfigure`.

        Raises:
            StationError: it can't be applied; nothing has changed.
        """
        self.station.check(config)
        serve, play = self._serving.prepared(config), self._sounds.prepared(config.sound)
        self._scanners.stop_others(config.scanner)
        try:
            self.station.reconfigure(config, is_ending)
            serve()
            play()
            self._labels.reconfigure(config)
        finally:
            # Whatever fails, scans must not be lost.
            self._scanners.start(config.scanner)
