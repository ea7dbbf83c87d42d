"""The HTTP client of a station: requests, the certificates it trusts, and the token it sends."""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import threading
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec

from station.errors import StationError, UsageError
from station.i18n.messages import msg
from station.outputs.display.state import Answer, DisplayState

if TYPE_CHECKING:
    from station.config.settings import DisplaySettings

T = TypeVar("T")

CONNECT_S = 5.0
ANSWER_S = 40.0
"""More than the station's own limit for an answer, so that its reason arrives."""

_state = msgspec.json.Decoder(DisplayState)
_answer = msgspec.json.Decoder(Answer)
TOKEN = "SCANSTATION_TOKEN"  # noqa: S105 - the name of the variable
CA = "SCANSTATION_CA"
WATCH: Final = "scanstation-watch"
COMMAND_LINE: Final = "scanstation-memo"
"""Who asks, as ``User-Agent``: a worker at the terminal's display, or the office on the command line."""


class _Problem(msgspec.Struct):
    detail: str = ""


_problem = msgspec.json.Decoder(_Problem)


class StationLink:
    """A client of one station; each method may be called from any thread."""

    agent: str = WATCH
    """Who asks: `WATCH` or `COMMAND_LINE`."""

    def __init__(self, url: str, token: str = "", tls: ssl.SSLContext | None = None) -> None:
        """Name the station.

        Args:
            url: ``http://127.0.0.1:8321``, or ``https://dock-1.example.com:8321``.
            token: The access token; empty: none is needed.
            tls: The certificates to trust; None: those that the system trusts.

        Raises:
            StationError: the URL is not valid, or would send a token without TLS.
        """
        try:
            parts = urlsplit(url)
            port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
        except ValueError as error:
            raise StationError(f'"{url}": is not a valid URL: {error}') from error
        if not port or not parts.hostname or parts.path.strip("/") or parts.query:
            raise StationError(f'"{url}": must be like http://127.0.0.1:8321')
        if token and parts.scheme == "http" and not _is_here(parts.hostname):
            raise StationError(f'"{url}": a token is not sent without TLS; use https')
        self.url = url.rstrip("/")
        self._host, self._port = parts.hostname, port
        self._is_tls, self._tls, self._token = parts.scheme == "https", tls, token
        self._lock = threading.Lock()
        self._open: set[http.client.HTTPConnection] = set()
        self._is_closed = False

    def state(self, after: int | None = None, wait_s: int = 0) -> DisplayState:
        """Fetch the state; with `after`, wait up to `wait_s` until its version is a different one.

        Raises:
            StationError: the station does not answer.
        """
        query = urlencode({"after": after or 0, "wait": wait_s})
        return self._ask("GET", f"/api/v1/state?{query}", None, _state, wait_s + CONNECT_S)

    def scan(self, text: str) -> Answer:
        """Post a label's text; the answer follows the commit.

        Raises:
            StationError: the station does not answer, or refuses.
        """
        return self._ask("POST", "/api/v1/scans", {"text": text}, _answer, ANSWER_S)

    def command(self, text: str) -> Answer:
        """Post a command without its prefix; the answer follows the commit.

        Raises:
            StationError: the station does not answer, or refuses.
        """
        return self._ask("POST", "/api/v1/commands", {"command": text}, _answer, ANSWER_S)

    def fetch(self, path: str) -> bytes:
        """Return the body of a GET as it is; a 503 of an unhealthy station counts as an answer.

        Raises:
            StationError: the station does not answer, or refuses.
        """
        status, answer = self._request("GET", path, None, ANSWER_S)
        if status not in (http.client.OK, http.client.SERVICE_UNAVAILABLE):
            raise self._error(_reason(status, answer))
        return answer

    def close(self) -> None:
        """End all requests at once; their callers get a `StationError`."""
        with self._lock:
            self._is_closed = True
            pending = tuple(self._open)
        for connection in pending:
            # Its own thread may set the attribute to None when it closes the connection.
            if (sock := connection.sock) is not None:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

    def _ask(
        self,
        method: str,
        path: str,
        body: dict[str, str] | None,
        decoder: msgspec.json.Decoder[T],
        timeout_s: float,
    ) -> T:
        status, answer = self._request(method, path, body, timeout_s)
        if status != http.client.OK:
            raise self._error(_reason(status, answer))
        try:
            return decoder.decode(answer)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise self._error(msg("the answer is not from a station: {error}", error=error)) from error

    def _request(
        self, method: str, path: str, body: dict[str, str] | None, timeout_s: float
    ) -> tuple[int, bytes]:
        connection = self._connection()
        with self._lock:
            if self._is_closed:
                raise StationError(f"{self.url}: the connection is closed")
            self._open.add(connection)
        try:
            return self._exchange(connection, method, path, body, timeout_s)
        except ssl.SSLCertVerificationError as error:
            why = msg(
                "its certificate is not trusted: {error}; name a CA certificate with --ca or SCANSTATION_CA",
                error=error.verify_message,
            )
            raise self._error(why) from error
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise self._error(msg("the station does not answer: {error}", error=reason)) from error
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    def _error(self, reason: str) -> StationError:
        """The error for a reason, with the URL in front."""
        return StationError(msg("{subject}: {reason_text}", subject=self.url, reason_text=reason))

    def _connection(self) -> http.client.HTTPConnection:
        if self._is_tls:
            return http.client.HTTPSConnection(self._host, self._port, timeout=CONNECT_S, context=self._tls)
        return http.client.HTTPConnection(self._host, self._port, timeout=CONNECT_S)

    def _exchange(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        body: dict[str, str] | None,
        timeout_s: float,
    ) -> tuple[int, bytes]:
        connection.connect()
        sock: Any = connection.sock
        sock.settimeout(timeout_s)
        content = None if body is None else msgspec.json.encode(body)
        headers = {"User-Agent": self.agent}
        headers |= {} if body is None else {"Content-Type": "application/json"}
        headers |= {"Authorization": f"Bearer {self._token}"} if self._token else {}
        connection.request(method, path, content, headers)
        response = connection.getresponse()
        return response.status, response.read()


