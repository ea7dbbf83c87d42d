"""The one place to add a kind of receiver; its library is imported only where it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from station.errors import ConfigError
from station.publish.ports import Sender

if TYPE_CHECKING:
    from station.publish_settings import PublishSettings


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
        from station.publish.webhook import WebhookSender  # noqa: PLC0415

        return WebhookSender(settings, key)
    try:
        from station.publish.mqtt_sender import MqttSender  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"{key}.kind = \"mqtt\": MQTT needs the extra: pip install 'scanstation[mqtt]'"
        ) from error
    return MqttSender(settings, key, station)
