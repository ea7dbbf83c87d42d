"""One HTTP request and the status of its answer, within a time that nobody can stretch.

The standard library's client limits each wait by itself, so that a receiver that sends a byte now and then
would hold it for hours: here the connection is cut when the time is up. Redirects are not followed, what the
answer says is not looked at. A connection serves one request; what comes together goes together anyway.
"""

from __future__ import annotations

import http.client
import socket
import threading
from contextlib import closing, suppress
from typing import TYPE_CHECKING, NamedTuple

from station.publish.proxy import way_to

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from station.publish_settings import Address

READ_BYTES = 65_536
"""Of an answer: read so that the receiver can end in peace, and not kept."""


class Status(NamedTuple):
    """What a receiver answered."""

    code: int
    retry_after: str
    """The header; empty: none."""


class HttpClient:
    """Posts to one address. `abort` may be called by any thread."""

    def __init__(self, address: Address, timeout_s: float, tls: ssl.SSLContext | None) -> None:
        """`tls`: whom to trust; None: the address wants no TLS."""
        self._address = address
        self._timeout_s = timeout_s
        self._tls = tls
        self._connection: http.client.HTTPConnection | None = None
        self._is_cut = threading.Event()

    def post(self, body: bytes, headers: Mapping[str, str]) -> Status:
        """Post a body.

        Raises:
            OSError: no connection, or none that lasted.
            http.client.HTTPException: the answer is no HTTP.
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

    def _ask(self, body: bytes, headers: Mapping[str, str]) -> Status:
        way = way_to(self._address, self._timeout_s, self._tls)
        with closing(way.connection) as connection:
            self._connection = connection
            try:
                connection.request(
                    "POST", way.target, body, {**headers, **way.headers, "Connection": "close"}
                )
                with closing(connection.getresponse()) as answer:
                    if self._is_cut.is_set():
                        # A head whose connection was cut reads like one that has ended.
                        raise ConnectionAbortedError("the answer was cut off")
                    with suppress(OSError, ValueError, http.client.HTTPException):
                        answer.read(READ_BYTES)
                    return Status(answer.status, answer.headers.get("Retry-After", ""))
            finally:
                self._connection = None

    def reach(self) -> None:
        """Connect, and say nothing.

        Raises:
            OSError: no connection.
        """
        with closing(way_to(self._address, self._timeout_s, self._tls).connection) as connection:
            connection.connect()

    def abort(self) -> None:
        """Cut the connection."""
        self._is_cut.set()
        connection = self._connection
        sock = connection.sock if connection else None
        if sock is not None:
            # Of the socket itself: that of TLS would change what its reader is just using.
            with suppress(OSError):
                socket.socket.shutdown(sock, socket.SHUT_RDWR)
