"""The whole station: desk, scanners, display and log, started and stopped in order."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from drivers.finding.hotplug import Hotplug
from station.app import Station
from station.display.keeper import StateKeeper
from station.intake import ScannerThread
from station.log import EventLog
from station.scans.explain import explain
from station.scans.normalise import Label
from station.settings import LabelSettings
from station.stamping import stamp
from station.store.view import View
from station.web.app import Web
from station.web.server import WebServer

if TYPE_CHECKING:
    from station.config import Config
    from station.events import LabelRead
    from station.scans.explain import Step


class Daemon:
    """A context manager: inside, scans are booked and displays are served."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.station = Station(config)
        self.url = ""
        self._parts = ExitStack()

    def __enter__(self) -> Self:
        """Start; whoever depends on a part is started after it and stopped before it.

        Raises:
            StationError: a part can't be started; none is left running.
        """
        with ExitStack() as parts:
            parts.enter_context(self.station)
            self.station.bus.subscribe(EventLog(self.config.station.name).on_event)
            self._serve(parts)
            hotplug = parts.enter_context(Hotplug()) if self.config.scanner else None
            for settings in self.config.scanner:
                scanner = ScannerThread(settings, self.station.desk, hotplug, self.config.house_format)
                scanner.start()
                parts.callback(scanner.stop)
            # First of all at the end: a scanner whose scan finds the queue full could never be stopped.
            parts.callback(self.station.desk.wait_no_longer)
            self._parts = parts.pop_all()
        return self

    def _serve(self, parts: ExitStack) -> None:
        reader = View(self.station.engine, self.config.station.name)
        keeper = StateKeeper(
            reader,
            self.config.station.name,
            self.config.station.location,
            [settings.name for settings in self.config.scanner],
            explain=self._explain,
        )
        self.station.bus.subscribe(keeper.on_event)
        web = Web(
            keeper=keeper,
            reader=reader,
            inbox=self.station.desk,
            stamp=stamp,
            is_ready=lambda: keeper.database.ok and self._is_desk_working(),
        )
        server = WebServer(web, self.config.display.listen)
        self.url = server.start()
        parts.callback(server.stop)
        self.station.lock.tell(self.url)

    def _explain(self, read: LabelRead) -> list[Step]:
        settings = read.settings or LabelSettings(house_format=self.config.house_format)
        label = Label(read.source.text, read.source.symbology_identifier)
        return explain(label, self.config.preferences, settings)

    def _is_desk_working(self) -> bool:
        desk = self.station.desk
        return desk.is_alive and not desk.is_stuck

    def __exit__(self, *_error: object) -> None:
        self._parts.close()
