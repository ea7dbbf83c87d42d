"""The running station's state over HTTP, and its process."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec

from drivers.recording import SUFFIX, Header
from station.errors import StationError
from station.i18n.messages import escape_unprintable
from station.ops.support.part import File, Missing, left_out
from station.outputs.display.client import TOKEN, link_to_own
from station.web.frames import LastFrames

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.ops.support.part import BundleRequest
    from station.outputs.display.client import StationLink
    from station.web.frames import ScannerFrames

_anything = msgspec.json.Decoder()
NOT_SCANNED = ("version", "station", "location", "session", "mode", "counts", "scanners", "database")
"""Keys of the state without a label's text or a serial number."""
PATHS = {
    "/healthz": ("http/healthz.json", "whether scans can be processed"),
    "/readyz": ("http/readyz.json", "whether the station is ready"),
    "/metrics": ("http/metrics.txt", "its metrics"),
}


def link_of(request: BundleRequest) -> StationLink:
    """Open a link to the running station.

    Raises:
        StationError: it is not running, or has no HTTP server.
    """
    if request.holder is None:
        raise StationError("the station is not running")
    if not request.holder.url:
        raise StationError(f"the station (process {request.holder.pid}) has no HTTP server")
    return link_to_own(request.holder.url, request.config().display)


def fetched(link: StationLink, path: str) -> bytes:
    """Fetch a path from the station.

    Raises:
        StationError: it does not respond, or requires a token.
    """
    try:
        return link.fetch(path)
    except StationError as error:
        if TOKEN not in str(error):
            raise
        raise StationError(
            f"the station requires a token: set {TOKEN} to one with scope admin (scanstation token create "
            "support --scope admin)"
        ) from error


def running(request: BundleRequest) -> Iterator[File | Missing]:
    """Its state, health and metrics."""
    with closing(link_of(request)) as link:
        yield from _answer("http/state.json", "the state that displays show", link, "/api/v1/state", request)
        for path, (name, what) in PATHS.items():
            yield from _answer(name, what, link, path, request)


def _answer(
    name: str, what: str, link: StationLink, path: str, request: BundleRequest
) -> Iterator[File | Missing]:
    try:
        text = fetched(link, path).decode(errors="backslashreplace")
    except StationError as error:
        yield Missing(name, str(error))
        return
    if name.endswith(".json"):
        value: Any = _anything.decode(text)
        if path.endswith("/state") and not request.with_scans:
            value = {key: value[key] for key in NOT_SCANNED if key in value}
            yield left_out(f"{name}: document, history, question and label")
        text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n"
    yield File(name, what, text)


def process(request: BundleRequest) -> Iterator[File]:
    """Memory, threads and limits of the station's process."""
    if request.holder is None:
        raise StationError("the station is not running")
    directory = request.machine.root / f"proc/{request.holder.pid}"
    texts = [f"{name}\n{(directory / name).read_text()}" for name in ("status", "limits", "cgroup")]
    yield File("process.txt", "memory, threads and limits of the station's process", "\n".join(texts))


_frames = msgspec.json.Decoder(LastFrames)


def frames(request: BundleRequest) -> Iterator[File | Missing]:
    """The last frames of each scanner that the running station reads."""
    if not request.with_scans:
        yield left_out("frames")
        return
    with closing(link_of(request)) as link:
        last = _frames.decode(fetched(link, "/api/v1/frames"))
    if not last.scanners:
        yield Missing("frames", "no scanner is configured")
    for each in last.scanners:
        yield File(f"frames/{each.scanner}.txt", f"the last frames of {each.scanner} in hex", _text(each))
        recording = _recording(each)
        if recording:
            yield File(
                f"frames/{each.scanner}{SUFFIX}", "the same as a recording, for decode and replay", recording
            )


def _text(each: ScannerFrames) -> str:
    lines = [
        f"{frame.at}  {frame.outcome:8}  {frame.hex or '(empty)'}"
        + (f"  {escape_unprintable(frame.reason)}" if frame.reason else "")
        for frame in each.frames
    ]
    if each.unfinished:
        lines.append(f"{len(each.unfinished)} reads since then, not yet a frame")
    return "\n".join(lines or ["it sent nothing since the station started"]) + "\n"


def _recording(each: ScannerFrames) -> str:
    chunks = [*chain.from_iterable(frame.chunks for frame in each.frames), *each.unfinished]
    if not chunks:
        return ""
    header = Header(
        recording=1,
        driver=each.driver,
        scanner=each.scanner,
        recorded_at=datetime.fromisoformat(each.frames[0].at) if each.frames else None,
        options=each.options,
        notes="the last frames of a running station, by scanstation support-bundle",
    )
    lines = [msgspec.structs.replace(chunk, t=round(chunk.t - chunks[0].t, 6)) for chunk in chunks]
    return "".join(msgspec.json.encode(line).decode() + "\n" for line in (header, *lines))
