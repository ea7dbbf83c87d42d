"""A driver and its decoder, joined: the one loop that live scanners and recordings both go through."""

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
    """Open a driver between two scans: of one that is under way the rest would look like a scan of its own.

    `lost` is told of each chunk that is thrown away.

    Raises:
        DeviceGoneError: it can't be opened now, or the device never falls silent.
        DeviceOptionError: an option is wrong.
        EOFError: it was closed meanwhile.
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
                    f"{driver.describe()} sends without end: is a key stuck, or is it no scanner?"
                )


def frames(
    driver: Driver, decoder: Decoder, heard: Callable[[Chunk], None] | None = None
) -> Iterator[Frame | BrokenFrame]:
    """Read an open driver to its end and give each frame as soon as it is complete or known to be broken.

    Returns when the driver has no more (a recording is over, the driver was closed). `heard` is told of each
    chunk before the frames that it completes.

    Raises:
        DeviceGoneError: the device went away; what was under way has been given as broken by then.
    """
    for found in _found(driver, decoder, heard):
        if not isinstance(found, Reply):
            yield found
            continue
        # A scanner that misses its acknowledgement sends again; one that went away is noticed by reading.
        with contextlib.suppress(DriverError):
            driver.write(found.data)


def _found(driver: Driver, decoder: Decoder, heard: Callable[[Chunk], None] | None) -> Iterator[Found]:
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
            if heard is not None:
                heard(chunk)
            yield from decoder.feed(chunk)
        elif until is not None:
            last_t = until
            yield from decoder.idle(until)


class Replay:
    """Plays a recording on the recording's own clock, so silences act as recorded at any speed."""

    def __init__(self, path: Path, speed: float | None = None) -> None:
        """Name the recording.

        Args:
            path: The recording.
            speed: 1 as recorded, 10 ten times as fast; None without any waiting.

        Raises:
            DeviceOptionError: the speed is no number above 0.
        """
        if speed is not None and not (math.isfinite(speed) and speed > 0):
            raise DeviceOptionError(f"speed = {speed}: must be above 0")
        self._path = path
        self._speed = speed
        self._closed = threading.Event()
        self._reading = threading.Lock()
        """Held while the file may be in use by `read`; nobody closes it under it."""
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
        """Check the whole recording, then stand at its beginning.

        Raises:
            RecordingError: it is bad; nothing of it has been given.
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

        After the last chunk comes silence, once: what a scanner that ends its scans by silence had sent is
        whole then.

        Raises:
            EOFError: the recording is over, or was closed.
            RecordingError: the file was changed after it had been opened.
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
        """Replies go nowhere: the scanner that would hear them is not there."""

    def close(self) -> None:
        """Close the recording; a `read` that waits ends with EOFError."""
        self._closed.set()
        with self._reading:
            if self._reader is not None:
                self._reader.close()
                self._reader = None

    def describe(self) -> str:
        """The recording's file."""
        return f"recording {self._path}"

    def learnt(self) -> Mapping[str, object]:
        """Nothing: the header has what the device told."""
        return {}

    def _wait(self, t: float) -> None:
        delay_s = 0.0
        if self._speed is not None:
            delay_s = self._opened_at + t / self._speed - time.monotonic()
        # Waiting for no time at all would still cost more than all the rest of a read.
        if self._closed.wait(min(delay_s, threading.TIMEOUT_MAX)) if delay_s > 0 else self._closed.is_set():
            raise EOFError
