"""HTTP on one connection, with a limit on everything that a client may keep open, and errors as problems.

Errors before there is a request (a header that never ends, bytes that are not HTTP) never reach the
application, so they are answered here.
"""

from __future__ import annotations

import errno
import socket
import sys
from collections import Counter
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any

import h11
import structlog
from uvicorn.protocols.http.h11_impl import H11Protocol

from station.web.guard import HEAD_BYTES, SECURITY_HEADERS
from station.web.problems import problem

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

ACCEPTED = 256
"""The limit for this machine, and for all others together, TLS handshakes included: more than are served, so
that the rest get an answer, and well below the usual limit of 1024 open files."""
ACCEPTED_BY_ONE = 96
"""The limit for one other machine."""
THIS_MACHINE = "this machine"
_LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
_IPV6_MACHINE_BITS = 64
"""The smallest network that a machine gets: it may use any address in it."""
_EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_LOG_INTERVAL_S = 60.0

log = structlog.get_logger()

CONNECTIONS = 200
"""Far more than can be held, so that there is always one for a post."""
CONNECTIONS_BY_ONE = 64
"""The limit for one other machine, so that it locks nobody out."""
HEAD_WAIT_S = 10.0
"""How long the headers may take to arrive."""
_DETAILS = {
    414: f"the path and the query are longer than {HEAD_BYTES} bytes",
    431: f"the headers are longer than {HEAD_BYTES} bytes",
}


def machine(host: str) -> str:
    """The key by which a machine's connections are counted."""
    address = ip_address(host)
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if any(address in network for network in _LOOPBACK):
        return THIS_MACHINE
    if isinstance(address, IPv6Address):
        return str(ip_network((int(address), _IPV6_MACHINE_BITS), strict=False))
    return str(address)


class ListeningSocket(socket.socket):
    """Accepts only as many connections as may be open at once."""

    def __init__(self, family: socket.AddressFamily) -> None:
        super().__init__(family)
        self._open: Counter[str] = Counter()
        self._handed_out: set[_Counted] = set()

    def accept(self) -> tuple[socket.socket, Any]:
        """The next connection.

        Raises:
            ConnectionAbortedError: there were too many; this one was closed.
            OSError: there is no connection, or no file descriptor for it.
        """
        accepted, address = super().accept()
        origin = machine(address[0])
        if not self._has_room(origin):
            accepted.close()
            raise ConnectionAbortedError
        self._open[origin] += 1
        counted = _Counted(accepted.detach(), lambda one: self._on_closed(one, origin))
        self._handed_out.add(counted)
        return counted, address

    def close_the_rest(self) -> None:
        """Close the connections that were accepted but never served, because the server was stopping."""
        for each in tuple(self._handed_out):
            each.close()

    def _has_room(self, origin: str) -> bool:
        own = self._open[origin]
        if origin == THIS_MACHINE:
            return own < ACCEPTED
        return own < ACCEPTED_BY_ONE and self._open.total() - self._open[THIS_MACHINE] < ACCEPTED

    def _on_closed(self, one: _Counted, origin: str) -> None:
        self._handed_out.discard(one)
        self._open[origin] -= 1
        self._open += Counter()


class _Counted(socket.socket):
    """A connection that calls back when it is closed."""

    def __init__(self, fileno: int, on_closed: Callable[[_Counted], None]) -> None:
        super().__init__(fileno=fileno)
        self._on_closed: Callable[[_Counted], None] | None = on_closed

    def close(self) -> None:
        super().close()
        on_closed, self._on_closed = self._on_closed, None
        if on_closed is not None:
            on_closed(self)


class LoopTroubles:
    """Exception handler for the event loop: logs only now and then that connections can't be accepted."""

    def __init__(self) -> None:
        self._logged_at: float | None = None

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Called by the loop; all other exceptions go to its default handler."""
        error = context.get("exception")
        if not isinstance(error, OSError) or error.errno not in _EXHAUSTED:
            loop.default_exception_handler(context)
        elif self._logged_at is None or loop.time() - self._logged_at >= _LOG_INTERVAL_S:
            self._logged_at = loop.time()
            log.error("connections_not_taken", reason=error.strerror)


class BoundedProtocol(H11Protocol):
    """A connection that a silent client can't keep open."""

    _head_timer: asyncio.TimerHandle | None = None
    _machine = THIS_MACHINE

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has connected."""
        super().connection_made(transport)
        if self.client:
            self._machine = machine(self.client[0])
        if self._is_too_many():
            self._refuse(503, "too many connections; close some")
        else:
            self._await_head()

    def _is_too_many(self) -> bool:
        if len(self.connections) > CONNECTIONS:
            return True
        by_one = sum(getattr(each, "_machine", None) == self._machine for each in self.connections)
        return self._machine != THIS_MACHINE and by_one > CONNECTIONS_BY_ONE

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes have arrived."""
        super().data_received(data)
        if self.transport.is_closing() or self.conn.their_state is not h11.IDLE:
            self._stop_timer()
        elif self._head_timer is None:
            self._await_head()

    def send_400_response(self, _msg: str) -> None:
        """Answer bytes that are not HTTP; called while the error is handled."""
        error = sys.exc_info()[1]
        status = getattr(error, "error_status_hint", 400)
        if status == 431 and b"\n" not in self.conn.trailing_data[0]:  # noqa: PLR2004 - an HTTP status
            status = 414
        self._refuse(status, _DETAILS.get(status, "this is not HTTP/1.1"))

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_WAIT_S, self._too_slow)

    def _too_slow(self) -> None:
        self._refuse(408, f"the request took longer than {HEAD_WAIT_S:.0f} s to arrive")

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _refuse(self, status: int, detail: str) -> None:
        """Answer, if that is still possible, and close."""
        self._stop_timer()
        if self.cycle is not None and not self.cycle.response_complete:
            # The handler that is serving the request finds its client disconnected.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE} and not self.transport.is_closing():
            self._answer(status, detail)
        self.transport.close()

    def _answer(self, status: int, detail: str) -> None:
        answer = problem(status, detail, SECURITY_HEADERS | {"Connection": "close"})
        events: list[Any] = [
            h11.Response(
                status_code=status, headers=answer.raw_headers, reason=HTTPStatus(status).phrase.encode()
            ),
            h11.Data(data=bytes(answer.body)),
            h11.EndOfMessage(),
        ]
        for event in events:
            if (output := self.conn.send(event)) is not None:
                self.transport.write(output)
