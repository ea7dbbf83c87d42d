"""``decode``, ``record`` and ``listen``: scans without a database."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from drivers import DRIVERS, decoder_for, driver_class
from drivers.base import BrokenFrame, DeviceGoneError, DriverError, Frame, RecordingError
from drivers.discovery.hotplug import Hotplug
from drivers.recording import Header, RecordingWriter, check
from drivers.stream import Replay, frames, open_quiet
from station.app.playback import scanner_name
from station.cli import configuration, example, fail, say
from station.cli.output import emit
from station.errors import StationError, UsageError
from station.events import ScannerState
from station.inputs.reader import Reader, decoding_options
from station.inputs.reconnecting import Reconnector
from station.labels.interpret import interpret
from station.labels.normalise import Rejected
from station.labels.report import ScanLine, rejected_line, scan_line
from station.source import now

if TYPE_CHECKING:
    from drivers.base import Chunk, Driver
    from drivers.recording_lines import RecordingLine
    from station.config.schema import Config
    from station.config.settings import Preferences, ScannerSettings


def checked(paths: tuple[Path, ...]) -> list[Header]:
    """Check recordings and return their headers.

    Raises:
        UsageError: one is invalid; the message names the file, the line and the reason.
    """
    try:
        headers = [check(path) for path in paths]
    except RecordingError as error:
        raise UsageError(str(error)) from error
    for path, header in zip(paths, headers, strict=True):
        try:
            Reader(header.options)
        except UsageError as error:
            raise UsageError(f"{path}: line 1: {error}") from error
    return headers


def line_of(
    frame: Frame | BrokenFrame, scanner: str, reader: Reader, preferences: Preferences, start_t: float = 0.0
) -> ScanLine:
    """Return the line that `decode` and `listen` print for a frame."""
    label = reader.read(frame)
    t = frame.t - start_t
    if isinstance(label, Rejected):
        return rejected_line(t, scanner, label.reason)
    return scan_line(t, scanner, label, interpret(label, preferences, reader.settings))


@click.command(epilog=example("scanstation decode morning.rec.jsonl"))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
def decode(files: tuple[Path, ...]) -> None:
    """Print the scans of recordings.

    Prints one JSON line for each scan or rejected scan; uses no database.
    """
    config = configuration()
    for path, header in zip(files, checked(files), strict=True):
        replay = Replay(path)
        replay.open()
        reader = Reader(header.options, config.house_format)
        for frame in frames(replay, decoder_for(header.driver, header.options)):
            emit(line_of(frame, scanner_name(header, path), reader, config.preferences))
        replay.close()


def _opened(settings: ScannerSettings) -> Driver:
    driver = driver_class(settings.driver).from_options(msgspec.to_builtins(settings))
    open_quiet(driver)
    return driver


@click.command(epilog=example("scanstation record left -o complaint.rec.jsonl"))
@click.argument("scanner")
@click.option("-o", "output", required=True, type=click.Path(path_type=Path), help="The recording to write.")
@click.option("--notes", default="", help="What is recorded and why, for the header.")
def record(scanner: str, output: Path, notes: str) -> None:
    """Record what a scanner sends.

    SCANNER is its name in the configuration. Every read is recorded unchanged. Ctrl-C ends.
    """
    settings = _configured(configuration(), scanner)
    try:
        driver = _opened(settings)
        header = Header(
            recording=1,
            driver=settings.driver,
            scanner=settings.name,
            recorded_at=now(),
            options={**decoding_options(settings), **driver.learnt()},
            notes=notes,
        )
        with RecordingWriter(output, header, start_t=time.monotonic()) as writer:
            say(f"recording {driver.describe()} into {output}; Ctrl-C ends")
            chunks = _record(driver, writer)
    except RecordingError as error:
        raise UsageError(str(error)) from error
    except DriverError as error:
        raise StationError(f"{settings.name}: {error}") from error
    say(f"{output}: {chunks} reads recorded")


def _configured(config: Config, name: str) -> ScannerSettings:
    for settings in config.scanner:
        if settings.name == name:
            return settings
    known = ", ".join(settings.name for settings in config.scanner) or "none"
    raise UsageError(f'no scanner is named "{name}"; configured are: {known}')


def _record(driver: Driver, writer: RecordingWriter) -> int:
    chunks = 0
    with suppress(KeyboardInterrupt):
        while True:
            try:
                chunk = driver.read(None)
            except DeviceGoneError as error:
                fail(f"the recording ends after {chunks} reads: {error}")
            if chunk is not None:
                writer.append(chunk)
                chunks += 1
    return chunks


READS_SHOWN = 500
"""The most reads shown for a scan, its last ones: a typed label takes two reads per key."""

Heard = tuple["ScanLine", "list[RecordingLine]"]


@click.command(epilog=example("scanstation listen --hex"))
@click.option("--hex", "with_reads", is_flag=True, help="Also show each scan's reads, as in a recording.")
def listen(*, with_reads: bool) -> None:
    """Print what the configured scanners send.

    Prints one JSON line per scan at once; attaches nothing. Ctrl-C ends.
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
    """Listens to one scanner; puts its lines into a queue, as several listeners would mix their output."""

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
        self._reads: deque[RecordingLine] = deque(maxlen=READS_SHOWN)
        self._start_t = time.monotonic()
        self._reconnector = Reconnector(settings.name, self._make, self._listen, self._report, hotplug)

    def run(self) -> None:
        """Listen until the process ends, or an option is wrong."""
        self._reconnector.run()

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
        line = DRIVERS[self._settings.driver].line
        self._reads.append(line.of(chunk, round(chunk.t - self._start_t, 6)))

    def _report(self, state: ScannerState, detail: str) -> None:
        words = {
            ScannerState.CONNECTED: f"listening on {detail}",
            ScannerState.DISCONNECTED: f"{detail}; trying again",
        }
        say(f"{self._settings.name}: {words.get(state, detail)}")
