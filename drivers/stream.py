"""Connects a driver to its decoder: the loop for both live scanners and recordings."""

from __future__ import annotations

import contextlib
import math
import threading
import time
from typing import TYPE_CHECKING

from drivers.base import DeviceGoneError, DeviceOptionError, DriverError, Reply
from drivers.recording import Header, RecordingReader, check

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from drivers.base import BrokenFrame, Chunk, Decoder, Driver, Found, Frame


SETTLING_S = 0.1
"""Longer than any pause within a scan: between keys, packets or reports."""
NEVER_QUIET_S = 5.0


def open_quiet(driver: Driver, lost: Callable[[Chunk], None] | None = None) -> None:
    """Open a driver between two scans: the rest of a scan in progress would look like a scan.

    `lost` is called with each discarded chunk.

    Raises:
        DeviceGoneError: it can't be opened now, or the device never stops sending.
        DeviceOptionError: an option is wrong.
        EOFError: it was closed in the meantime.
    """
    given_up_at = time.monotonic() + NEVER_QUIET_S
    while True:
        driver.open()
        if (chunk := driver.read(time.monotonic() + SETTLING_S)) is None:
            return
        while chunk is not None:
            if lost is not None:
                lost(chunk)
            chunk = driver.read(time.monotonic() + SETTLING_S)
            if time.monotonic() > given_up_at:
                raise DeviceGoneError(
                    f"{driver.describe()} never stops sending: is a key stuck, or is it not a scanner?"
                )


def frames(
    driver: Driver, decoder: Decoder, on_chunk: Callable[[Chunk], None] | None = None
) -> Iterator[Frame | BrokenFrame]:
    """Read an open driver to its end and yield each frame as soon as it is complete or known to be broken.

    Returns when the driver has no more data (the recording is over, the driver was closed). `on_chunk` is
    called with each chunk before the frames that it completes.

    Raises:
        DeviceGoneError: the device was disconnected; an unfinished frame has been yielded as broken.
    """
    for found in _found(driver, decoder, on_chunk):
        if not isinstance(found, Reply):
            yield found
            continue
        # A scanner without an acknowledgement resends; reading detects a disconnected one.
        with contextlib.suppress(DriverError):
            driver.write(found.data)


def _found(driver: Driver, decoder: Decoder, on_chunk: Callable[[Chunk], None] | None) -> Iterator[Found]:
    last_t = 0.0
    while True:
        until = decoder.deadline()
        try:
            chunk = driver.read(until)
        except EOFError:
            yield from decoder.reset(last_t)
            return
        except DeviceGoneError:
            yield from decoder.reset(last_t)
            raise
        if chunk is not None:
            last_t = chunk.t
            if on_chunk is not None:
                on_chunk(chunk)
            yield from decoder.feed(chunk)
        elif until is not None:
            last_t = until
            yield from decoder.idle(until)


class Replay:
    """Plays a recording on the recording's clock, so silences have the same effect at any speed."""

    def __init__(self, path: Path, speed: float | None = None) -> None:
        """Name the recording.

        Args:
            path: The recording.
            speed: 1 is as recorded, 10 ten times as fast; None doesn't wait.

        Raises:
            DeviceOptionError: the speed is not above 0.
        """
        if speed is not None and not (math.isfinite(speed) and speed > 0):
            raise DeviceOptionError(f"speed = {speed}: must be above 0")
        self._path = path
        self._speed = speed
        self._closed = threading.Event()
        self._reading = threading.Lock()
        """Held while `read` may use the file, so that nobody closes it."""
        self._reader: RecordingReader | None = None
        self._chunks: Iterator[Chunk] = iter(())
        self._next: Chunk | None = None
        self._silence_given = False
        self._opened_at = 0.0

    @property
    def header(self) -> Header:
        """The recording's header; only while it is open."""
        if self._reader is None:
            raise EOFError
        return self._reader.header

    def open(self) -> None:
        """Check the whole recording, then go to its beginning.

        Raises:
            RecordingError: it is invalid; no chunk has been returned.
        """
        self.close()
        check(self._path)
        with self._reading:
            self._reader = RecordingReader(self._path)
            self._chunks = iter(self._reader)
            self._next = next(self._chunks, None)
            self._silence_given = False
            self._opened_at = time.monotonic()
            self._closed.clear()

    def read(self, until: float | None) -> Chunk | None:
        """Wait for the next chunk, at most until `until` seconds of the recording.

        After the last chunk there is one silence, which completes a scan that ends by silence.

        Raises:
            EOFError: the recording is over, or was closed.
            RecordingError: the file was changed after it was opened.
        """
        with self._reading:
            chunk = self._next
            if self._reader is None or (chunk is None and (until is None or self._silence_given)):
                raise EOFError
            if until is not None and (chunk is None or chunk.t > until):
                self._wait(until)
                self._silence_given = chunk is None
                return None
            if chunk is not None:
                self._wait(chunk.t)
                self._next = next(self._chunks, None)
            return chunk

    def write(self, data: bytes) -> None:
        """Ignore a reply: there is no scanner."""

    def close(self) -> None:
        """Close the recording; a waiting `read` raises EOFError."""
        self._closed.set()
        with self._reading:
            if self._reader is not None:
                self._reader.close()
                self._reader = None

    def describe(self) -> str:
        """The recording's file."""
        return f"recording {self._path}"

    def learnt(self) -> Mapping[str, object]:
        """Nothing: the header has what the device reported."""
        return {}

    def _wait(self, t: float) -> None:
        delay_s = 0.0
        if self._speed is not None:
            delay_s = self._opened_at + t / self._speed - time.monotonic()
        # Even a wait of 0 s would cost more than the rest of a read.
        if self._closed.wait(min(delay_s, threading.TIMEOUT_MAX)) if delay_s > 0 else self._closed.is_set():
            raise EOFError