def _reason(status: int, answer: bytes) -> str:
    try:
        detail = _problem.decode(answer).detail
    except (msgspec.MsgspecError, UnicodeDecodeError):
        detail = ""
    if status == http.client.UNAUTHORIZED:
        return msg("it requires a token: set SCANSTATION_TOKEN to one of its tokens")
    return detail or msg("answers with the unexpected HTTP status {status}; is it a station?", status=status)


def _is_here(host: str) -> bool:
    """Whether the host is this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def link_to(url: str, ca: str = "") -> StationLink:
    """Return a link to any station.

    `ca`: a PEM file of CA certificates to trust besides the system's; empty: the file that ``SCANSTATION_CA``
    names. The token is taken from ``SCANSTATION_TOKEN``.

    Raises:
        UsageError: the file can't be used.
        StationError: the URL is not valid.
    """
    file = ca or os.environ.get(CA, "")
    context = ssl.create_default_context()
    if file:
        try:
            context.load_verify_locations(file)
        except OSError as error:
            reason = "contains no certificates" if isinstance(error, ssl.SSLError) else error.strerror
            raise UsageError(f"{file}: {reason}; name a PEM file") from error
    return StationLink(url, _token(), context)


def link_to_own(url: str, display: DisplaySettings) -> StationLink:
    """Return a link to the station of this machine and configuration, at the URL that it published.

    The configured certificate itself is trusted, whatever name it has: no CA is needed.

    Raises:
        UsageError: the certificate can't be read.
        StationError: the URL is not valid.
    """
    if not url.startswith("https:") or not display.certificate:
        return link_to(url)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_verify_locations(cadata=_first_certificate(display.certificate))
    except (OSError, ValueError) as error:
        raise UsageError(f'display.certificate = "{display.certificate}": can\'t be read: {error}') from error
    return StationLink(url, _token(), context)


def _first_certificate(path: str) -> bytes:
    """Return the station's own certificate; the CA certificates after it would make others trusted, too."""
    end = "-----END CERTIFICATE-----"
    return ssl.PEM_cert_to_DER_cert(Path(path).read_text().partition(end)[0].strip() + f"\n{end}\n")


def _token() -> str:
    return os.environ.get(TOKEN, "")
