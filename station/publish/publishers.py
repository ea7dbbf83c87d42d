"""All publishers of a station."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from station.events import HistoryAdded, PublisherChanged, SessionClosed
from station.publish.publisher import Publisher
from station.publish.senders import sender_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from station.events import Event
    from station.outbox import Lag
    from station.publish.ports import Outbox
    from station.publish_settings import PublishSettings

PATIENCE_S: Final = 1.5
"""How long stopping waits for receivers to confirm what is on its way to them."""
ABORTED_S: Final = 1.0
"""How long it then waits for publishers whose connection was cut; what they sent will be sent again."""


class Publishers:
    """Started, woken and stopped together; none waits for another."""

    def __init__(
        self,
        settings: Iterable[PublishSettings],
        outbox: Outbox,
        station: str,
        tell: Callable[[PublisherChanged], None],
    ) -> None:
        """`station`: its name. `tell`: hears of each publisher that fails or works again.

        Raises:
            ConfigError: a file that one of them needs can't be used, or a library is missing.
        """
        self._settings = tuple(settings)
        self._outbox = outbox
        self._publishers = [
            Publisher(each.name, sender_for(each, number, station), outbox, tell, batch=each.batch)
            for number, each in enumerate(self._settings, start=1)
        ]

    def start(self) -> None:
        """Begin to send; a publisher that is new here begins with what happens from now on, or with all.

        Raises:
            DatabaseError: it can't be noted where they begin.
        """
        for each in self._settings:
            self._outbox.begin(each.name, at_the_beginning=each.start == "beginning")
        for publisher in self._publishers:
            publisher.start()

    def on_event(self, event: Event) -> None:
        """Wake them when there is something to send; returns at once."""
        if isinstance(event, HistoryAdded | SessionClosed):
            for publisher in self._publishers:
                publisher.wake()

    def lag(self) -> list[Lag]:
        """How far each is behind.

        Raises:
            DatabaseError: it can't be read.
        """
        return [self._outbox.lag(publisher.name) for publisher in self._publishers]

    def stop(self) -> None:
        """End all; takes about `PATIENCE_S` and `ABORTED_S` at most."""
        for publisher in self._publishers:
            publisher.end()
        left = self._still_running(self._publishers, PATIENCE_S)
        for publisher in left:
            publisher.abort()
        # One that does not even then end looks a name up, or connects: it ends with the process.
        self._still_running(left, ABORTED_S)

    def _still_running(self, publishers: Iterable[Publisher], patience_s: float) -> list[Publisher]:
        ends_at = time.monotonic() + patience_s
        return [each for each in publishers if not each.join(max(ends_at - time.monotonic(), 0.0))]
