"""The one place to add a kind of receiver; its library is imported only where it is used."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Protocol

from station.errors import ConfigError
from station.events import HistoryAdded, PublisherChanged, SessionClosed
from station.outputs.publishers.publisher import Publisher
from station.outputs.publishers.sending import Sender

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from station.config.publishing import PublishSettings
    from station.events import Event
    from station.history import Lag
    from station.outputs.publishers.sending import Outbox


class CheckedSender(Sender, Protocol):
    """A sender that can be tried out."""

    def check(self) -> str:
        """Whether the receiver can be reached; sends nothing. Returns where it is.

        Raises:
            PublishError: it can't.
        """


def sender_for(settings: PublishSettings, number: int, station: str) -> CheckedSender:
    """The way to a receiver; `number`: of its table in the configuration, from 1. `station`: its name.

    Raises:
        ConfigError: a file that the table names can't be used, or a library is missing.
    """
    key = f"publish[{number}]"
    if settings.kind == "webhook":
        from station.outputs.publishers.webhook import WebhookSender  # noqa: PLC0415

        return WebhookSender(settings, key)
    try:
        from station.outputs.publishers.mqtt_sender import MqttSender  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"{key}.kind = \"mqtt\": MQTT needs the extra: pip install 'scanstation[mqtt]'"
        ) from error
    return MqttSender(settings, key, station)


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
