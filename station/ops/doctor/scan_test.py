"""The scan test: derives the scanner's settings from the scan of a code with a known text."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any

import msgspec

from drivers import DRIVERS, decoder_for
from drivers.base import BrokenFrame, Frame
from drivers.recording_lines import EventsLine
from drivers.wedge.input_events import (
    ENTER,
    EV_KEY,
    EV_SYN,
    KEYPAD_ENTER,
    PRESSED,
    SYN_DROPPED,
    TAB,
)
from drivers.wedge.keyboard import EVENTS_LOST
from drivers.wedge.layout_check import GS, TEST_TEXT, gs_arrival, layouts_that_read
from station.i18n.messages import escape_unprintable
from station.ops.doctor.machine import Finding, ok, warning, wrong

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from drivers.base import Chunk, Driver, InputEvent
    from station.config.settings import ScannerSettings

PATIENCE_S = 60.0
"""How long to wait for the first key, byte or report."""
SILENCE_S = 2.0
"""The silence that ends the scan."""
_GAP_MS = 100
_AIM = re.compile(rb"\][A-Za-z][0-9A-Za-z]\Z")
_AIM_REMEDY = (
    'switch on "transmit AIM code ID" in the scanner: without it, GS1 labels can\'t be recognised for certain'
)
_GS_REMEDY = (
    'switch on "send control characters" (function key or Ctrl+key mapping) in the scanner, '
    "or use it in serial or HID POS mode"
)


def one_scan(driver: Driver, patience_s: float = PATIENCE_S, silence_s: float = SILENCE_S) -> list[Chunk]:
    """The chunks of one scan from an open driver; empty: there was no scan.

    Raises:
        DeviceGoneError: the device was disconnected.
    """
    chunks: list[Chunk] = []
    until = time.monotonic() + patience_s
    while (chunk := driver.read(until)) is not None:
        chunks.append(chunk)
        until = time.monotonic() + silence_s
    return chunks


def judge(
    settings: ScannerSettings, chunks: Sequence[Chunk], learnt: Mapping[str, object]
) -> Iterator[Finding]:
    """Judge the scanner's settings by a scan of the test code; `learnt` is from the driver."""
    driver = DRIVERS[settings.driver]
    if not chunks:
        yield wrong("scan", "the scanner sent nothing", "scan the code; `scanstation doctor` checks the rest")
    elif driver.line is EventsLine:
        yield from _typed(settings, [event for chunk in chunks for event in chunk.events])
    elif driver.is_framed and not settings.protocol:
        yield from _sent(settings, b"".join(chunk.data for chunk in chunks))
    else:
        yield from _reported(settings, chunks, learnt)


# A keyboard wedge


def _typed(settings: ScannerSettings, events: Sequence[InputEvent]) -> Iterator[Finding]:
    if any((kind, code) == (EV_SYN, SYN_DROPPED) for kind, code, _value in events):
        yield wrong("scan", EVENTS_LOST, "scan it again; if it still fails, the machine is too busy")
        return
    end = _ending(events)
    options: dict[str, Any] = {
        **msgspec.to_builtins(settings),
        "terminator": end,
        "gap_ms": 0 if end else _GAP_MS,
    }
    layouts = layouts_that_read(events, TEST_TEXT, options)
    if not layouts:
        yield wrong(
            "layout",
            "what it typed is not the test code in any known layout",
            f"scan it again; if it still fails, `scanstation record {settings.name}` keeps it for a report",
        )
        return
    yield _layout(settings.layout, layouts)
    yield _typed_gs(gs_arrival(events, TEST_TEXT, options))
    yield _end("terminator", settings.terminator, end)


def _ending(events: Sequence[InputEvent]) -> str:
    """The terminator that the last pressed key types; empty: none."""
    pressed = [code for kind, code, value in events if kind == EV_KEY and value == PRESSED]
    ends = {ENTER: "\r", KEYPAD_ENTER: "\r", TAB: "\t"}
    return ends.get(pressed[-1], "") if pressed else ""


def _layout(configured: str, layouts: Sequence[str]) -> Finding:
    if configured in layouts:
        return ok("layout", f'it types for layout = "{configured}", as configured')
    could = " or ".join(f'"{name}"' for name in layouts)
    return wrong("layout", f'it does not type for layout = "{configured}"', f"set layout = {could}")


