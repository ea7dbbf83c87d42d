"""HTTP on one connection, with an end to all that a client may keep open, and errors as problems.

What is wrong before there is a request (a header that never ends, bytes that are no HTTP) never reaches the
application, so it is answered here.
"""

from __future__ import annotations

import sys
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from station.web.headers import HEAD_BYTES, SECURITY_HEADERS
from station.web.listening import THIS_MACHINE, machine
from station.web.problems import problem

if TYPE_CHECKING:
    import asyncio

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
