"""What the running station says of itself over HTTP, and how its process is."""

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

    from station.ops.support.part import Asked
    from station.outputs.display.client import StationLink
    from station.web.frames import ScannerFrames

_anything = msgspec.json.Decoder()
NOT_SCANNED = ("version", "station", "location", "session", "mode", "counts", "scanners", "database")
"""What of the state bears no label's text or serial number."""
PATHS = {
    "/healthz": ("http/healthz.json", "whether scans can be processed"),
    "/readyz": ("http/readyz.json", "whether the station is ready"),
    "/metrics": ("http/metrics.txt", "its metrics"),
}


def link_of(asked: Asked) -> StationLink:
    """A link to the running station.

    Raises:
        StationError: it does not run, or serves nothing.
    """
    if asked.holder is None:
        raise StationError("the station does not run")
    if not asked.holder.url:
        raise StationError(f"the station (process {asked.holder.pid}) serves nothing over HTTP")
    return link_to_own(asked.holder.url, asked.config().display)


def fetched(link: StationLink, path: str) -> bytes:
    """What the station answers.

    Raises:
        StationError: it does not, or wants a token.
    """
    try:
        return link.fetch(path)
    except StationError as error:
        if TOKEN not in str(error):
            raise
        raise StationError(
            f"the station wants a token: set {TOKEN} to one with the scope admin (scanstation token create "
            "support --scope admin)"
        ) from error


def running(asked: Asked) -> Iterator[File | Missing]:
    """Its state and what it is asked by those who watch it."""
    with closing(link_of(asked)) as link:
        yield from _asked_for("http/state.json", "the state that displays show", link, "/api/v1/state", asked)
        for path, (name, what) in PATHS.items():
            yield from _asked_for(name, what, link, path, asked)


def _asked_for(name: str, what: str, link: StationLink, path: str, asked: Asked) -> Iterator[File | Missing]:
    try:
        text = fetched(link, path).decode(errors="backslashreplace")
    except StationError as error:
        yield Missing(name, str(error))
        return
    if name.endswith(".json"):
        value: Any = _anything.decode(text)
        if path.endswith("/state") and not asked.with_scans:
            value = {key: value[key] for key in NOT_SCANNED if key in value}
            yield left_out(f"{name}: document, history, question and label")
        text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n"
    yield File(name, what, text)


def process(asked: Asked) -> Iterator[File]:
    """Memory, threads and limits of the station's process."""
    if asked.holder is None:
        raise StationError("the station does not run")
    directory = asked.machine.root / f"proc/{asked.holder.pid}"
    texts = [f"{name}\n{(directory / name).read_text()}" for name in ("status", "limits", "cgroup")]
    yield File("process.txt", "memory, threads and limits of the station's process", "\n".join(texts))


_frames = msgspec.json.Decoder(LastFrames)


def frames(asked: Asked) -> Iterator[File | Missing]:
    """Of each scanner that the running station reads."""
    if not asked.with_scans:
        yield left_out("frames")
        return
    with closing(link_of(asked)) as link:
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
        lines.append(f"{len(each.unfinished)} reads since, which are no frame yet")
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
