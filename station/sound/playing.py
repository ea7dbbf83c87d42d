"""What the worker hears, by the player that is configured, if one is."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from station.sound.player import SoundPlayer

if TYPE_CHECKING:
    from collections.abc import Callable

    from station.events import Event
    from station.settings import SoundSettings


class Sounds:
    """Has the sound of each event played; `on_event` may be subscribed to the bus."""

    def __init__(self, settings: SoundSettings) -> None:
        """Begin to play.

        Raises:
            StationError: the sounds can't be written.
        """
        self._settings = settings
        self._parts, self._player = _started(settings)

    def on_event(self, event: Event) -> None:
        """Take note of it; never waits."""
        if player := self._player:
            player.on_event(event)

    def stop(self) -> None:
        """End."""
        self._parts.close()

    def prepared(self, settings: SoundSettings) -> Callable[[], None]:
        """What takes other settings over, without a fault.

        Raises:
            StationError: the sounds can't be written.
        """
        if settings == self._settings:
            return lambda: None
        parts, player = _started(settings)

        def take_over() -> None:
            self._parts.close()
            self._settings, self._parts, self._player = settings, parts, player

        return take_over


def _started(settings: SoundSettings) -> tuple[ExitStack, SoundPlayer | None]:
    parts = ExitStack()
    player = parts.enter_context(SoundPlayer(settings.command)) if settings.command else None
    return parts, player
