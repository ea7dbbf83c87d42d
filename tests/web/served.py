"""A real station, including its desk, over HTTP."""

from __future__ import annotations

import http.client
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from station.config.settings import DisplaySettings
from station.office.sending import SqlOffice
from station.outputs.display.keeper import DisplayStateKeeper
from station.repository.view import View
from station.source import stamp
from station.web.app import Web
from station.web.server import WebServer
from tests.stations import Seat, at_work, seat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine


@dataclass(frozen=True)
class Served:
    seat: Seat
    keeper: DisplayStateKeeper
    server: WebServer

    @property
    def url(self) -> str:
        return self.server.url

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=60)


@contextmanager
def served(
    engine: Engine, *, display: DisplaySettings | None = None, working: Seat | None = None, **web: Any
) -> Iterator[Served]:
    """`web` has further fields of `station.web.app.Web`."""
    here = working or seat(engine)
    view = View(engine, here.name)
    with at_work(here):
        keeper = DisplayStateKeeper(view, here.name, "MAIN")
        here.bus.subscribe(keeper.on_event)
        parts: dict[str, Any] = {"station": here.name, "office": SqlOffice(engine), **web}
        server = WebServer(
            Web(keeper, view, here.desk, stamp, lambda: here.desk.is_alive, **parts),
            display or DisplaySettings(listen="127.0.0.1:0"),
        )
        server.start()
        try:
            yield Served(here, keeper, server)
        finally:
            server.stop()
