"""Reports through a decoder, as the station's loop feeds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drivers.base import BrokenFrame, Chunk, Frame
from drivers.raw_usb.symbol_com import report_decoder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from drivers.base import Decoder, Found

END_S = 3600.0


def hid_pos(descriptor: bytes, **options: object) -> Decoder:
    return report_decoder({"report_descriptor": descriptor.hex(), **options})


def decoded(decoder: Decoder, reports: Iterable[tuple[float, bytes]]) -> list[Found]:
    """Decode reports; silence is noticed at its deadline, and at the end the device is unplugged."""
    found: list[Found] = []
    for t, report in reports:
        deadline = decoder.deadline()
        if deadline is not None and deadline < t:
            found += decoder.idle(deadline)
        found += decoder.feed(Chunk(report, t))
    return [*found, *decoder.reset(END_S)]


def at_once(decoder: Decoder, *reports: bytes) -> list[Found]:
    """The same for reports without a pause."""
    return decoded(decoder, ((number * 0.01, report) for number, report in enumerate(reports)))


def scans(found: Iterable[Found]) -> list[tuple[str | None, bytes]]:
    """Identifier and data of each frame."""
    return [(frame.symbology_identifier, frame.data) for frame in found if isinstance(frame, Frame)]


def reasons(found: Iterable[Found]) -> list[str]:
    return [frame.reason for frame in found if isinstance(frame, BrokenFrame)]
