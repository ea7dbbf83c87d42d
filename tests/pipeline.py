"""The way of a scan from a driver to what it means, as `decode` goes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from drivers import decoder_for
from drivers.base import BrokenFrame, Reply
from drivers.recording import RecordingWriter
from drivers.stream import Replay, frames
from station.config.settings import LabelSettings, Preferences
from station.labels.interpret import interpret
from station.labels.normalise import Rejected, normalise
from station.labels.report import rejected_line, scan_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from drivers.base import Chunk, Found, Frame
    from drivers.recording import Header
    from station.labels.report import ScanLine
    from station.labels.symbology import Aim


def decode(path: Path) -> list[ScanLine]:
    """Each scan and each rejected scan of a recording."""
    driver = Replay(path)
    driver.open()
    try:
        header = driver.header
        decoder = decoder_for(header.driver, header.options)
        return [_line(found, header) for found in frames(driver, decoder)]
    finally:
        driver.close()


def decode_by_way_of_a_file(path: Path, header: Header, chunks: Iterable[Chunk]) -> list[ScanLine]:
    """The same for chunks that are recorded to `path` first."""
    path.unlink(missing_ok=True)
    with RecordingWriter(path, header) as writer:
        for chunk in chunks:
            writer.append(chunk)
    return decode(path)


def decode_chunks(header: Header, chunks: Sequence[Chunk]) -> list[ScanLine]:
    """The same for chunks, without a file; silence follows the last one, then the end."""
    decoder = decoder_for(header.driver, header.options)
    found: list[Found] = []
    for chunk in chunks:
        if (until := decoder.deadline()) is not None and until < chunk.t:
            found += decoder.idle(until)
        found += decoder.feed(chunk)
    if (until := decoder.deadline()) is not None:
        found += decoder.idle(until)
    found += decoder.reset(max(until or 0.0, chunks[-1].t if chunks else 0.0))
    return [_line(each, header) for each in found if not isinstance(each, Reply)]


def _line(found: Frame | BrokenFrame, header: Header) -> ScanLine:
    if isinstance(found, BrokenFrame):
        return rejected_line(found.t, header.scanner, found.reason)
    label = normalise(
        found.data,
        encoding=found.encoding or str(header.options.get("encoding", "utf-8")),
        aim=cast("Aim", header.options.get("aim", "auto")),
        symbology_identifier=found.symbology_identifier,
    )
    if isinstance(label, Rejected):
        return rejected_line(found.t, header.scanner, label.reason)
    return scan_line(found.t, header.scanner, label, interpret(label, Preferences(), LabelSettings()))
