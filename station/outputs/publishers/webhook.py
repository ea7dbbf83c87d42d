"""Signs requests so that a receiver can tell ours, by the scheme of Standard Webhooks.

https://github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md, "symmetric signatures":
HMAC-SHA256 over ``id.timestamp.body``, in Base64, in three headers. Libraries of the project check it in many
languages.
"""

from __future__ import annotations

import binascii
import hmac
import http.client
import time
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from station.config.credentials import read_secret
from station.errors import ConfigError, PublishError, PublishRefusedError
from station.outputs.publishers.http_post import HttpClient
from station.outputs.publishers.sending import reason_of, rows_request, session_request, tls_context

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.config.publishing import PublishSettings
    from station.history import EndedSession, HistoryRow
    from station.outputs.publishers.http_post import Status
    from station.outputs.publishers.sending import Bell

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


_LATER = frozenset({408, 425, 429})
"""Statuses of RFC 9110, RFC 8470 and RFC 6585 below 500 that a retry may cure."""


class WebhookSender:
    """Implements `station.outputs.publishers.sending.Sender`."""

    def __init__(self, settings: PublishSettings, key: str) -> None:
        """`key`: of the configuration, for errors.

        Raises:
            ConfigError: a file that it names can't be used.
        """
        self._address = settings.address()
        tls = tls_context(settings.ca_file, f"{key}.ca_file") if self._address.is_encrypted else None
        self._client = HttpClient(self._address, settings.timeout_s, tls)
        self._signer = Signer.from_file(settings.key_file, f"{key}.key_file") if settings.key_file else None
        self._headers = {"Content-Type": "application/json", "User-Agent": "scanstation"}
        if settings.token_file:
            self._headers["Authorization"] = f"Bearer {_token(settings.token_file, f'{key}.token_file')}"

    def open(self) -> bool:
        """Nothing: each request has its own connection."""
        return False

    def send_rows(self, rows: Sequence[HistoryRow]) -> None:
        """Post them as one request.

        Raises:
            PublishError: the receiver did not answer 2xx.
        """
        self._post(rows_request(rows))

    def send_session(self, session: EndedSession) -> None:
        """Post the end of a session.

        Raises:
            PublishError: the receiver did not answer 2xx.
        """
        self._post(session_request(session))

    def _post(self, body: bytes) -> None:
        now_s = int(time.time())
        key = message_id(body)
        headers = {**self._headers, "webhook-id": key, "webhook-timestamp": str(now_s)}
        if self._signer is not None:
            headers["webhook-signature"] = self._signer.sign(key, now_s, body)
        try:
            status = self._client.post(body, headers)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise PublishError(f"{self._address.shown}: {_why(error)}") from error
        self._judge(status)

    def _judge(self, status: Status) -> None:
        if status.code in range(200, 300):
            return
        said = f"{self._address.shown} answers {status.code}"
        if status.code in range(300, 400):
            raise PublishRefusedError(f"{said}: redirects are not followed; put the right address into url")
        if status.code in range(400, 500) and status.code not in _LATER:
            raise PublishRefusedError(f"{said}: somebody must look into it; it is asked again now and then")
        error = PublishError(said)
        error.retry_after_s = retry_after_s(status.retry_after, datetime.now(UTC))
        raise error

    def wait(self, bell: Bell) -> None:
        """Until the bell is rung."""
        bell.wait()

    def close(self) -> None:
        """Nothing."""

    def abort(self) -> None:
        """Cut the request under way."""
        self._client.abort()

    def check(self) -> str:
        """Whether the receiver can be reached; returns where it is.

        Raises:
            PublishError: it can't.
        """
        try:
            self._client.reach()
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise PublishError(f"{self._address.shown}: {_why(error)}") from error
        return self._address.shown


def retry_after_s(value: str, now: datetime) -> float:
    """What a ``Retry-After`` asks for (RFC 9110, 10.2.3: seconds, or a date); 0: nothing."""
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        return max((parsedate_to_datetime(value) - now).total_seconds(), 0.0)
    except (TypeError, ValueError, OverflowError):
        return 0.0


def _token(path: str, key: str) -> str:
    token = read_secret(path, key)
    if not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigError(f'{key} = "{path}": a token has neither spaces nor other than ASCII characters')
    return token


def _why(error: Exception) -> str:
    """In a few words; what a receiver sent is not repeated."""
    if isinstance(error, OSError):
        return reason_of(error)
    return "answers with something that is no HTTP"
