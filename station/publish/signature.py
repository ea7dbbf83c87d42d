"""Signs requests so that a receiver can tell ours, by the scheme of Standard Webhooks.

https://github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md, "symmetric signatures":
HMAC-SHA256 over ``id.timestamp.body``, in Base64, in three headers. Libraries of the project check it in many
languages.
"""

from __future__ import annotations

import binascii
import hmac
from base64 import b64decode, b64encode
from hashlib import sha256

from station.errors import ConfigError
from station.host.credentials import read_secret

PREFIX = "whsec_"
KEY_BYTES = range(24, 65)
"""As the scheme wants them."""


class Signer:
    """Holds the key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def from_file(cls, path: str, key: str) -> Signer:
        """The key in a file, ``whsec_…``; `key` of the configuration names it.

        Raises:
            ConfigError: there is none in it.
        """
        secret = read_secret(path, key)
        try:
            decoded = b64decode(secret.removeprefix(PREFIX), validate=True)
        except (binascii.Error, ValueError):
            decoded = b""
        if len(decoded) not in KEY_BYTES:
            raise ConfigError(
                f'{key} = "{path}": must hold {PREFIX} and 24 to 64 random bytes in Base64; '
                f'make one: echo "{PREFIX}$(openssl rand -base64 32)"'
            )
        return cls(decoded)

    def sign(self, message_id: str, timestamp: int, body: bytes) -> str:
        """The value of ``webhook-signature``."""
        signed = b"%s.%d.%s" % (message_id.encode(), timestamp, body)
        return "v1," + b64encode(hmac.digest(self._key, signed, sha256)).decode()


def message_id(body: bytes) -> str:
    """By which a receiver knows a request again that is sent a second time: the same content, the same id.

    It must not be the id of a row in it: after a restart the same row may come with others behind it.
    """
    return f"msg_{sha256(body).hexdigest()[:32]}"
