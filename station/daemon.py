"""The whole station: desk, scanners, display and log, started and stopped in order."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from drivers.finding.hotplug import Hotplug
from station.app import Station
from station.display.keeper import StateKeeper
from station.errors import ConfigError
from station.events import LabelNotPrinted, SerialGenerated
from station.exchange.sending import Office
from station.intake import ScannerThread
from station.log import EventLog
from station.notify import Pulse, ServiceManager
from station.paper.label import label_of
from station.paper.printer import LabelPrinter
from station.scans.explain import explain
from station.scans.normalise import Label
from station.service import ServiceStatus
from station.settings import LabelSettings
from station.sound.player import SoundPlayer
from station.stamping import stamp
from station.store.view import View
from station.web.access import Access
from station.web.app import Web
from station.web.server import WebServer
from station.web.tokens import TokenFile

if TYPE_CHECKING:
    from station.config import Config
    from station.events import Event, LabelRead
    from station.scans.explain import Step


class Daemon:
    """A context manager: inside, scans are booked and displays are served."""

    def __init__(self, config: Config, manager: ServiceManager | None = None) -> None:
        """`manager`: is told how the station stands, and that its desk is alive."""
        self.config = config
        self._manager = manager or ServiceManager()
        self.station = Station(config, pulse=Pulse(self._manager.alive, self._manager.watchdog_s))
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
            status = ServiceStatus(self._manager, [settings.name for settings in self.config.scanner])
            self.station.bus.subscribe(status.on_event)
            status.say()
            self._sound(parts)
            self._labels(parts)
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

    def _sound(self, parts: ExitStack) -> None:
        if command := self.config.sound.command:
            player = parts.enter_context(SoundPlayer(command))
            self.station.bus.subscribe(player.on_event)

    def _labels(self, parts: ExitStack) -> None:
        """Print the label of each serial number that is generated, where a printer is configured."""
        if not self.config.label_printer.kind:
            return
        desk = self.station.desk
        printer = LabelPrinter(self.config, lambda text: desk.post(LabelNotPrinted(text)))
        printer.start()
        parts.callback(printer.stop)

        def print_label(event: Event) -> None:
            if isinstance(event, SerialGenerated):
                printer.print_label(label_of(event))

        self.station.bus.subscribe(print_label)

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
            office=Office(self.station.engine),
            command_prefix=self.config.preferences.command_prefix,
            language=self.config.display.language,
            station=self.config.station.name,
            access=self._access(),
            host_names=self.config.display.host_names,
            is_remote=not self.config.display.is_loopback,
        )
        server = WebServer(web, self.config.display)
        self.url = server.start()
        parts.callback(server.stop)
        self.station.lock.tell(self.url)

    def _access(self) -> Access:
        """Who may come over HTTP.

        Raises:
            ConfigError: a token is needed, and there is none.
        """
        display, station = self.config.display, self.config.station
        if not display.needs_token:
            return Access()
        tokens = TokenFile(self.config.state_directory(), station.name)
        if not tokens.tokens():
            key = "require_token = true" if display.is_loopback else f'listen = "{display.listen}"'
            raise ConfigError(
                f"display.{key}: whoever comes needs a token, and there is none yet; make one: "
                "scanstation token create NAME --scope display"
            )
        return Access(tokens, f"__Host-{station.name}" if display.certificate else station.name)

    def _explain(self, read: LabelRead) -> list[Step]:
        settings = read.settings or LabelSettings(house_format=self.config.house_format)
        label = Label(read.source.text, read.source.symbology_identifier)
        return explain(label, self.config.preferences, settings)

    def _is_desk_working(self) -> bool:
        desk = self.station.desk
        return desk.is_alive and not desk.is_stuck

    def __exit__(self, *_error: object) -> None:
        self._parts.close()
