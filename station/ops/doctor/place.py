"""Checks the station's directory, database and display."""

from __future__ import annotations

import os
import shutil
import socket
from contextlib import closing
from typing import TYPE_CHECKING

from station.errors import ConfigError, DatabaseError, StationError, UpgradeNeededError
from station.ops.doctor.machine import Finding, ok, warning, wrong
from station.ops.doctor.scanners import Running
from station.ops.lock import holder
from station.outputs.display.client import link_to_own
from station.repository.database import open_engine, where
from station.repository.queries import require_location
from station.repository.schema import require_newest

if TYPE_CHECKING:
    from pathlib import Path

    from station.config.schema import Config
    from station.config.settings import DisplaySettings
    from station.ops.lock import Holder
    from station.outputs.display.state import DisplayState

_LITTLE_BYTES = 500 * 2**20
_TOO_LITTLE_BYTES = 50 * 2**20
_REMEDY_DIRECTORY = "give it to the station's user, or set station.state_directory to another one"


def running_station(config: Config) -> tuple[Running | None, Finding]:
    """The station's process, if it is running, and a finding about its display."""
    held = holder(config.state_directory(), config.station.name)
    if held is None:
        return None, _free_address(config.display.listen)
    try:
        state = _ask(held, config.display)
    except StationError as error:
        return Running(held.pid), wrong(
            "display",
            f"the station runs (process {held.pid}), but its display is unreachable: {error}",
            "restart the station; its log shows the cause",
        )
    scanners = {each.name: each for each in state.scanners} if state else {}
    return Running(held.pid, scanners), ok(
        "display", f"the station runs (process {held.pid}) and serves {held.url or 'no display'}"
    )


def _ask(held: Holder, display: DisplaySettings) -> DisplayState | None:
    if not held.url:
        return None
    with closing(link_to_own(held.url, display)) as link:
        return link.state()


def _free_address(listen: str) -> Finding:
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        # Like the server: an address with connections that are just closing is free.
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, int(port)))
        except OSError as error:
            return wrong(
                "display",
                f"{listen} can't be listened on: {error.strerror}",
                f"stop the program that uses it (sudo ss -ltnp sport = :{port} names it), "
                "or set display.listen to another port",
            )
    return ok("display", f"{listen} is free; the station is not running")


def state_directory(directory: Path) -> Finding:
    """Whether the state can be written, and how much space is free."""
    check = "state directory"
    there = next((path for path in (directory, *directory.parents) if path.exists()), directory)
    if not there.is_dir():
        return wrong(check, f"{there} is not a directory", "move it away, or set station.state_directory")
    if not os.access(there, os.W_OK | os.X_OK):
        return wrong(check, f"{there} can't be written by this user", _REMEDY_DIRECTORY)
    free = shutil.disk_usage(there).free
    shown = f"{directory} can be written, {free // 2**20:,} MiB free"
    if free < _TOO_LITTLE_BYTES:
        return wrong(check, shown, "make room on the disk: a scan that can't be written is not booked")
    if free < _LITTLE_BYTES:
        return warning(check, shown, "make room on the disk before it is full")
    return ok(check, shown)


def database(config: Config) -> Finding:
    """Whether the database opens, has this program's schema, and knows the location."""
    check = "database"
    try:
        engine = open_engine(config.database_url(), read_only=True)
    except ConfigError as error:
        return wrong(check, str(error), "correct database.url")
    except DatabaseError as error:
        return _unready(check, error)
    try:
        require_newest(engine)
        require_location(engine, config.station.location)
    except ConfigError as error:
        return wrong(check, str(error), "correct station.location, or import the location")
    except DatabaseError as error:
        return _unready(check, error)
    finally:
        engine.dispose()
    return ok(check, f"{where(engine)} opens; scanstation db check looks at its content")


def _unready(check: str, error: DatabaseError) -> Finding:
    what, _, way_out = str(error).partition("; ")
    if isinstance(error, UpgradeNeededError):
        # The first start creates an embedded database: nothing is wrong before that.
        return warning(check, what, "run scanstation db upgrade, or start the station")
    return wrong(check, what, way_out or "make the database reachable; scanstation db check shows more")
