"""Whom a link to a station trusts, and by what it is let in."""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import threading
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
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
"""Above the station's own limit for an answer, so that its reason arrives."""


class _Problem(msgspec.Struct):
    detail: str = ""


_problem = msgspec.json.Decoder(_Problem)
_state = msgspec.json.Decoder(DisplayState)
_answer = msgspec.json.Decoder(Answer)


class StationLink:
    """Talks to one station; each method may be called from any thread."""

    def __init__(self, url: str, token: str = "", tls: ssl.SSLContext | None = None) -> None:
        """Name the station.

        Args:
            url: Where it is: ``http://127.0.0.1:8321``, or ``https://dock-1.example.com:8321``.
            token: By which it lets us in; empty: it needs none.
            tls: Whom to trust; None: as the system does.

        Raises:
            StationError: the URL is none, or a token would be overheard.
        """
        try:
            parts = urlsplit(url)
            port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
        except ValueError as error:
            raise StationError(f'"{url}": is no URL of a station: {error}') from error
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
        """The state; with `after`, as soon as it is another than that version, at the latest in `wait_s`.

        Raises:
            StationError: the station does not answer.
        """
        query = urlencode({"after": after or 0, "wait": wait_s})
        return self._ask("GET", f"/api/v1/state?{query}", None, _state, wait_s + CONNECT_S)

    def scan(self, text: str) -> Answer:
        """A label's text; the answer comes after the commit.

        Raises:
            StationError: the station does not answer, or won't take it.
        """
        return self._ask("POST", "/api/v1/scans", {"text": text}, _answer, ANSWER_S)

    def command(self, text: str) -> Answer:
        """A command without its prefix; the answer comes after the commit.

        Raises:
            StationError: the station does not answer, or won't take it.
        """
        return self._ask("POST", "/api/v1/commands", {"command": text}, _answer, ANSWER_S)

    def fetch(self, path: str) -> bytes:
        """What a path answers, as it came; 503 is an answer too, of a station that is not well.

        Raises:
            StationError: the station does not answer, or refuses.
        """
        status, answer = self._answered("GET", path, None, ANSWER_S)
        if status not in (http.client.OK, http.client.SERVICE_UNAVAILABLE):
            raise StationError(self._said(_reason(status, answer)))
        return answer

    def close(self) -> None:
        """End what is under way, at once; those who wait get a `StationError`."""
        with self._lock:
            self._is_closed = True
            pending = tuple(self._open)
        for connection in pending:
            # The attribute goes when the connection is closed by its own thread.
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
        status, answer = self._answered(method, path, body, timeout_s)
        if status != http.client.OK:
            raise StationError(self._said(_reason(status, answer)))
        try:
            return decoder.decode(answer)
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            reason = msg("the answer is not a station's: {error}", error=error)
            raise StationError(self._said(reason)) from error

    def _answered(
        self, method: str, path: str, body: dict[str, str] | None, timeout_s: float
    ) -> tuple[int, bytes]:
        connection = self._connection()
        with self._lock:
            if self._is_closed:
                raise StationError(f"{self.url}: the line is closed")
            self._open.add(connection)
        try:
            return self._exchange(connection, method, path, body, timeout_s)
        except ssl.SSLCertVerificationError as error:
            reason = msg(
                "its certificate is not trusted: {error}; name who vouches for it, with --ca or "
                "SCANSTATION_CA",
                error=error.verify_message,
            )
            raise StationError(self._said(reason)) from error
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            why = msg("the station does not answer: {error}", error=reason)
            raise StationError(self._said(why)) from error
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    def _said(self, reason: str) -> str:
        """A reason with the station in front."""
        return msg("{subject}: {reason_text}", subject=self.url, reason_text=reason)

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
        headers = {} if body is None else {"Content-Type": "application/json"}
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
        return msg("it wants a token: set SCANSTATION_TOKEN to one of its own")
    return detail or msg("answers {status}, which a station would not", status=status)


def _is_here(host: str) -> bool:
    """Whether what is sent to this host stays on this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


TOKEN = "SCANSTATION_TOKEN"  # noqa: S105 - the name of the variable
CA = "SCANSTATION_CA"


def link_to(url: str, ca: str = "") -> StationLink:
    """A link to a station anywhere.

    `ca`: a PEM file of certificates that vouch for it, beside those the system trusts; empty: as the variable
    ``SCANSTATION_CA`` says. The token is that of ``SCANSTATION_TOKEN``.

    Raises:
        UsageError: the file can't be used.
        StationError: the URL is none.
    """
    file = ca or os.environ.get(CA, "")
    context = ssl.create_default_context()
    if file:
        try:
            context.load_verify_locations(file)
        except OSError as error:
            reason = "is no file of certificates" if isinstance(error, ssl.SSLError) else error.strerror
            raise UsageError(f"{file}: {reason}; name a PEM file") from error
    return StationLink(url, _token(), context)


def link_to_own(url: str, display: DisplaySettings) -> StationLink:
    """A link to the station of this machine and configuration, at the URL that it told.

    It is known by its certificate itself, whatever name that bears: nobody need vouch for it.

    Raises:
        UsageError: the certificate can't be read.
        StationError: the URL is none.
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
    """The station's own: those behind it vouch for others too."""
    end = "-----END CERTIFICATE-----"
    return ssl.PEM_cert_to_DER_cert(Path(path).read_text().partition(end)[0].strip() + f"\n{end}\n")


def _token() -> str:
    return os.environ.get(TOKEN, "")
