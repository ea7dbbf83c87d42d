"""Requests and responses as raw bytes."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

from station.web.guard import SECURITY_HEADERS

if TYPE_CHECKING:
    from tests.terminal.dock import Dock


class Answer:
    """A raw answer, with the header names spelled as in the source."""

    def __init__(self, raw: bytes) -> None:
        head, _, self.body = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        self.status = int(first.split()[1])
        received = {line.partition(": ")[0].lower(): line.partition(": ")[2] for line in lines}
        names = {name.lower(): name for name in (*SECURITY_HEADERS, "Content-Type")}
        self.headers = {names.get(name, name): value for name, value in received.items()}

    @property
    def problem(self) -> dict[str, Any]:
        assert self.headers["Content-Type"] == "application/problem+json"
        found = json.loads(self.body)
        assert found["status"] == self.status
        return dict(found)


def raw(station: Dock, first: str, headers: dict[str, str], body: bytes = b"") -> Answer:
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return sent(station, f"{first}{head}\r\n".encode() + body)


def sent(station: Dock, data: bytes) -> Answer:
    with connected(station) as connection:
        connection.sendall(data)
        return Answer(all_of(connection))


def connected(station: Dock) -> socket.socket:
    host, port = station.url.rpartition("//")[2].split(":")
    return socket.create_connection((host, int(port)), timeout=60)


def all_of(connection: socket.socket) -> bytes:
    received = b""
    while more := connection.recv(65_536):
        received += more
    return received
