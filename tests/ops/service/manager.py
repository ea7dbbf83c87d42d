"""A fake service manager: a Unix datagram socket that receives the service's messages."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path


class Manager:
    """Listens; closed at the end of the with-block."""

    def __init__(self, path: Path | str) -> None:
        """`path` is the socket's path, or ``@name`` of an abstract one."""
        self.address = str(path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.address.replace("@", "\0", 1) if self.address[0] == "@" else self.address)
        self._socket.settimeout(60)
        self.heard: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._socket.close()

    def next(self) -> str:
        """The next message; waits for it."""
        self.heard.append(self._socket.recv(65_536).decode())
        return self.heard[-1]

    def until(self, beginning: str) -> str:
        """The next message with this beginning; earlier ones are in `heard` too."""
        while not (message := self.next()).startswith(beginning):
            pass
        return message

    def forget(self) -> None:
        """Discard the messages that have arrived so far."""
        self._socket.setblocking(False)
        with suppress(BlockingIOError):
            while self._socket.recv(65_536):
                pass
        self._socket.settimeout(60)

    def silence(self, for_s: float) -> bool:
        """Whether no message arrives for this time."""
        self._socket.settimeout(for_s)
        try:
            self.next()
        except TimeoutError:
            return True
        finally:
            self._socket.settimeout(60)
        return False
