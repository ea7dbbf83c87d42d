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
"""Between two looks whether the desk is alive: a station that can't book must end, to be started again."""
_ENDS = (signal.SIGTERM, signal.SIGINT)


@click.command(epilog=example("scanstation --config /etc/scanstation/config.toml run"))
def run() -> None:
    """Run the station in the foreground.

    Reads the configured scanners, books what they scan, serves the display; reads its configuration again by
    SIGHUP, ends by SIGTERM or Ctrl-C.
    """
    # First of all: a signal that comes while the rest is loaded must not end the process.
    signals = Signals()
    from station.app.daemon import Daemon  # noqa: PLC0415
    from station.ops.systemd import ServiceManager  # noqa: PLC0415
    from station.outputs import log  # noqa: PLC0415

    config = configuration()
    log.configure(config.log)
    # A station that systemd's watchdog ends (SIGABRT) says where each of its threads stood.
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
    """What the process was told, in order."""

    def __init__(self) -> None:
        # Its put() is reentrant: a signal may come in the midst of a get().
        self._told: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._is_at_terminal = sys.stderr.isatty()
        self.is_ending = False
        """Whether one that ends the program is among those to come; nothing may take long any more."""
        for number in (signal.SIGHUP, *_ENDS):
            signal.signal(number, self._take)

    def _take(self, number: int, _frame: object) -> None:
        self.is_ending = self.is_ending or number in _ENDS
        self._told.put(number)

    def next(self, timeout_s: float) -> int | None:
        """The next one, when one comes in time; a terminal that was closed ends the program too."""
        try:
            number = self._told.get(timeout=timeout_s)
        except queue.Empty:
            return None
        if number == signal.SIGHUP and self._is_at_terminal and not sys.stderr.isatty():
            # Nobody reads the log any more; what is queued is booked all the same.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
            return signal.SIGTERM
        return number


def _obey(signals: Signals, daemon: Daemon, manager: ServiceManager) -> None:
    """Until the station is to end.

    Raises:
        StationError: the desk has ended.
    """
    from station.app.reloading import reload  # noqa: PLC0415

    desk, is_reload_due = daemon.station.desk, False
    while (number := signals.next(LOOK_S)) not in _ENDS:
        if not desk.is_alive:
            raise StationError(
                "the desk has ended by an internal error; the log says which: restart the station"
            )
        is_reload_due = is_reload_due or number == signal.SIGHUP
        # Never while it might wait for a database that is away: the station couldn't be stopped meanwhile.
        if is_reload_due and not desk.is_full:
            is_reload_due = False
            reload(daemon, manager, configuration, lambda: signals.is_ending)
