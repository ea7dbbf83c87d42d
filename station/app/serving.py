"""The station over HTTP: keeps the display's state and serves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.config.settings import LabelSettings
from station.errors import ConfigError
from station.labels.explain import explain
from station.labels.normalise import Label
from station.office.sending import SqlOffice
from station.outputs.display.keeper import DisplayStateKeeper
from station.outputs.metrics.gauges import Sources
from station.outputs.metrics.registry import Metrics
from station.repository.view import View
from station.source import stamp
from station.web.access import Access
from station.web.app import Web
from station.web.guard import Facing
from station.web.limits import HeldLimit
from station.web.server import WebServer, server_context
from station.web.tokens import TokenFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from station.app.station import Station
    from station.config.schema import Config
    from station.events import LabelRead
    from station.history import Lag
    from station.inputs.frame_ring import FrameRings
    from station.labels.explain import Step


class Serving:
    """The HTTP side of a running station."""

    def __init__(
        self, station: Station, frames: FrameRings, lags: Callable[[], Iterable[Lag]] = lambda: ()
    ) -> None:
        """Take the station and the last frames of its scanners.

        `lags`: returns how far publishers are behind.

        Raises:
            ConfigError: a token is required, and there is none.
        """
        self._station = station
        self._lags = lags
        config = station.config
        reader = View(station.engine, config.station.name)
        self.keeper = DisplayStateKeeper(
            reader,
            config.station.name,
            config.station.location,
            [settings.name for settings in config.scanner],
            preferences=config.preferences,
            explain=self._explain,
        )
        self._facing = _facing(config)
        held = HeldLimit()
        web = Web(
            keeper=self.keeper,
            reader=reader,
            inbox=station.desk,
            stamp=stamp,
            is_ready=self._is_ready,
            held=held,
            metrics=self._metrics(held).text,
            office=SqlOffice(station.engine),
            facing=self._facing,
            station=config.station.name,
            access=_access(config),
            is_remote=not config.display.is_loopback,
            frames=frames.kept,
        )
        self._server = WebServer(web, config.display)

    def start(self) -> str:
        """Start serving; return the URL.

        Raises:
            StationError: the address is not available, or the certificate can't be used.
        """
        self._station.bus.subscribe(self.keeper.on_event)
        return self._server.start()

    def stop(self) -> None:
        """Answer the held requests, then stop."""
        self._server.stop()

    def prepared(self, config: Config) -> Callable[[], None]:
        """Return a function that applies another configuration at once and can't fail.

        Raises:
            ConfigError: the certificate or its key can't be used.
        """
        facing = _facing(config)
        context = server_context(config.display)

        def reconfigure() -> None:
            self._server.renew(context)
            self._facing.become(facing)
            self.keeper.changes.add()

        return reconfigure

    def _is_ready(self) -> bool:
        desk = self._station.desk
        return self.keeper.database.ok and desk.is_alive and not desk.is_stuck

    def _metrics(self, held: HeldLimit) -> Metrics:
        desk = self._station.desk
        sources = Sources(
            queued=lambda: desk.queued,
            held=lambda: desk.held,
            is_healthy=self._is_ready,
            clients=lambda: held.kinds,
        )
        metrics = Metrics(sources, [settings.name for settings in self._station.config.scanner], self._lags)
        desk.watch(metrics.on_entry)
        return metrics

    def _explain(self, read: LabelRead) -> list[Step]:
        """Explain a label by the configuration in force."""
        config = self._station.config
        settings = (read.settings or LabelSettings()).before(config.house_format)
        label = Label(read.source.text, read.source.symbology_identifier)
        return explain(label, config.preferences, settings)


def _facing(config: Config) -> Facing:
    return Facing(config.display.language, config.display.host_names)


def _access(config: Config) -> Access:
    """Return who has access over HTTP.

    Raises:
        ConfigError: a token is required, and there is none.
    """
    display, station = config.display, config.station
    if not display.needs_token:
        return Access()
    tokens = TokenFile(config.state_directory(), station.name)
    if not tokens.tokens():
        key = "require_token = true" if display.is_loopback else f'listen = "{display.listen}"'
        raise ConfigError(
            f"display.{key}: clients need a token, and there is none yet; create one: "
            "scanstation token create NAME --scope display"
        )
    return Access(tokens, f"__Host-{station.name}" if display.certificate else station.name)
