"""The publishers of a running station: who they are, what they send, and who hears of them."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from station.publish.publishers import Publishers
from station.store.publishing import SqlOutbox, open_publishing_engine

if TYPE_CHECKING:
    from station.app.station import Station
    from station.outbox import Lag


class Publishing:
    """Those that the configuration names, from `start` to `stop`; with none it costs nothing."""

    def __init__(self, station: Station) -> None:
        """`station`: at work already."""
        self._station = station
        self._publishers: Publishers | None = None
        self._parts = ExitStack()

    def start(self) -> None:
        """Begin to send.

        Raises:
            ConfigError: a file that a publisher needs can't be used, or a library is missing.
            DatabaseError: it can't be noted where a new one begins.
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
        """End; what was not confirmed is sent after the next start."""
        self._parts.close()

    def lags(self) -> list[Lag]:
        """How far each is behind.

        Raises:
            DatabaseError: it can't be read.
        """
        return self._publishers.lag() if self._publishers else []
