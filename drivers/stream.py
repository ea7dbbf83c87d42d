"""A driver and its decoder, joined: the one loop that live scanners and recordings both go through."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from drivers.base import DeviceGoneError, DriverError, Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drivers.base import BrokenFrame, Chunk, Decoder, Driver, Found, Frame


SETTLING_S = 0.1
"""Longer than any pause within a scan: between keys, packets or reports."""
NEVER_QUIET_S = 5.0


def open_quiet(driver: Driver, lost: Callable[[Chunk], None] | None = None) -> None:
    """Open a driver between two scans: of one that is under way the rest would look like a scan of its own.

    `lost` is told of each chunk that is thrown away.

    Raises:
        DeviceGoneError: it can't be opened now, or the device never falls silent.
        DeviceOptionError: an option is wrong.
        EOFError: it was closed meanwhile.
    """
    given_up_at = time.monotonic() + NEVER_QUIET_S
    while True:
        driver.open()
        if (chunk := driver.read(time.monotonic() + SETTLING_S)) is None:
            return
        while chunk is not None:
            if lost is not None:
                lost(chunk)
            chunk = driver.read(time.monotonic() + SETTLING_S)
            if time.monotonic() > given_up_at:
                raise DeviceGoneError(
                    f"{driver.describe()} sends without end: is a key stuck, or is it no scanner?"
                )


def frames(
    driver: Driver, decoder: Decoder, heard: Callable[[Chunk], None] | None = None
) -> Iterator[Frame | BrokenFrame]:
    """Read an open driver to its end and give each frame as soon as it is complete or known to be broken.

    Returns when the driver has no more (a recording is over, the driver was closed). `heard` is told of each
    chunk before the frames that it completes.

    Raises:
        DeviceGoneError: the device went away; what was under way has been given as broken by then.
    """
    for found in _found(driver, decoder, heard):
        if not isinstance(found, Reply):
            yield found
            continue
        # A scanner that misses its acknowledgement sends again; one that went away is noticed by reading.
        with contextlib.suppress(DriverError):
            driver.write(found.data)


def _found(driver: Driver, decoder: Decoder, heard: Callable[[Chunk], None] | None) -> Iterator[Found]:
    last_t = 0.0
    while True:
        until = decoder.deadline()
        try:
            chunk = driver.read(until)
        except EOFError:
            yield from decoder.reset(last_t)
            return
        except DeviceGoneError:
            yield from decoder.reset(last_t)
            raise
        if chunk is not None:
            last_t = chunk.t
            if heard is not None:
                heard(chunk)
            yield from decoder.feed(chunk)
        elif until is not None:
            last_t = until
            yield from decoder.idle(until)
