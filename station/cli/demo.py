"""``demo``: a sample company, a recorded morning at its dock, and both displays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli import example, say
from station.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from station.app.daemon import Daemon
    from station.app.station import Station
    from station.config.schema import Config
    from station.events import Event
    from station.history import HistoryRow


def open_in_browser(url: str) -> bool:
    """Open a URL in a graphical browser; a text browser would take the terminal from the display.

    Returns:
        False: there is no graphical session.
    """
    if sys.platform != "darwin" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    # In its own process: browsers write to the terminal, and may outlive the demo.
    subprocess.Popen(  # noqa: S603 - this interpreter, and the station's own URL
        [sys.executable, "-m", "webbrowser", "-n", url],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    return True


DOCUMENT = "CO-2001"
"""Left open for the visitor when the morning is over."""
HINT = "Try NB14-00101, then PR400041, $$UNDO, CABLE-HD, $$SAVE"
OPENING_S = 4.0
"""The time for a browser to start, so that the first scan is seen there."""


@click.command(epilog=example("scanstation demo --once"))
@click.option("--once", is_flag=True, help="Play the morning, print its history and exit.")
@click.option("--page", is_flag=True, help="Only the page in the browser, not the display in this terminal.")
@click.option("--speed", type=click.FloatRange(min=0.1), default=6, show_default=True, help="1: as recorded.")
def demo(*, once: bool, page: bool, speed: float) -> None:
    """See the station at work, with sample data.

    Needs no setup and keeps nothing. Loads a small company, plays a recorded morning at its dock, and leaves
    the displays running, the page in a browser and the one in this terminal, so that you can type in serial
    numbers and commands.
    """
    if not (once or page) and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("demo needs a terminal; without one: scanstation demo --once, or --page")
    # Closing the terminal must leave nothing behind either.
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="scanstation-demo-") as directory:
        config = _configuration(directory)
        if once:
            _print_morning(config)
        elif page:
            _show_page(config, speed)
        else:
            _show_terminal(config, speed)


def _configuration(directory: str) -> Config:
    from station.config.loading import from_table  # noqa: PLC0415

    return from_table(
        {
            "station": {"name": "dock-1", "location": "MAIN", "state_directory": directory},
            "display": {"listen": "127.0.0.1:0"},
            "log": {"level": "error"},
            # A visitor has no printed sheet, and types the commands of the hint into the page.
            "preferences": {"signed_commands": False},
        },
        "demo",
    )


def _sample() -> Path:
    from station import sample  # noqa: PLC0415

    return Path(sample.__file__).parent


def _load(station: Station) -> None:
    from station.office.importer import import_directory  # noqa: PLC0415
    from station.source import now  # noqa: PLC0415

    import_directory(station.engine, _sample() / "company", now())


def _play(station: Station, speed: float | None, is_over: Callable[[], bool] = lambda: False) -> None:
    from drivers.recording import check  # noqa: PLC0415
    from station.app.playback import play  # noqa: PLC0415

    recording = _sample() / "morning.rec.jsonl"
    play(station, recording, check(recording), speed, is_over)


def _print_morning(config: Config) -> None:
    from station.app.station import Station  # noqa: PLC0415
    from station.cli.output import table  # noqa: PLC0415
    from station.events import HistoryAdded  # noqa: PLC0415
    from station.outputs import log  # noqa: PLC0415
    from station.source import timestamp  # noqa: PLC0415

    log.configure(config.log)
    rows: list[HistoryRow] = []

    def keep(event: Event) -> None:
        if isinstance(event, HistoryAdded):
            rows.append(event.row)

    station = Station(config, live=False)
    station.bus.subscribe(keep)
    with station:
        _load(station)
        _play(station, None)
    table(
        [
            "Time (UTC)",
            "Document",
            "Action",
            "Serial number",
            "Mfr serial number",
            "Item",
            "Description",
            "Stock area",
            "Quantity",
            "Remarks",
        ],
        (
            [
                timestamp(row.at)[11:19],
                row.document,
                row.action.value,
                row.serial_number or row.text,
                row.mfr_serial_number,
                row.item,
                row.description,
                row.stock_area,
                row.quantity if row.quantity > 1 else None,
                _remarks(row),
            ]
            for row in rows
        ),
        title="A morning at the dock",
    )
    say(f"{len(rows)} rows of history; see it live: scanstation demo")


def _remarks(row: HistoryRow) -> str:
    """Return why a scan was refused, or what is special about a unit that was taken."""
    given = {"reason": row.reason_code, "condition": row.condition, "receipt": row.receipt}
    named = (f"{name} {value}" for name, value in given.items() if value is not None)
    return "; ".join(filter(None, (row.reason, row.note, *named)))


@contextmanager
def _at_work(config: Config, speed: float) -> Iterator[Daemon]:
    """Run the sample company's station with its morning under way; open the page if there is a browser."""
    from station.app.daemon import Daemon  # noqa: PLC0415
    from station.outputs import log  # noqa: PLC0415

    log.configure(config.log)
    with Daemon(config) as daemon:
        station = daemon.station
        _load(station)
        is_open = open_in_browser(daemon.url)
        say(f"The display is at {daemon.url}{', and opens in your browser' if is_open else ''}")
        is_over = threading.Event()

        def morning() -> None:
            is_over.wait(OPENING_S if is_open else 0)
            _play(station, speed, is_over.is_set)
            if not is_over.is_set():
                station.command(f"open {DOCUMENT}", "demo")

        threading.Thread(target=morning, name="morning", daemon=True).start()
        try:
            yield daemon
        finally:
            is_over.set()


def _show_terminal(config: Config, speed: float) -> None:
    from station.i18n.catalogues import language  # noqa: PLC0415
    from station.outputs.display.client import StationLink  # noqa: PLC0415
    from station.terminal.app import run_watch  # noqa: PLC0415

    with _at_work(config, speed) as daemon:
        run_watch(StationLink(daemon.url), language(config.display.language), f"{daemon.url}  {HINT}")


def _show_page(config: Config, speed: float) -> None:
    with _at_work(config, speed):
        say(f"{HINT}; Ctrl+C ends the demo")
        threading.Event().wait()
