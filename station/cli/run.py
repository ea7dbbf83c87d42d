"""``run``: the daemon in the foreground."""

from __future__ import annotations

import faulthandler
import os
import queue
import signal
import sys
from typing import TYPE_CHECKING

import click
import structlog

from station.cli import configuration, example
from station.errors import StationError

if TYPE_CHECKING:
    from station.app.daemon import Daemon
    from station.ops.systemd import ServiceManager

LOOK_S = 5.0
"""How often to check that the desk is alive: a station that can't book must exit, to be restarted."""
_ENDS = (signal.SIGTERM, signal.SIGINT)


@click.command(epilog=example("scanstation --config /etc/scanstation/config.toml run"))
def run() -> None:
    """Run the station in the foreground.

    Reads the configured scanners, books what they scan, and serves the display. SIGHUP reloads the
    configuration; SIGTERM or Ctrl-C ends the station.
    """
    # First: a signal during the imports must not kill the process.
    signals = Signals()
    from station.app.daemon import Daemon  # noqa: PLC0415
    from station.ops.systemd import ServiceManager  # noqa: PLC0415
    from station.outputs import log  # noqa: PLC0415

    config = configuration()
    log.configure(config.log)
    # When systemd's watchdog kills the station (SIGABRT), print a traceback of each thread.
    faulthandler.enable()
    manager = ServiceManager.from_environment()
    logger = structlog.get_logger(station=config.station.name)
    with Daemon(config, manager) as daemon:
        manager.ready()
        logger.info("station_started", url=daemon.url, scanners=len(config.scanner))
        _obey(signals, daemon, manager)
        manager.stopping()
        logger.info("station_stopping")
    logger.info("station_stopped")


class Signals:
    """The signals that the process received, in order."""

    def __init__(self) -> None:
        # Its put() is reentrant: a signal may arrive during a get().
        self._received: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._is_at_terminal = sys.stderr.isatty()
        self.is_ending = False
        """Whether a signal that ends the program is queued; then nothing may take long."""
        for number in (signal.SIGHUP, *_ENDS):
            signal.signal(number, self._take)

    def _take(self, number: int, _frame: object) -> None:
        self.is_ending = self.is_ending or number in _ENDS
        self._received.put(number)

    def next(self, timeout_s: float) -> int | None:
        """Wait for the next signal; None: none arrived in time. A closed terminal counts as SIGTERM."""
        try:
            number = self._received.get(timeout=timeout_s)
        except queue.Empty:
            return None
        if number == signal.SIGHUP and self._is_at_terminal and not sys.stderr.isatty():
            # Nobody reads the log any more; the queued scans are still booked.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
            return signal.SIGTERM
        return number


def _obey(signals: Signals, daemon: Daemon, manager: ServiceManager) -> None:
    """Process signals until one ends the station.

    Raises:
        StationError: the desk has ended.
    """
    from station.app.reloading import reload  # noqa: PLC0415

    desk, is_reload_due = daemon.station.desk, False
    while (number := signals.next(LOOK_S)) not in _ENDS:
        if not desk.is_alive:
            raise StationError("the desk has ended after an internal error, see the log; restart the station")
        is_reload_due = is_reload_due or number == signal.SIGHUP
        # Not while a full queue waits for the database: the station couldn't be stopped meanwhile.
        if is_reload_due and not desk.is_full:
            is_reload_due = False
            reload(daemon, manager, configuration, lambda: signals.is_ending)
