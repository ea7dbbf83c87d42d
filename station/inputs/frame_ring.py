"""The last data from each scanner, unchanged, for troubleshooting: bounded, in memory only."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from station.inputs.reader import decoding_options

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from drivers.base import Chunk
    from station.config.settings import ScannerSettings

FRAMES = 50
"""Frames kept per scanner."""
BYTES = 256 * 1024
"""Limit per scanner, for chunks and frames together; the newest frame is always kept."""
CHUNK_BYTES, EVENT_BYTES = 64, 24
"""Approximate memory of a chunk without its data, and of an input event."""


@dataclass(frozen=True, slots=True)
class KeptFrame:
    """One frame and its result."""

    at: datetime
    data: bytes
    """Without preamble and terminator; only the beginning of a broken frame."""
    reason: str | None
    """Why it was rejected; None: it was accepted."""
    chunks: tuple[Chunk, ...]
    """The reads since the previous frame; empty: one read returned both."""

    @property
    def size(self) -> int:
        """Approximate size in bytes."""
        return len(self.data) + sum(_size(chunk) for chunk in self.chunks)


@dataclass(frozen=True, slots=True)
class Kept:
    """The data kept for one scanner."""

    scanner: str
    driver: str
    options: Mapping[str, object]
    """As in the header of a recording."""
    frames: tuple[KeptFrame, ...]
    """Oldest first."""
    unfinished: tuple[Chunk, ...]
    """The reads after the last frame."""


class FrameRing:
    """The last frames of one scanner; its thread writes, any thread may read."""

    def __init__(self, settings: ScannerSettings) -> None:
        self._settings = settings
        self._learnt: Mapping[str, object] = {}
        self._frames: deque[KeptFrame] = deque()
        self._frames_size = 0
        self._unfinished: deque[Chunk] = deque()
        self._unfinished_size = 0
        self._lock = threading.Lock()

    def opened(self, settings: ScannerSettings, learnt: Mapping[str, object]) -> None:
        """Take note that the device was opened; `learnt` is what it reported (`Driver.learnt`)."""
        with self._lock:
            if settings.driver != self._settings.driver:
                # Its chunks have another format.
                self._frames.clear()
                self._frames_size = 0
            self._settings, self._learnt = settings, learnt
            self._forget_unfinished()

    def add(self, chunk: Chunk) -> None:
        """Keep one read."""
        with self._lock:
            self._unfinished.append(chunk)
            self._unfinished_size += _size(chunk)
            while self._unfinished_size > BYTES and len(self._unfinished) > 1:
                self._unfinished_size -= _size(self._unfinished.popleft())

    def keep(self, at: datetime, data: bytes, reason: str | None) -> None:
        """Keep a complete or broken frame."""
        with self._lock:
            frame = KeptFrame(at, data, reason, tuple(self._unfinished))
            self._forget_unfinished()
            self._frames.append(frame)
            self._frames_size += frame.size
            while self._is_over_limit():
                self._frames_size -= self._frames.popleft().size

    def _is_over_limit(self) -> bool:
        return len(self._frames) > FRAMES or (self._frames_size > BYTES and len(self._frames) > 1)

    def _forget_unfinished(self) -> None:
        self._unfinished.clear()
        self._unfinished_size = 0

    def kept(self) -> Kept:
        """The data kept now."""
        with self._lock:
            settings = self._settings
            options = {**decoding_options(settings), **self._learnt}
            frames, unfinished = tuple(self._frames), tuple(self._unfinished)
            return Kept(settings.name, settings.driver, options, frames, unfinished)


class FrameRings:
    """The rings of all scanners; a reconfigured scanner keeps its ring."""

    def __init__(self) -> None:
        self._rings: dict[str, FrameRing] = {}
        self._lock = threading.Lock()

    def of(self, settings: ScannerSettings) -> FrameRing:
        """The ring of a scanner, found by its name."""
        with self._lock:
            return self._rings.setdefault(settings.name, FrameRing(settings))

    def kept(self) -> list[Kept]:
        """The data kept now for each scanner."""
        with self._lock:
            rings = list(self._rings.values())
        return [ring.kept() for ring in rings]


def _size(chunk: Chunk) -> int:
    return CHUNK_BYTES + len(chunk.data) + EVENT_BYTES * len(chunk.events)
