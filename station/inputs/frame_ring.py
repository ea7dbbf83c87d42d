"""What the scanners sent last, untouched, for whoever looks into a complaint: bounded, in memory only."""

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
"""Of each scanner."""
BYTES = 256 * 1024
"""Of each scanner, chunks and frames together; the newest frame is kept however long it is."""
CHUNK_BYTES, EVENT_BYTES = 64, 24
"""What a chunk counts beside its data, and an input event: about what they take."""


@dataclass(frozen=True, slots=True)
class KeptFrame:
    """One frame, and what became of it."""

    at: datetime
    data: bytes
    """Without preamble and terminator; of a broken one the beginning."""
    reason: str | None
    """Why it was rejected; None: it was a scan."""
    chunks: tuple[Chunk, ...]
    """What was read since the frame before; none: it came in one read with that."""

    @property
    def size(self) -> int:
        """In bytes, about."""
        return len(self.data) + sum(_size(chunk) for chunk in self.chunks)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of one scanner."""

    scanner: str
    driver: str
    options: Mapping[str, object]
    """As in the header of a recording."""
    frames: tuple[KeptFrame, ...]
    """Oldest first."""
    unfinished: tuple[Chunk, ...]
    """What was read after the last frame."""


class FrameRing:
    """The last frames of one scanner; its thread fills it, any thread may look."""

    def __init__(self, settings: ScannerSettings) -> None:
        self._settings = settings
        self._learnt: Mapping[str, object] = {}
        self._frames: deque[KeptFrame] = deque()
        self._frames_size = 0
        self._unfinished: deque[Chunk] = deque()
        self._unfinished_size = 0
        self._lock = threading.Lock()

    def opened(self, settings: ScannerSettings, learnt: Mapping[str, object]) -> None:
        """The device was opened, and told this of itself (`Driver.learnt`)."""
        with self._lock:
            if settings.driver != self._settings.driver:
                # Its chunks are of another kind.
                self._frames.clear()
                self._frames_size = 0
            self._settings, self._learnt = settings, learnt
            self._forget_unfinished()

    def heard(self, chunk: Chunk) -> None:
        """The device was read."""
        with self._lock:
            self._unfinished.append(chunk)
            self._unfinished_size += _size(chunk)
            while self._unfinished_size > BYTES and len(self._unfinished) > 1:
                self._unfinished_size -= _size(self._unfinished.popleft())

    def keep(self, at: datetime, data: bytes, reason: str | None) -> None:
        """A frame was complete, or known to be broken."""
        with self._lock:
            frame = KeptFrame(at, data, reason, tuple(self._unfinished))
            self._forget_unfinished()
            self._frames.append(frame)
            self._frames_size += frame.size
            while self._is_too_much():
                self._frames_size -= self._frames.popleft().size

    def _is_too_much(self) -> bool:
        return len(self._frames) > FRAMES or (self._frames_size > BYTES and len(self._frames) > 1)

    def _forget_unfinished(self) -> None:
        self._unfinished.clear()
        self._unfinished_size = 0

    def kept(self) -> Kept:
        """What there is now."""
        with self._lock:
            settings = self._settings
            options = {**decoding_options(settings), **self._learnt}
            frames, unfinished = tuple(self._frames), tuple(self._unfinished)
            return Kept(settings.name, settings.driver, options, frames, unfinished)


class FrameRings:
    """Those of a station's scanners; one that is configured anew keeps what it had."""

    def __init__(self) -> None:
        self._rings: dict[str, FrameRing] = {}
        self._lock = threading.Lock()

    def of(self, settings: ScannerSettings) -> FrameRing:
        """The ring of a scanner, by its name."""
        with self._lock:
            return self._rings.setdefault(settings.name, FrameRing(settings))

    def kept(self) -> list[Kept]:
        """What there is now, of each scanner."""
        with self._lock:
            rings = list(self._rings.values())
        return [ring.kept() for ring in rings]


def _size(chunk: Chunk) -> int:
    return CHUNK_BYTES + len(chunk.data) + EVENT_BYTES * len(chunk.events)
