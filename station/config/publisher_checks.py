"""What types can't say of ``[[publish]]``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.config.mistake import Mistake
from station.config.shown import is_path
from station.publish_settings import KIND_KEYS, SCHEMES, PublishSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from station.config.keys import Key

_URLS = {
    "webhook": ": must be like https://erp.example.com/scans, in ASCII, without user, password and fragment",
    "mqtt": ": must be like mqtts://broker.example.com:8883, without user, password and path",
}


SECRET_FILES = ("key_file", "token_file", "password_file")


def of_secret_file(path: str, key: Key) -> Iterator[Mistake]:
    """What is wrong with a key that names the file of a secret."""
    if path and not is_path(path):
        # Not shown: people write the secret itself there.
        yield Mistake(key, ": must be the path of a file that holds the secret, and begin with / or ./")


def of_publisher(publisher: PublishSettings, key: Key) -> Iterator[Mistake]:
    """What is wrong with one; `key` is its table's."""
    defaults = PublishSettings(name="x", kind="webhook", url="")
    for name, kind in KIND_KEYS.items():
        if publisher.kind != kind and getattr(publisher, name) != getattr(defaults, name):
            yield Mistake((*key, name), f': means nothing for kind = "{publisher.kind}"; leave it out')
    for name in SECRET_FILES:
        yield from of_secret_file(getattr(publisher, name), (*key, name))
    if publisher.password_file and not publisher.username:
        yield Mistake((*key, "password_file"), " is set, but username is not; set both")
    yield from _of_url(publisher, key)


def _of_url(publisher: PublishSettings, key: Key) -> Iterator[Mistake]:
    try:
        address = publisher.address()
    except ValueError:
        # Not shown: people put passwords into URLs.
        yield Mistake((*key, "url"), _URLS[publisher.kind])
        return
    encrypted = SCHEMES[publisher.kind][0]
    if publisher.ca_file and not address.is_encrypted:
        yield Mistake((*key, "ca_file"), f": means nothing without TLS; begin url with {encrypted}://")
    for name in ("token_file", "password_file"):
        if getattr(publisher, name) and not address.is_encrypted and not address.is_loopback:
            says = f": a secret goes to other machines with TLS only; begin url with {encrypted}://"
            yield Mistake((*key, name), says, also=((*key, "url"),))
