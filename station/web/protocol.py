"""HTTP on one connection, with an end to all that a client may keep open, and errors as problems.

What is wrong before there is a request (a header that never ends, bytes that are no HTTP) never reaches the
application, so it is answered here.
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
"""Connections of other machines together, and of this one, those in a handshake included: some more than are
served, so that those above are told why, and well below the 1024 files that a process may usually open."""
ACCEPTED_BY_ONE = 96
"""Of these by one other machine."""
THIS_MACHINE = "this machine"
_LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
_IPV6_MACHINE_BITS = 64
"""What a machine gets at least: it may come from any address in it."""
_EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_TOLD_AGAIN_S = 60.0

log = structlog.get_logger()


def machine(host: str) -> str:
    """By which the connections of one machine are counted."""
    address = ip_address(host)
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if any(address in network for network in _LOOPBACK):
        return THIS_MACHINE
    if isinstance(address, IPv6Address):
        return str(ip_network((int(address), _IPV6_MACHINE_BITS), strict=False))
    return str(address)


class ListeningSocket(socket.socket):
    """Hands out as many connections as may be open at once."""

    def __init__(self, family: socket.AddressFamily) -> None:
        super().__init__(family)
        self._open: Counter[str] = Counter()
        self._handed_out: set[_Counted] = set()

    def accept(self) -> tuple[socket.socket, Any]:
        """The next connection.

        Raises:
            ConnectionAbortedError: it was one too many, and is closed.
            OSError: there is none, or no file descriptor for it.
        """
        taken, address = super().accept()
        whose = machine(address[0])
        if not self._has_room(whose):
            taken.close()
            raise ConnectionAbortedError
        self._open[whose] += 1
        counted = _Counted(taken.detach(), lambda one: self._closed_one(one, whose))
        self._handed_out.add(counted)
        return counted, address

    def close_the_rest(self) -> None:
        """Close what was accepted and nobody took over any more, because the server was stopping."""
        for each in tuple(self._handed_out):
            each.close()

    def _has_room(self, whose: str) -> bool:
        own = self._open[whose]
        if whose == THIS_MACHINE:
            return own < ACCEPTED
        return own < ACCEPTED_BY_ONE and self._open.total() - self._open[THIS_MACHINE] < ACCEPTED

    def _closed_one(self, one: _Counted, whose: str) -> None:
        self._handed_out.discard(one)
        self._open[whose] -= 1
        self._open += Counter()


class _Counted(socket.socket):
    """A connection that tells when it is closed."""

    def __init__(self, fileno: int, closed: Callable[[_Counted], None]) -> None:
        super().__init__(fileno=fileno)
        self._tell: Callable[[_Counted], None] | None = closed

    def close(self) -> None:
        super().close()
        tell, self._tell = self._tell, None
        if tell is not None:
            tell(self)


class LoopTroubles:
    """What the event loop says when a connection can't be accepted: a line in the log now and then."""

    def __init__(self) -> None:
        self._told_at: float | None = None

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Called by the loop; other troubles are told as ever."""
        error = context.get("exception")
        if not isinstance(error, OSError) or error.errno not in _EXHAUSTED:
            loop.default_exception_handler(context)
        elif self._told_at is None or loop.time() - self._told_at >= _TOLD_AGAIN_S:
            self._told_at = loop.time()
            log.error("connections_not_taken", reason=error.strerror)


CONNECTIONS = 200
"""Far more than those that are held, so that there is always one for a post."""
CONNECTIONS_BY_ONE = 64
"""By one other machine, so that it locks nobody out."""
HEAD_WAIT_S = 10.0
"""How long they may take to arrive."""

_DETAILS = {
    414: f"the path and the query are longer than {HEAD_BYTES} bytes",
    431: f"the headers are longer than {HEAD_BYTES} bytes",
}


class BoundedProtocol(H11Protocol):
    """A connection that can't be held by saying nothing."""

    _head_timer: asyncio.TimerHandle | None = None
    _machine = THIS_MACHINE

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody connects."""
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
        """The connection ended."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        super().data_received(data)
        if self.transport.is_closing() or self.conn.their_state is not h11.IDLE:
            self._stop_timer()
        elif self._head_timer is None:
            self._await_head()

    def send_400_response(self, _msg: str) -> None:
        """What came is no HTTP; called while the error is handled."""
        error = sys.exc_info()[1]
        status = getattr(error, "error_status_hint", 400)
        if status == 431 and b"\n" not in self.conn.trailing_data[0]:  # noqa: PLR2004 - an HTTP status
            status = 414
        self._refuse(status, _DETAILS.get(status, "this is no HTTP/1.1"))

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_WAIT_S, self._too_slow)

    def _too_slow(self) -> None:
        self._refuse(408, f"the request took longer than {HEAD_WAIT_S:.0f} s to arrive")

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _refuse(self, status: int, detail: str) -> None:
        """Answer, when that is still possible, and close."""
        self._stop_timer()
        if self.cycle is not None and not self.cycle.response_complete:
            # Whoever answers the request meanwhile finds that nobody reads it.
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
