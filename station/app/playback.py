"""Plays a recording into a station, as if its scanner were connected."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from drivers import decoder_for
from drivers.stream import Replay, frames
from station.inputs.reader import Reader
from station.source import now
from station.worker.entries import Scanned

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from drivers.recording import Header
    from station.app.station import Station


def scanner_name(header: Header, path: Path) -> str:
    """Return the scanner's name for history rows."""
    return header.scanner or path.name


def play(
    station: Station,
    path: Path,
    header: Header,
    speed: float | None,
    is_over: Callable[[], bool] = lambda: False,
) -> None:
    """Play one recording to its end, or until `is_over`, and wait until all of it is processed.

    Scans have the times of the recording. `speed`: 1 as recorded; None without waiting.
    """
    scanner = scanner_name(header, path)
    started = header.recorded_at or now()
    reader = Reader(header.options)
    driver = Replay(path, speed)
    driver.open()
    try:
        for frame in frames(driver, decoder_for(header.driver, header.options)):
            if is_over():
                break
            entry = reader.entry(frame, scanner, started + timedelta(seconds=frame.t))
            # A recording may be another company's, with its own command codes (D11).
            station.desk.post(replace(entry, is_trusted=True) if isinstance(entry, Scanned) else entry)
    finally:
        driver.close()
    station.settle(scanner, driver.describe())
