"""Builds the recordings of scanners that type: ``PYTHONPATH=. python tests/recordings/build_evdev.py``.

Built from documents, none captured: the modules ``evdev_*`` beside this one say what each scanner sends, and
what must be read.

What `decode` makes of them is written beside them, once it holds the very texts that were meant.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from drivers.recording import Header
from tests.pipeline import decode_chunks
from tests.recordings import evdev_endings, evdev_faults, evdev_layouts, evdev_states
from tests.recordings.building import build

if TYPE_CHECKING:
    from tests.recordings.evdev_playing import Recorded

FOLDER = Path(__file__).parent
RECORDED_AT = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


def recordings() -> dict[str, Recorded]:
    """All of them, by name."""
    return {
        **evdev_layouts.layouts(),
        **evdev_endings.terminators(),
        **evdev_endings.control_characters(),
        **evdev_endings.meanings(),
        **evdev_states.alt_numbers(),
        **evdev_states.locks(),
        **evdev_states.dead_keys(),
        **evdev_faults.faults(),
    }


def header(recorded: Recorded) -> Header:
    """The header of a recording."""
    return Header(
        recording=1,
        driver="evdev",
        scanner="keyboard wedge, from documents",
        recorded_at=RECORDED_AT,
        options={"terminator": "\r", "layout": "us", **recorded.options},
        notes=f"{recorded.notes}; built from documents, not captured",
    )


def read(recorded: Recorded) -> tuple[str | None, ...]:
    """The texts that `decode` gives; None: rejected."""
    return tuple(line.text for line in decode_chunks(header(recorded), recorded.chunks))


def main() -> None:
    """Write them all."""
    for name, recorded in recordings().items():
        if read(recorded) != recorded.texts:
            raise SystemExit(f"{name}: gives {read(recorded)}, not {recorded.texts}")
        build(FOLDER / f"evdev-{name}", header(recorded), recorded.chunks)


if __name__ == "__main__":
    main()
