"""``GET /api/v1/frames``: the last frames of each scanner, for troubleshooting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec
from anyio import to_thread

from drivers import DRIVERS
from station.source import timestamp
from station.web.endpoints import ADMIN, JSON, Call, DescribedResponse, Endpoint, json_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from starlette.responses import Response

    from drivers.base import Chunk
    from station.inputs.frame_ring import Kept, KeptFrame


class ChunkShown(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What one read returned, as a line of a recording for this driver."""

    t: float
    """Seconds on the station's own clock."""
    bytes: str | None = None
    """From a serial port, in hex."""
    report: str | None = None
    """From a USB scanner, in hex."""
    events: tuple[tuple[int, int, int], ...] | None = None
    """From a keyboard: type, code, value."""
    keys: tuple[int, ...] | None = None
    """Codes of the keys that were already held down."""
    leds: tuple[int, ...] | None = None
    """Numbers of the LEDs that were already on."""


class FrameShown(msgspec.Struct, frozen=True):
    """One frame and its outcome."""

    at: str
    outcome: Literal["scan", "rejected"]
    reason: str | None
    """Why it was rejected."""
    hex: str
    """Without preamble and terminator; for a rejected frame, its beginning."""
    chunks: tuple[ChunkShown, ...]
    """What was read since the previous frame."""


class ScannerFrames(msgspec.Struct, frozen=True):
    """The last frames of one scanner, oldest first."""

    scanner: str
    driver: str
    options: dict[str, Any]
    """As in the header of a recording."""
    frames: tuple[FrameShown, ...]
    unfinished: tuple[ChunkShown, ...]
    """What was read after the last frame."""


class LastFrames(msgspec.Struct, frozen=True):
    """The last frames of all scanners."""

    scanners: tuple[ScannerFrames, ...]


class FrameRoutes:
    """Serves the scanners' last frames."""

    def __init__(self, kept: Callable[[], Iterable[Kept]]) -> None:
        self._kept = kept

    def endpoints(self) -> list[Endpoint]:
        """Its endpoints."""
        answers = {200: DescribedResponse("The frames.", {JSON: LastFrames})}
        return [Endpoint("GET", "/api/v1/frames", self.frames, answers, ADMIN)]

    async def frames(self, _call: Call[object, object, None]) -> Response:
        """The last frames of each scanner, in hex.

        Up to 50 frames of each scanner, including rejected ones, with every read untouched: turned into a
        recording, they can be replayed. They are kept in memory only and are lost when the station stops.
        """
        return json_answer(await to_thread.run_sync(self._shown))

    def _shown(self) -> LastFrames:
        return LastFrames(tuple(map(_of_scanner, self._kept())))


def _of_scanner(kept: Kept) -> ScannerFrames:
    return ScannerFrames(
        kept.scanner,
        kept.driver,
        dict(kept.options),
        tuple(_frame(kept.driver, frame) for frame in kept.frames),
        tuple(_chunk(kept.driver, chunk) for chunk in kept.unfinished),
    )


def _frame(driver: str, frame: KeptFrame) -> FrameShown:
    return FrameShown(
        timestamp(frame.at),
        "scan" if frame.reason is None else "rejected",
        frame.reason,
        frame.data.hex(),
        tuple(_chunk(driver, chunk) for chunk in frame.chunks),
    )


def _chunk(driver: str, chunk: Chunk) -> ChunkShown:
    line: dict[str, Any] = msgspec.structs.asdict(DRIVERS[driver].line.of(chunk, chunk.t))
    return ChunkShown(**line)
