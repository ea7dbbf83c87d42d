"""``decode`` and ``record``: recordings without a database."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from drivers import decoder_for, driver_class
from drivers.base import BrokenFrame, DeviceGoneError, DriverError, Frame, RecordingError
from drivers.recording import Header, RecordingWriter, check
from drivers.replay import Replay
from drivers.stream import frames, open_quiet
from station.app.playback import scanner_name
from station.cli import configuration, example, fail, say
from station.cli.output import emit
from station.errors import StationError, UsageError
from station.intake.decoding_options import decoding_options
from station.intake.reader import Reader
from station.scans.interpret import interpret
from station.scans.normalise import Rejected
from station.scans.report import ScanLine, rejected_line, scan_line
from station.stamping import now

if TYPE_CHECKING:
    from drivers.base import Driver
    from station.config import Config
    from station.settings import Preferences, ScannerSettings


def checked(paths: tuple[Path, ...]) -> list[Header]:
    """The headers of recordings that are whole, all of them checked before anything is done.

    Raises:
        UsageError: one is bad; the text names the file, the line and what is wrong.
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
    """One frame as `decode` and `listen` print it."""
    label = reader.read(frame)
    t = frame.t - start_t
    if isinstance(label, Rejected):
        return rejected_line(t, scanner, label.reason)
    return scan_line(t, scanner, label, interpret(label, preferences, reader.settings))


@click.command(epilog=example("scanstation decode morning.rec.jsonl"))
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
def decode(files: tuple[Path, ...]) -> None:
    """Print the scans of recordings.

    One JSON line for each scan or rejected scan; no database is used.
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
@click.option("--notes", default="", help="What is recorded and why; goes into the header.")
def record(scanner: str, output: Path, notes: str) -> None:
    """Record what a scanner sends.

    SCANNER is its name in the configuration. Every read is kept untouched. Ctrl-C ends.
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
