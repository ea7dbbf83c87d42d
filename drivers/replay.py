"""A recording as a driver: what it returns goes the very way of what a live scanner sends."""

from __future__ import annotations

import math
import threading
import time
from typing import TYPE_CHECKING

from drivers.base import DeviceOptionError
from drivers.recording import Header, RecordingReader, check

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from drivers.base import Chunk


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