def _typed_gs(arrival: str) -> Finding:
    if arrival == "GS":
        return ok("GS", "the GS character arrives: GS1 labels can be read")
    if arrival:
        return wrong(
            "GS",
            f"the GS character arrives as the function key {arrival}",
            f"set function_keys = {{ {arrival} = {json.dumps(GS)} }}",
        )
    return warning("GS", "the GS character does not arrive: GS1 labels can't be read whole", _GS_REMEDY)


# A serial port


def _sent(settings: ScannerSettings, data: bytes) -> Iterator[Finding]:
    found = _text_in(data)
    if found is None:
        yield _another(data)
        return
    start, end, has_gs = found
    before, after = data[:start], data[end:].decode("latin-1")
    aim = _AIM.search(before)
    preamble = (before[: aim.start()] if aim else before).decode("latin-1")
    yield ok("scan", "the test code arrives")
    yield _gs(is_there=has_gs)
    yield _end("terminator", settings.terminator, after)
    if preamble or settings.preamble:
        yield _end("preamble", settings.preamble, preamble)
    yield _aim(settings, aim[0].decode() if aim else "")


def _text_in(data: bytes) -> tuple[int, int, bool] | None:
    """Where the test text begins and ends, and whether its GS is there."""
    for text, has_gs in ((TEST_TEXT, True), (TEST_TEXT.replace(GS, ""), False)):
        start = data.find(text.encode())
        if start >= 0:
            return start, start + len(text), has_gs
    return None


def _another(data: bytes) -> Finding:
    return wrong(
        "scan",
        f"this is not the test code: {escape_unprintable(data[:64].decode('latin-1'))}",
        "scan the test code alone; if it was that, check baud_rate, data_bits and parity of a serial port",
    )


def _end(key: str, configured: str, came: str) -> Finding:
    """The terminator or the preamble."""
    shown = json.dumps(came)
    if came == configured:
        return ok(key, f"{key} {shown} arrives, as configured")
    if came or key == "preamble":
        return wrong(
            key,
            f"{key} = {json.dumps(configured)} is configured, but {shown} arrives",
            f"set {key} = {shown}",
        )
    return wrong(
        key,
        f"{key} = {json.dumps(configured)} is configured, but none arrives",
        f'switch on the suffix "Enter" (CR) in the scanner, or set terminator = "" and gap_ms = {_GAP_MS}',
    )


def _gs(*, is_there: bool) -> Finding:
    if is_there:
        return ok("GS", "the GS character arrives: GS1 labels can be read")
    return warning("GS", "the GS character does not arrive: GS1 labels can't be read whole", _GS_REMEDY)


def _aim(settings: ScannerSettings, came: str) -> Finding:
    if not came:
        if settings.aim == "always":
            return wrong("AIM", 'aim = "always" is configured, none arrives', _AIM_REMEDY)
        return warning("AIM", "no AIM identifier arrives", _AIM_REMEDY)
    if settings.aim == "never":
        return wrong("AIM", f'aim = "never" is configured, but {came} arrives', 'set aim = "auto"')
    return ok("AIM", f"the AIM identifier {came} arrives")


# Reports and packets: their protocol defines where a scan ends


def _reported(
    settings: ScannerSettings, chunks: Sequence[Chunk], learnt: Mapping[str, object]
) -> Iterator[Finding]:
    decoder = decoder_for(settings.driver, {**msgspec.to_builtins(settings), **learnt})
    found = [frame for chunk in chunks for frame in decoder.feed(chunk)]
    found += decoder.reset(chunks[-1].t)
    for each in found:
        if isinstance(each, BrokenFrame):
            yield wrong("scan", f"it is rejected: {each.reason}", "check the setting protocol; scan again")
    for frame in found:
        if isinstance(frame, Frame):
            yield from _framed(settings, frame)
    if not found:
        yield wrong("scan", "the scanner's data is not a scan", "check the setting protocol; scan again")


def _framed(settings: ScannerSettings, frame: Frame) -> Iterator[Finding]:
    place = _text_in(frame.data)
    if place is None:
        yield _another(frame.data)
        return
    start, end, has_gs = place
    identifier = frame.symbology_identifier or ""
    if aim := _AIM.search(frame.data[:start]):
        identifier = aim[0].decode()
    if rest := frame.data[: aim.start() if aim else start] + frame.data[end:]:
        yield wrong(
            "scan",
            f"the test code arrives with {json.dumps(rest.decode('latin-1'))} around it",
            "switch off prefix and suffix in the scanner: this mode needs none",
        )
    else:
        yield ok("scan", "the test code arrives")
    yield _gs(is_there=has_gs)
    yield _aim(settings, identifier)
