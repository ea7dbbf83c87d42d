"""Whether those who are told what happens can be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.doctor.finding import Finding, ok, wrong
from station.errors import ConfigError, PublishError, PublishRefusedError
from station.publish.senders import sender_for

if TYPE_CHECKING:
    from station.config import Config
    from station.publish_settings import PublishSettings

_NO_WAY = (
    "nothing is lost meanwhile; make the receiver reachable, and where the service has no network, see "
    "examples/network.conf"
)
_REFUSED = "correct what it refuses, here or there; nothing is lost meanwhile"


def publishers(config: Config) -> list[Finding]:
    """One finding a publisher."""
    return [
        _publisher(each, number, config.station.name) for number, each in enumerate(config.publish, start=1)
    ]


def _publisher(settings: PublishSettings, number: int, station: str) -> Finding:
    check = f"publisher {settings.name}"
    try:
        where = sender_for(settings, number, station).check()
    except ConfigError as error:
        return wrong(check, str(error), "correct it: docs/publishing.md explains each key")
    except PublishRefusedError as error:
        return wrong(check, str(error), _REFUSED)
    except PublishError as error:
        return wrong(check, str(error), _NO_WAY)
    return ok(check, f"{where} can be reached")
