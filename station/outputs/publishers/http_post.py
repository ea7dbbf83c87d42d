"""One HTTP POST and the status of its answer, within a hard time limit.

The standard library's client limits each read separately, so a receiver that sends a byte now and then could
hold it for hours: here the connection is cut when the time is up. Redirects are not followed, and the body of
the answer is ignored. Each request has its own connection; what arrives together is sent together anyway.
"""

from __future__ import annotations

import http.client
import socket
import threading
from base64 import b64encode
from contextlib import closing, suppress
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from station.config.publishing import Address


PROXY_PORT = 3128


class Way(NamedTuple):
    """A connection that is not open yet, with the target and headers of the request."""

    connection: http.client.HTTPConnection
    target: str
    headers: dict[str, str]


def way_to(address: Address, timeout_s: float, tls: ssl.SSLContext | None) -> Way:
    """Return the way to an address, through a proxy if one is set; `tls`: None without TLS.

    Raises:
        OSError: the kind of proxy is not supported.
    """
    proxy = _proxy(address)
    host, port = (proxy.hostname or "", proxy.port or PROXY_PORT) if proxy else (address.host, address.port)
    authorization = _authorization(proxy) if proxy else {}
    if tls is None:
        target = f"{address.shown}{address.target}" if proxy else address.target
        return Way(http.client.HTTPConnection(host, port, timeout=timeout_s), target, authorization)
    connection = http.client.HTTPSConnection(host, port, timeout=timeout_s, context=tls)
    if proxy:
        connection.set_tunnel(address.host, address.port, authorization)
    return Way(connection, address.target, {})


def _proxy(address: Address) -> SplitResult | None:
    url = getproxies().get(address.scheme)
    if not url or address.is_loopback or proxy_bypass(f"{address.host}:{address.port}"):
        return None
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme != "http" or not parts.hostname:
        raise OSError(f"{address.scheme}_proxy must be like http://proxy.example.com:{PROXY_PORT}")
    return parts


def _authorization(proxy: SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    login = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {b64encode(login.encode()).decode()}"}


READ_BYTES = 65_536
"""The most that is read of an answer's body, so that the receiver can finish; it is not kept."""


class ResponseStatus(NamedTuple):
    """A receiver's answer."""

    code: int
    retry_after: str
    """The header; empty: none."""


class HttpClient:
    """Posts to one address. `abort` may be called by any thread."""

    def __init__(self, address: Address, timeout_s: float, tls: ssl.SSLContext | None) -> None:
        """`tls`: None without TLS."""
        self._address = address
        self._timeout_s = timeout_s
        self._tls = tls
        self._connection: http.client.HTTPConnection | None = None
        self._is_cut = threading.Event()

    def post(self, body: bytes, headers: Mapping[str, str]) -> ResponseStatus:
        """Post a body.

        Raises:
            OSError: the connection failed.
            http.client.HTTPException: the answer is not HTTP.
        """
        is_late = threading.Event()
        self._is_cut.clear()

        def cut() -> None:
            is_late.set()
            self.abort()

        clock = threading.Timer(self._timeout_s, cut)
        clock.daemon = True
        clock.start()
        try:
            return self._ask(body, headers)
        except (OSError, http.client.HTTPException) as error:
            if is_late.is_set() or isinstance(error, TimeoutError):
                raise TimeoutError(f"no answer within {self._timeout_s:g} s") from error
            raise
        finally:
            clock.cancel()

    def _ask(self, body: bytes, headers: Mapping[str, str]) -> ResponseStatus:
        way = way_to(self._address, self._timeout_s, self._tls)
        with closing(way.connection) as connection:
            self._connection = connection
            try:
                connection.request(
                    "POST", way.target, body, {**headers, **way.headers, "Connection": "close"}
                )
                with closing(connection.getresponse()) as answer:
                    if self._is_cut.is_set():
                        # A head that was cut off looks like a complete one.
                        raise ConnectionAbortedError("the answer was cut off")
                    with suppress(OSError, ValueError, http.client.HTTPException):
                        answer.read(READ_BYTES)
                    return ResponseStatus(answer.status, answer.headers.get("Retry-After", ""))
            finally:
                self._connection = None

    def reach(self) -> None:
        """Connect, and send nothing.

        Raises:
            OSError: the connection failed.
        """
        with closing(way_to(self._address, self._timeout_s, self._tls).connection) as connection:
            connection.connect()

    def abort(self) -> None:
        """Cut the connection."""
        self._is_cut.set()
        connection = self._connection
        sock = connection.sock if connection else None
        if sock is not None:
            # The plain socket's shutdown: that of TLS would change an object that another thread reads from.
            with suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
