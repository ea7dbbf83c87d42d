"""The settings of a receiver of history, ``[[publish]]``, and the parts of its URL."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated, Literal, NamedTuple
from urllib.parse import urlsplit

import msgspec

from station.config.settings import Name, Table

PORTS = {"http": 80, "https": 443, "mqtt": 1883, "mqtts": 8883}
"""Default port of each scheme (RFC 9110, 4.2; IANA)."""
SCHEMES = {"webhook": ("https", "http"), "mqtt": ("mqtts", "mqtt")}
"""Schemes of each kind; the first one is encrypted."""

Topic = Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[^+#$/\x00-\x1f\x7f][^+#\x00-\x1f\x7f]*$")]
File = Annotated[str, msgspec.Meta(max_length=4096)]


class Address(NamedTuple):
    """The parts of a URL."""

    scheme: str
    host: str
    port: int
    target: str
    """Path and query, as in an HTTP request."""

    @property
    def shown(self) -> str:
        """The address as written to the log: without path and query, which may hold a secret."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def is_encrypted(self) -> bool:
        """Whether the connection is encrypted."""
        return self.scheme in {"https", "mqtts"}

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


class PublishSettings(Table, frozen=True):
    """One receiver of history."""

    name: Name
    kind: Literal["mqtt", "webhook"]
    url: Annotated[str, msgspec.Meta(max_length=2000)]
    start: Literal["now", "beginning"] = msgspec.field(default="now", name="from")
    """Where a new receiver starts in the history."""
    batch: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 50
    """Maximum number of rows in a request, or of unconfirmed rows."""
    timeout_s: Annotated[int, msgspec.Meta(ge=1, le=120)] = 10
    ca_file: File = ""
    """PEM file with the CA of the receiver; empty: the CAs that this machine trusts."""
    key_file: File = ""
    """webhook: file with the key that signs (Standard Webhooks)."""
    token_file: File = ""
    """webhook: file with a bearer token."""
    topic: Topic = "scanstation/{station}"
    """mqtt: the beginning of topics; ``{station}`` is replaced with the station's name."""
    version: Literal["5", "3.1.1"] = "5"
    """mqtt: version of the protocol."""
    client_id: Annotated[str, msgspec.Meta(max_length=128)] = ""
    """mqtt: empty: derived from the names of station and publisher."""
    username: Annotated[str, msgspec.Meta(max_length=256)] = ""
    password_file: File = ""

    def address(self) -> Address:
        """Parse the URL.

        Raises:
            ValueError: it is not a valid URL of this kind.
        """
        parts = urlsplit(self.url)
        if parts.scheme not in SCHEMES[self.kind] or not parts.hostname or not self.url.isprintable():
            raise ValueError(self.url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if not self.url.isascii() or any(character in self.url for character in ' "<>\\^`{|}#@'):
            raise ValueError(self.url)
        if self.kind == "mqtt" and target != "/":
            raise ValueError(self.url)
        return Address(parts.scheme, parts.hostname, parts.port or PORTS[parts.scheme], target)


KIND_KEYS: dict[str, str] = {
    **dict.fromkeys(("key_file", "token_file"), "webhook"),
    **dict.fromkeys(("topic", "version", "client_id", "username", "password_file"), "mqtt"),
}
"""Keys for only one kind; with the other kind they would silently have no effect."""
