"""``run``: the daemon in the foreground."""

from __future__ import annotations

import faulthandler
import signal
import threading
from typing import TYPE_CHECKING

import click
import structlog

from station.cli import configuration, example
from station.errors import StationError

LOOK_S = 5.0
"""Between two looks whether the desk is alive: a station that can't book must end, to be started again."""

if TYPE_CHECKING:
    from types import FrameType


@click.command(epilog=example("scanstation --config /etc/scanstation/config.toml run"))
def run() -> None:
    """Run the station in the foreground.

    Reads the configured scanners, books what they scan, serves the display; ends by SIGTERM or Ctrl-C.
    """
    from station import log  # noqa: PLC0415
    from station.daemon import Daemon  # noqa: PLC0415
    from station.notify import ServiceManager  # noqa: PLC0415

    config = configuration()
    log.configure(config.log)
    # A station that systemd's watchdog ends (SIGABRT) says where each of its threads stood.
    faulthandler.enable()
    manager = ServiceManager.from_environment()
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    logger = structlog.get_logger().bind(station=config.station.name)
    with Daemon(config, manager) as daemon:
        manager.ready()
        logger.info("station_started", url=daemon.url, scanners=len(config.scanner))
        while not stop.wait(LOOK_S):
            if not daemon.station.desk.is_alive:
                raise StationError(
                    "the desk has ended by an internal error; the log says which: restart the station"
                )
        manager.stopping()
        logger.info("station_stopping")
    logger.info("station_stopped")
