"""Builds the station from its parts, connects them, and stops them in order."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from station.events import Bus, Event, Reconfigured, ScannerChanged, ScannerState
from station.ops.lock import StationLock
from station.repository.database import is_sqlite, open_engine
from station.repository.queries import require_location
from station.repository.scan_path import SqlRepository
from station.repository.schema import require_newest, upgrade
from station.source import stamp, uuid7
from station.worker.desk import Desk
from station.worker.entries import Commanded
from station.worker.handler import RequestHandler
from station.worker.ports import NO_WATCHDOG

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Engine

    from station.config.schema import Config
    from station.worker.entries import Entry, Outcome
    from station.worker.ports import Watchdog

PATIENCE_S = 5.0
"""How long to wait for the desk to apply another configuration."""
_LOOK_S = 0.1
"""How often to check meanwhile whether the station is about to stop."""


def prepared_engine(config: Config) -> Engine:
    """Return the station's database, ready to use: an embedded one is upgraded to the newest schema.

    Raises:
        DatabaseError: it can't be used.
    """
    engine = open_engine(config.database_url())
    if is_sqlite(engine):
        upgrade(engine)
    else:
        require_newest(engine)
    return engine


class Station:
    """One running station: desk, repository and bus, without devices and displays.

    A context manager: started on entry; on exit the queue is processed and the station stopped.
    """

    def __init__(
        self,
        config: Config,
        *,
        live: bool = True,
        auto_answer: bool | None = None,
        rest_comes_later: bool = False,
        watchdog: Watchdog = NO_WATCHDOG,
    ) -> None:
        """`live` and the others: as for `worker.desk.Desk`."""
        self.config = config
        self.bus: Bus[Event] = Bus()
        self.lock = StationLock(config.state_directory(), config.station.name)
        self._live = live
        self._auto_answer = auto_answer
        self._rest_comes_later = rest_comes_later
        self._watchdog = watchdog
        self._parts = ExitStack()
        self.engine: Engine
        self.desk: Desk

    def __enter__(self) -> Self:
        """Start the station.

        Raises:
            StationInUseError: another process runs this station.
            DatabaseError: the database can't be used.
        """
        with ExitStack() as parts:
            parts.enter_context(self.lock)
            self.engine = prepared_engine(self.config)
            parts.callback(self.engine.dispose)
            require_location(self.engine, self.config.station.location)
            self.desk = self._desk(self.engine)
            self.desk.start()
            parts.callback(self.desk.stop)
            self._parts = parts.pop_all()
        return self

    def __exit__(self, *_error: object) -> None:
        self._parts.close()

    def _desk(self, engine: Engine) -> Desk:
        settings = self.config.rules()
        repository = SqlRepository(engine, settings.station.name, fold_case=settings.preferences.fold_case)
        repository.watchdog = self._watchdog
        return Desk(
            repository,
            RequestHandler(repository, settings, uuid7),
            self.bus,
            live=self._live,
            auto_answer=self._auto_answer,
            rest_comes_later=self._rest_comes_later,
            watchdog=self._watchdog,
        )

    def check(self, config: Config) -> None:
        """Check that another configuration can be applied.

        Raises:
            ConfigError: it can't.
            DatabaseError: the check failed.
        """
        if config.station.location != self.config.station.location:
            require_location(self.engine, config.station.location)

    def reconfigure(self, config: Config, is_ending: Callable[[], bool]) -> None:
        """Apply another configuration; the one before still applies to the scans that are queued now.

        Wait until these are processed, but only up to `PATIENCE_S` (the database may be down), and no longer
        once `is_ending` returns that the station is about to stop.
        """
        self.config = config
        applied = threading.Event()
        self.desk.post(
            Reconfigured(settings=config.rules(), scanners=tuple(each.name for each in config.scanner)),
            lambda _outcome: applied.set(),
        )
        until = time.monotonic() + PATIENCE_S
        while not (applied.wait(_LOOK_S) or is_ending() or time.monotonic() > until):
            pass

    def post_and_wait(self, entry: Entry) -> Outcome:
        """Queue an entry and wait until it is committed."""
        outcomes: list[Outcome] = []
        done = threading.Event()

        def take(outcome: Outcome) -> None:
            outcomes.append(outcome)
            done.set()

        self.desk.post(entry, take)
        done.wait()
        return outcomes[0]

    def command(
        self, text: str, scanner: str, at: datetime | None = None, program: str | None = None
    ) -> Outcome:
        """Give a command (``open CM-1001``), now or as if at `at`, and wait for its outcome.

        `program`: as in `source.Source`.
        """
        return self.post_and_wait(Commanded(replace(stamp(text, scanner, at), program=program)))

    def settle(self, scanner: str, detail: str) -> None:
        """Report the end of a recording, and wait until everything queued before is processed."""
        self.post_and_wait(ScannerChanged(scanner, ScannerState.FINISHED, detail))
