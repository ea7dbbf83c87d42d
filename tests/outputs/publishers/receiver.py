"""A webhook receiver that follows a test's script."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.running import PATIENCE_S, wait_until

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator


@dataclass(frozen=True)
class Request:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.body))


class Receiver(ThreadingHTTPServer):
    """Answers 204, unless `script` has something else for the next requests."""

    daemon_threads = True

    def __init__(self, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.requests: list[Request] = []
        self.taken: list[Request] = []
        """Requests that were answered 2xx, or processed and then dropped."""
        self.script: deque[Any] = deque()
        self.scheme = "https" if tls else "http"
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)

    @property
    def url(self) -> str:
        return f"{self.scheme}://localhost:{self.server_port}/scans"

    @property
    def ids(self) -> list[str]:
        """Ids of the accepted rows, in order, with repeats."""
        return [row["id"] for request in self.taken for row in request.json.get("rows", [])]

    def wait_for(self, count: int) -> list[Request]:
        wait_until(lambda: len(self.requests) >= count, f"{count} requests")
        return self.requests

    def handle_error(self, request: object, client_address: object) -> None:
        """Print nothing when a station hangs up."""


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        request = Request(self.path, {key.lower(): value for key, value in self.headers.items()}, body)
        answer = self.server.script.popleft() if self.server.script else 204
        if answer == 204 or answer is drop_after_work:
            self.server.taken.append(request)
        self.server.requests.append(request)
        self._answer(answer)

    def _answer(self, answer: Any) -> None:
        if callable(answer):
            answer(self.connection)
            self.close_connection = True
        elif isinstance(answer, bytes):
            self.connection.sendall(answer)
            self.close_connection = True
        else:
            status, headers = answer if isinstance(answer, tuple) else (answer, {})
            self.send_response(status)
            for key, value in headers.items():
                self.send_header(key, value)
            self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def drop(connection: socket.socket) -> None:
    """Hang up without an answer."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def drop_after_work(connection: socket.socket) -> None:
    """Process the request, and hang up without an answer."""
    drop(connection)


def hang(connection: socket.socket) -> None:
    """Send nothing until the other side hangs up."""
    connection.settimeout(PATIENCE_S)
    try:
        while connection.recv(1000):
            pass
    except OSError:
        pass


def drip(connection: socket.socket) -> None:
    """Send a byte now and then, so that no single read takes long."""
    try:
        while True:
            connection.sendall(b"H")
            if threading.Event().wait(0.05):
                return
    except OSError:
        pass


@contextmanager
def receiving(port: int = 0, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    with Receiver(port, tls) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(PATIENCE_S)
