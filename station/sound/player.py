"""Plays what the worker should hear by a command, ``aplay`` say; never holds up who books the scans."""

from __future__ import annotations

import queue
import subprocess
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Self

import structlog

from station.desk.entries import most_urgent, tone_of
from station.errors import StationError
from station.events import Tone
from station.sound.tones import write_tones

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.events import Event

log = structlog.get_logger()

GATHER_S = 0.03
"""What one scan tells comes within as much; of all that, the worker hears the most urgent."""
LONGEST_S = 5.0
"""A player that takes longer is stuck."""
TELL_AGAIN_S = 600.0


class SoundPlayer:
    """A context manager: inside, `on_event` may be subscribed to the bus."""

    def __init__(self, command: Sequence[str]) -> None:
        """`command`: program and arguments; ``{file}`` becomes the sound's WAV file, ``{tone}`` its name."""
        self._command = command
        self._files: dict[Tone, Path] = {}
        self._told_at = -TELL_AGAIN_S
        self._parts = ExitStack()
        self._waiting: queue.SimpleQueue[Tone | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="sound", daemon=True)

    def __enter__(self) -> Self:
        """Write the sounds, and listen.

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
            # What came while the last sound was played is old: nobody can tell a backlog of beeps apart.
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
            said = error.stderr.decode(errors="backslashreplace").strip().splitlines()
            self._fail(f"exit {error.returncode}{': ' + said[-1] if said else ''}")
        except subprocess.TimeoutExpired:
            self._fail(f"takes longer than {LONGEST_S:.0f} s")
        except OSError as error:
            self._fail(error.strerror or str(error))

    def _fail(self, reason: str) -> None:
        """Once in a while: a scan a second must not fill the log."""
        if time.monotonic() - self._told_at >= TELL_AGAIN_S:
            self._told_at = time.monotonic()
            log.error("sound_failed", command=self._command[0], reason=reason)
