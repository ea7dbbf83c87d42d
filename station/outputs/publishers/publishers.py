"""The one place to add a kind of receiver; its library is imported only where it is used."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Protocol

from station.errors import ConfigError
from station.events import (
    DocumentCancelled,
    DocumentReopened,
    HistoryAdded,
    PublisherChanged,
    SessionClosed,
)
from station.outputs.publishers.publisher import Publisher
from station.outputs.publishers.sending import Sender

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from station.config.publishing import PublishSettings
    from station.events import Event
    from station.history import Lag
    from station.outputs.publishers.sending import Outbox


class CheckedSender(Sender, Protocol):
    """A sender whose receiver can be checked."""

    def check(self) -> str:
        """Check that the receiver can be reached; send nothing. Return its address.

        Raises:
            PublishError: it can't be reached.
        """


def sender_for(settings: PublishSettings, number: int, station: str) -> CheckedSender:
    """Return the way to a receiver; `number`: of its table in the configuration, from 1. `station`: its name.

    Raises:
        ConfigError: a configured file can't be used, or a library is missing.
    """
    key = f"publish[{number}]"
    if settings.kind == "webhook":
        from station.outputs.publishers.webhook import WebhookSender  # noqa: PLC0415

        return WebhookSender(settings, key)
    try:
        from station.outputs.publishers.mqtt_sender import MqttSender  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"{key}.kind = \"mqtt\": MQTT support is not installed: pip install 'scanstation[mqtt]'"
        ) from error
    return MqttSender(settings, key, station)


PATIENCE_S: Final = 1.5
"""How long `stop` waits for receivers to confirm the current requests."""
ABORTED_S: Final = 1.0
"""How long it then waits for publishers whose connection was cut; they will send again."""


class Publishers:
    """All publishers, started, woken and stopped together; none waits for another."""

    def __init__(
        self,
        settings: Iterable[PublishSettings],
        outbox: Outbox,
        station: str,
        tell: Callable[[PublisherChanged], None],
    ) -> None:
        """`station`: its name. `tell`: called for each publisher that fails or works again.

        Raises:
            ConfigError: a configured file can't be used, or a library is missing.
        """
        self._settings = tuple(settings)
        self._outbox = outbox
        self._publishers = [
            Publisher(each.name, sender_for(each, number, station), outbox, tell, batch=each.batch)
            for number, each in enumerate(self._settings, start=1)
        ]

    def start(self) -> None:
        """Start sending; a new publisher starts with the next row or with the oldest, as configured.

        Raises:
            DatabaseError: the start position can't be stored.
        """
        for each in self._settings:
            self._outbox.begin(each.name, at_the_beginning=each.start == "beginning")
        for publisher in self._publishers:
            publisher.start()

    def on_event(self, event: Event) -> None:
        """Wake the publishers when there is something to send; returns at once."""
        if isinstance(event, HistoryAdded | SessionClosed | DocumentCancelled | DocumentReopened):
            for publisher in self._publishers:
                publisher.wake()

    def lag(self) -> list[Lag]:
        """Return how far each is behind.

        Raises:
            DatabaseError: it can't be read.
        """
        return [self._outbox.lag(publisher.name) for publisher in self._publishers]

    def stop(self) -> None:
        """Stop all; takes at most about `PATIENCE_S` plus `ABORTED_S`."""
        for publisher in self._publishers:
            publisher.end()
        left = self._still_running(self._publishers, PATIENCE_S)
        for publisher in left:
            publisher.abort()
        # One that still runs is looking up a name or connecting: it ends with the process.
        self._still_running(left, ABORTED_S)

    def _still_running(self, publishers: Iterable[Publisher], patience_s: float) -> list[Publisher]:
        ends_at = time.monotonic() + patience_s
        return [each for each in publishers if not each.join(max(ends_at - time.monotonic(), 0.0))]
