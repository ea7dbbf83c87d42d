"""The socket that is listened on: what is too much is closed before anything is spent on it.

Under TLS a connection reaches the protocol only after its handshake; one that never begins it would be
counted nowhere, and hold a file descriptor.
"""

from __future__ import annotations

import errno
import socket
from collections import Counter
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any

import structlog

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
