"""The sounds: they differ in pitch, rhythm and length at once, and are written as WAV files.

Dock noise is weak above 2 kHz, and after years of it people hear little above 3 kHz: the notes lie between.
Good is short and high, refused is long and low, a question rises, attention plays twice.
"""

from __future__ import annotations

import math
import queue
import struct
import subprocess
import tempfile
import threading
import time
import wave
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Self

import structlog

from station.errors import StationError
from station.outcomes import Tone
from station.worker.entries import most_urgent, tone_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from station.config.settings import SoundSettings
    from station.events import Event

RATE_HZ = 44_100
_LOUDNESS = 0.8
_EDGE_S = 0.005
"""Fade-in and fade-out of each note, so that it doesn't click."""
_FULL = 32_767

Note = tuple[float, float]
"""Frequency in Hz (0: silence) and length in seconds."""

TONES: Mapping[Tone, tuple[Note, ...]] = {
    Tone.GOOD: ((1568.0, 0.15),),
    Tone.ATTENTION: ((988.0, 0.14), (0.0, 0.07), (988.0, 0.14)),
    Tone.REFUSED: ((196.0, 0.7),),
    Tone.QUESTION: ((784.0, 0.14), (988.0, 0.14), (1175.0, 0.22)),
}

log = structlog.get_logger()
GATHER_S = 0.03
"""The events of one scan arrive within this time; the worker hears the most urgent one."""
LONGEST_S = 5.0
"""A player that takes longer is stuck."""
LOG_AGAIN_S = 600.0


def write_tones(directory: Path) -> dict[Tone, Path]:
    """Write the sounds as ``good.wav`` and so on (mono, 16 bits).

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
    """Render one note; two overtones make it audible on a small loudspeaker."""
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


class SoundPlayer:
    """Plays the sounds of events. A context manager: inside, `on_event` may be subscribed to the bus."""

    def __init__(self, command: Sequence[str]) -> None:
        """`command`: program and arguments; ``{file}`` becomes the sound's WAV file, ``{tone}`` its name."""
        self._command = command
        self._files: dict[Tone, Path] = {}
        self._logged_at = -LOG_AGAIN_S
        self._parts = ExitStack()
        self._waiting: queue.SimpleQueue[Tone | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="sound", daemon=True)

    def __enter__(self) -> Self:
        """Write the sounds and start the thread.

        Raises:
            StationError: they can't be written.
        """
        with ExitStack() as parts:
            try:
                directory = parts.enter_context(tempfile.TemporaryDirectory(prefix="scanstation-sounds-"))
                self._files = write_tones(Path(directory))
            except OSError as error:
                raise StationError(f"the sounds can't be written: {error}") from error
            self._parts = parts.pop_all()
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._waiting.put(None)
        self._thread.join()
        self._parts.close()

    def on_event(self, event: Event) -> None:
        """Take note of an event; never waits."""
        if (tone := tone_of(event)) is not Tone.NONE:
            self._waiting.put(tone)

    def _run(self) -> None:
        while (tone := self._waiting.get()) is not None:
            tones = [tone]
            # Events from the time of the last sound are old: a backlog of beeps means nothing to anybody.
            time.sleep(GATHER_S)
            while not self._waiting.empty():
                if (more := self._waiting.get()) is None:
                    return
                tones.append(more)
            self._play(most_urgent(tones))

    def _play(self, tone: Tone) -> None:
        file = str(self._files[tone])
        command = [each.replace("{file}", file).replace("{tone}", tone.value) for each in self._command]
        try:
            subprocess.run(  # noqa: S603 - the configuration names the program; no shell, nothing of a label
                command,
                check=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=LONGEST_S,
            )
        except subprocess.CalledProcessError as error:
            lines = error.stderr.decode(errors="backslashreplace").strip().splitlines()
            self._fail(f"exit {error.returncode}{': ' + lines[-1] if lines else ''}")
        except subprocess.TimeoutExpired:
            self._fail(f"takes longer than {LONGEST_S:.0f} s")
        except OSError as error:
            self._fail(error.strerror or str(error))

    def _fail(self, reason: str) -> None:
        """Log it once in a while: a scan a second must not fill the log."""
        if time.monotonic() - self._logged_at >= LOG_AGAIN_S:
            self._logged_at = time.monotonic()
            log.error("sound_failed", command=self._command[0], reason=reason)


class Sounds:
    """The sounds of the station, by settings that can change; `on_event` may be subscribed to the bus."""

    def __init__(self, settings: SoundSettings) -> None:
        """Start playing.

        Raises:
            StationError: the sounds can't be written.
        """
        self._settings = settings
        self._parts, self._player = _started(settings)

    def on_event(self, event: Event) -> None:
        """Take note of an event; never waits."""
        if player := self._player:
            player.on_event(event)

    def stop(self) -> None:
        """Stop playing."""
        self._parts.close()

    def prepared(self, settings: SoundSettings) -> Callable[[], None]:
        """Return a function that applies other settings and can't fail.

        Raises:
            StationError: the sounds can't be written.
        """
        if settings == self._settings:
            return lambda: None
        parts, player = _started(settings)

        def reconfigure() -> None:
            self._parts.close()
            self._settings, self._parts, self._player = settings, parts, player

        return reconfigure


def _started(settings: SoundSettings) -> tuple[ExitStack, SoundPlayer | None]:
    parts = ExitStack()
    player = parts.enter_context(SoundPlayer(settings.command)) if settings.command else None
    return parts, player
