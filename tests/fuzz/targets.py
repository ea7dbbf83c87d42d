"""What is fuzzed: each parser of untrusted input, as a function of bytes that fails where the parser does."""

from __future__ import annotations

import json
import struct
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from drivers import decoder_for
from drivers.base import BrokenFrame, Chunk, DeviceOptionError, Frame, KeyState, RecordingError
from drivers.raw_usb.descriptor import parse
from drivers.raw_usb.items import DescriptorError
from drivers.recording import RecordingReader
from station.config.settings import LabelSettings, Preferences
from station.labels.interpret import interpret
from station.labels.normalise import Label, normalise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

MAX_LENGTH = 256
"""Of a frame, in the options used here: small, so that a fuzzer meets it."""
HIDPOS = (
    "058c0902a10185020912a102150026ff007508"
    "0501093b95018102058c09fb09fc09fd9503810209fe95388202019501810125017501"
    "09ff95018102950781 03c0c0".replace(" ", "")
)


def _chunks(data: bytes) -> Iterator[Chunk]:
    """Cut at every 0xFF: the next byte is the pause in tenths of a second."""
    t = 0.0
    for piece in data.split(b"\xff"):
        yield Chunk(piece, t)
        t += (piece[0] if piece else 1) / 10


def _reports(data: bytes) -> Iterator[Chunk]:
    """Reports of 64 bytes, a tenth of a second apart."""
    for number, at in enumerate(range(0, len(data), 64)):
        yield Chunk(data[at : at + 64], number / 10)


def _events(data: bytes) -> Iterator[Chunk]:
    """Four bytes an event: type (mostly keys), code, value; one event a chunk."""
    for number, (kind, code, value) in enumerate(struct.iter_unpack("<BHb", data[: len(data) // 4 * 4])):
        events = ((kind if kind < 32 else 1, code & 0x2FF, value),)
        state = KeyState(frozenset({code & 0xFF})) if kind == 255 else None
        yield Chunk(b"", number / 10, events, state)


def _decode(driver: str, options: Mapping[str, object], chunks: Iterator[Chunk]) -> None:
    decoder = decoder_for(driver, {"max_length": MAX_LENGTH, **options})
    t = 0.0
    for chunk in chunks:
        t = chunk.t
        for found in decoder.feed(chunk):
            # A character of a keyboard may take four bytes.
            assert not isinstance(found, Frame) or len(found.data) <= 4 * MAX_LENGTH
            assert not isinstance(found, BrokenFrame) or found.reason
        until = decoder.deadline()
        if until is not None and until <= t:
            decoder.idle(until)
            later = decoder.deadline()
            # Else whoever reads would wait for the same moment for ever.
            assert later is None or later > until
    decoder.reset(t + 1)


def serial(data: bytes) -> None:
    """Terminators, preamble and silence."""
    terminator = ("\r", "\r\n", "")[data[0] % 3] if data else "\r"
    _decode("serial", {"terminator": terminator, "gap_ms": 50, "preamble": "\x02"}, _chunks(data[1:]))


def ssi(data: bytes) -> None:
    """Packets with checksum."""
    _decode("serial", {"protocol": "ssi"}, _chunks(data))


def keyboard(data: bytes) -> None:
    """Input events of a keyboard wedge."""
    layout = ("us", "de", "fr")[data[0] % 3] if data else "us"
    _decode("evdev", {"layout": layout, "dead_keys": "compose"}, _events(data[1:]))


def hid_descriptor(data: bytes) -> None:
    """A device's own report descriptor, and reports by it."""
    try:
        parse(data)
        _decode("usb", {"report_descriptor": data.hex()}, _reports(data))
    except (DescriptorError, DeviceOptionError):
        return


def hid_pos(data: bytes) -> None:
    """Reports of a HID POS scanner."""
    _decode("usb", {"report_descriptor": HIDPOS}, _reports(data))


def ibm(data: bytes) -> None:
    """Reports of an IBM hand-held scanner."""
    _decode("usb", {"protocol": "ibm"}, _reports(data))


def symbol_com(data: bytes) -> None:
    """Reports of Symbol's simple COM emulation."""
    _decode("usb", {"protocol": "symbol_com"}, _reports(data))


def label(data: bytes) -> None:
    """A frame to what it means, in every format."""
    read = normalise(data, encoding="utf-8", aim="auto")
    if isinstance(read, Label):
        for settings in (LabelSettings(), LabelSettings(gs1="always")):
            interpret(read, Preferences(), settings)


def recording(data: bytes) -> None:
    """A recording's file; the header is a good one half of the time."""
    good = json.dumps({"recording": 1, "driver": "serial"}).encode() + b"\n"
    with tempfile.NamedTemporaryFile(suffix=".rec.jsonl") as file:
        file.write(good + data[1:] if data[:1] > b"\x80" else data)
        file.flush()
        try:
            with RecordingReader(Path(file.name)) as reader:
                for _chunk in reader:
                    pass
        except RecordingError:
            return


TARGETS: dict[str, Callable[[bytes], None]] = {
    each.__name__: each
    for each in (serial, ssi, keyboard, hid_descriptor, hid_pos, ibm, symbol_com, label, recording)
}
