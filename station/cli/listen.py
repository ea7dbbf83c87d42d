"""``listen``: what the configured scanners send, live, without a database."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

import click
import msgspec

from drivers import decoder_for, driver_class
from drivers.finding.hotplug import Hotplug
from drivers.recording_lines import line_of as read_line_of
from drivers.stream import frames
from station.cli import configuration, example, say
from station.cli.output import emit
from station.cli.recordings import line_of
from station.errors import UsageError
from station.events import ScannerState
from station.intake.keeping import DeviceKeeper
from station.intake.reader import Reader

if TYPE_CHECKING:
    from drivers.base import Chunk, Driver
    from drivers.recording_lines import Line
    from station.config import Config
    from station.scans.report import ScanLine
    from station.settings import ScannerSettings

READS_SHOWN = 500
"""The last ones before a scan's end: a label that is typed takes two for each key."""

Heard = tuple["ScanLine", "list[Line]"]


@click.command(epilog=example("scanstation listen --hex"))
@click.option(
    "--hex", "with_reads", is_flag=True, help="Show each scan's reads too, as a recording has them."
)
def listen(*, with_reads: bool) -> None:
    """Print what the configured scanners send.

    One JSON line a scan, as it comes; attaches nothing. Ctrl-C ends.
    """
    config = configuration()
    if not config.scanner:
        raise UsageError("no scanner is configured; add a [[scanner]] table to the configuration")
    heard: queue.SimpleQueue[Heard] = queue.SimpleQueue()
    with Hotplug() as hotplug:
        for settings in config.scanner:
            listener = Listener(settings, config, heard, hotplug)
            threading.Thread(target=listener.run, daemon=True).start()
        while True:
            line, reads = heard.get()
            emit({**msgspec.structs.asdict(line), "reads": reads} if with_reads else line)


class Listener:
    """One scanner, listened to; it writes no line itself, as several of them would mix theirs."""

    def __init__(
        self,
        settings: ScannerSettings,
        config: Config,
        heard: queue.SimpleQueue[Heard],
        hotplug: Hotplug,
    ) -> None:
        self._settings = settings
        self._options: dict[str, object] = msgspec.to_builtins(settings)
        self._preferences = config.preferences
        self._house_format = config.house_format
        self._heard = heard
        self._reads: deque[Line] = deque(maxlen=READS_SHOWN)
        self._start_t = time.monotonic()
        self._keeper = DeviceKeeper(settings.name, self._make, self._listen, self._tell, hotplug)

    def run(self) -> None:
        """Listen until the process ends, or an option is wrong."""
        self._keeper.run()

    def _make(self) -> Driver:
        return driver_class(self._settings.driver).from_options(self._options)

    def _listen(self, driver: Driver) -> None:
        name = self._settings.name
        reader = Reader(self._options, self._house_format)
        decoder = decoder_for(self._settings.driver, {**self._options, **driver.learnt()})
        for frame in frames(driver, decoder, self._keep):
            line = line_of(frame, name, reader, self._preferences, self._start_t)
            self._heard.put((line, list(self._reads)))
            self._reads.clear()

    def _keep(self, chunk: Chunk) -> None:
        t = round(chunk.t - self._start_t, 6)
        self._reads.append(read_line_of(self._settings.driver, chunk, t))

    def _tell(self, state: ScannerState, detail: str) -> None:
        words = {
            ScannerState.CONNECTED: f"listening on {detail}",
            ScannerState.DISCONNECTED: f"{detail}; trying again",
        }
        say(f"{self._settings.name}: {words.get(state, detail)}")
