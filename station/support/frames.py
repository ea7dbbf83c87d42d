"""What the scanners sent last: to read, and as recordings to replay."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING

import msgspec

from drivers.recording import SUFFIX, Header
from station.inert import inert
from station.support.part import File, Missing, left_out
from station.support.running import fetched, link_of
from station.web.frames import LastFrames

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.support.part import Asked
    from station.web.frames import ScannerFrames

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
        + (f"  {inert(frame.reason)}" if frame.reason else "")
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
