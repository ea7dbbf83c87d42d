"""Webhook: what happened is posted to an address, as JSON; docs/publishing.md says more."""

from __future__ import annotations

import http.client
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from station.errors import ConfigError, PublishError, PublishRefusedError
from station.host.credentials import read_secret
from station.publish.http_post import HttpClient
from station.publish.payload import rows_request, session_request
from station.publish.reason import reason_of
from station.publish.signature import Signer, message_id
from station.publish.trust import tls_context

if TYPE_CHECKING:
    from collections.abc import Sequence

    from station.events import HistoryRow
    from station.outbox import EndedSession
    from station.publish.bell import Bell
    from station.publish.http_post import Status
    from station.publish_settings import PublishSettings

_LATER = frozenset({408, 425, 429})
"""Statuses of RFC 9110, RFC 8470 and RFC 6585 below 500 that a retry may cure."""


class WebhookSender:
    """Implements `station.publish.ports.Sender`."""

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
