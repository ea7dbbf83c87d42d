"""The sounds by what they mean, told apart by pitch, rhythm and length at once, and written as WAV files.

Of noise at a dock little is left above 2 kHz, and of hearing after years of it little above 3 kHz: the notes
lie between. Good is short and high, refused long and low, a question rises, attention comes twice.
"""

from __future__ import annotations

import math
import struct
import wave
from typing import TYPE_CHECKING

from station.events import Tone

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

RATE_HZ = 44_100
_LOUDNESS = 0.8
_EDGE_S = 0.005
"""Each note swells and fades as long, so that it doesn't click."""
_FULL = 32_767

Note = tuple[float, float]
"""Frequency in Hz, 0: silence; seconds."""

TONES: Mapping[Tone, tuple[Note, ...]] = {
    Tone.GOOD: ((1568.0, 0.15),),
    Tone.ATTENTION: ((988.0, 0.14), (0.0, 0.07), (988.0, 0.14)),
    Tone.REFUSED: ((196.0, 0.7),),
    Tone.QUESTION: ((784.0, 0.14), (988.0, 0.14), (1175.0, 0.22)),
}


def write_tones(directory: Path) -> dict[Tone, Path]:
    """Write each sound as ``good.wav`` and so on (mono, 16 bits).

    Raises:
        OSError: they can't be written.
    """
    files = {tone: directory / f"{tone.value}.wav" for tone in TONES}
    for tone, file in files.items():
        with wave.open(str(file), "wb") as written:
            written.setnchannels(1)
            written.setsampwidth(2)
            written.setframerate(RATE_HZ)
            written.writeframes(b"".join(map(_note, TONES[tone])))
    return files


def _note(note: Note) -> bytes:
    """One note; two overtones make it heard from a small loudspeaker, too."""
    frequency, length_s = note
    count, edge = int(length_s * RATE_HZ), int(_EDGE_S * RATE_HZ)
    if not frequency:
        return bytes(2 * count)
    values = []
    for place in range(count):
        phase = 2 * math.pi * frequency * place / RATE_HZ
        wave_now = (math.sin(phase) + math.sin(3 * phase) / 3 + math.sin(5 * phase) / 5) / 1.2
        swell = min(1.0, place / edge, (count - place) / edge)
        values.append(round(_FULL * _LOUDNESS * swell * wave_now))
    return struct.pack(f"<{count}h", *values)
