"""Webhooks, signed as Standard Webhooks has it, so that a receiver can verify them.

https://github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md, "symmetric signatures":
HMAC-SHA256 over ``id.timestamp.body``, in Base64, in three headers. The project has libraries to verify them
in many languages.
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
from station.outputs.publishers.sending import (
    LOOK_S,
    moves_request,
    reason_of,
    rows_request,
    session_request,
    tls_context,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.config.publishing import PublishSettings
    from station.history import EndedSession, HistoryRow, Move
    from station.outputs.publishers.http_post import ResponseStatus
    from station.outputs.publishers.sending import Bell

PREFIX = "whsec_"
KEY_BYTES = range(24, 65)
"""The lengths that the scheme allows."""


class Signer:
    """Signs requests with a secret key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def from_file(cls, path: str, key: str) -> Signer:
        """Read the secret from a file, ``whsec_…``; `key`: the configuration key of the file, for errors.

        Raises:
            ConfigError: the file contains no valid secret.
        """
        secret = read_secret(path, key)
        try:
            decoded = b64decode(secret.removeprefix(PREFIX), validate=True)
        except (binascii.Error, ValueError):
            decoded = b""
        if len(decoded) not in KEY_BYTES:
            raise ConfigError(
                f'{key} = "{path}": must contain {PREFIX} and 24 to 64 random bytes in Base64; '
                f'create one: echo "{PREFIX}$(openssl rand -base64 32)"'
            )
        return cls(decoded)

    def sign(self, message_id: str, timestamp: int, body: bytes) -> str:
        """Return the value of ``webhook-signature``."""
        signed = b"%s.%d.%s" % (message_id.encode(), timestamp, body)
        return "v1," + b64encode(hmac.digest(self._key, signed, sha256)).decode()


def message_id(body: bytes) -> str:
    """Return the id by which a receiver recognises a repeated request: the same content has the same id.

    A row's id won't do: after a restart the same row may be sent together with later ones.
    """
    return f"msg_{sha256(body).hexdigest()[:32]}"


_LATER = frozenset({408, 425, 429})
"""Statuses below 500 (RFC 9110, RFC 8470, RFC 6585) that a retry may cure."""


class WebhookSender:
    """Implements `station.outputs.publishers.sending.Sender`."""

    def __init__(self, settings: PublishSettings, key: str) -> None:
        """`key`: the configuration key, for errors.

        Raises:
            ConfigError: a configured file can't be used.
        """
        self._address = settings.address()
        tls = tls_context(settings.ca_file, f"{key}.ca_file") if self._address.is_encrypted else None
        self._client = HttpClient(self._address, settings.timeout_s, tls)
        self._signer = Signer.from_file(settings.key_file, f"{key}.key_file") if settings.key_file else None
        self._headers = {"Content-Type": "application/json", "User-Agent": "scanstation"}
        if settings.token_file:
            self._headers["Authorization"] = f"Bearer {_token(settings.token_file, f'{key}.token_file')}"

    def open(self) -> bool:
        """Do nothing: each request has its own connection."""
        return False

    def send_rows(self, rows: Sequence[HistoryRow]) -> None:
        """Post rows as one request.

        Raises:
            PublishError: the receiver did not answer 2xx.
        """
        self._post(rows_request(rows))

    def send_moves(self, moves: Sequence[Move]) -> None:
        """Post moves as one request.

        Raises:
            PublishError: the receiver did not answer 2xx.
        """
        self._post(moves_request(moves))

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

    def _judge(self, status: ResponseStatus) -> None:
        if status.code in range(200, 300):
            return
        reason = f"{self._address.shown} answers {status.code}"
        if status.code in range(300, 400):
            raise PublishRefusedError(f"{reason}: redirects are not followed; put the new address into url")
        if status.code in range(400, 500) and status.code not in _LATER:
            raise PublishRefusedError(f"{reason}: find out why; the station retries every few minutes")
        error = PublishError(reason)
        error.retry_after_s = retry_after_s(status.retry_after, datetime.now(UTC))
        raise error

    def wait(self, bell: Bell) -> None:
        """Wait until the bell is rung, at most `LOOK_S`."""
        bell.wait(LOOK_S)

    def close(self) -> None:
        """Do nothing."""

    def abort(self) -> None:
        """Cut the current request's connection."""
        self._client.abort()

    def check(self) -> str:
        """Check that the receiver can be reached; return its address.

        Raises:
            PublishError: it can't be reached.
        """
        try:
            self._client.reach()
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise PublishError(f"{self._address.shown}: {_why(error)}") from error
        return self._address.shown


def retry_after_s(value: str, now: datetime) -> float:
    """Parse a ``Retry-After`` (RFC 9110, 10.2.3: seconds, or a date); 0 when it is missing or invalid."""
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        return max((parsedate_to_datetime(value) - now).total_seconds(), 0.0)
    except (TypeError, ValueError, OverflowError):
        return 0.0


def _token(path: str, key: str) -> str:
    token = read_secret(path, key)
    if not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigError(f'{key} = "{path}": a token has only ASCII characters, and no spaces')
    return token


def _why(error: Exception) -> str:
    """Return the reason in a few words; it repeats nothing that a receiver sent."""
    if isinstance(error, OSError):
        return reason_of(error)
    return "the answer is not valid HTTP"
