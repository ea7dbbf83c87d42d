"""Printers to send labels to: one at a real TCP port, and programs in place of CUPS's ``lp``."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from queue import Queue
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE_S = 30
"""Far longer than anything takes; only a hang reaches it."""

Manner = Literal["prints", "hangs", "breaks off"]


class PortPrinter:
    """Listens at a loopback port; `jobs` are the complete ones."""

    def __init__(self, manner: Manner, port: int = 0) -> None:
        self._manner = manner
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = int(self._listener.getsockname()[1])
        self.jobs: Queue[bytes] = Queue()
        self.asked: Queue[None] = Queue()
        self._held: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.asked.put(None)
            if self._manner == "prints":
                self.jobs.put(_taken(connection))
            elif self._manner == "hangs":
                self._held.append(connection)
            else:
                connection.recv(16)
                connection.close()

    def close(self) -> None:
        # Wake the thread that waits in accept.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(PATIENCE_S)
        for connection in self._held:
            connection.close()


def _taken(connection: socket.socket) -> bytes:
    """Receive everything up to the end."""
    with connection, connection.makefile("rb") as stream:
        return stream.read()


@contextmanager
def port_printer(manner: Manner = "prints", port: int = 0) -> Iterator[PortPrinter]:
    printer = PortPrinter(manner, port)
    try:
        yield printer
    finally:
        printer.close()


def free_port() -> int:
    """Return a port without a listener."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def lp_that(directory: Path, script: str) -> None:
    """Put a shell script named ``lp`` into a directory."""
    directory.mkdir(exist_ok=True)
    program = directory / "lp"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
