"""The command channel to a guest: JSON lines to its agent (``guest/agent.py``), many requests at once."""

from __future__ import annotations

import base64
import itertools
import json
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket

HANG_S = 600
"""Longer than anything takes in the guest; only a hang meets it."""


class GuestError(Exception):
    """Something failed in the guest, or the guest itself."""


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended in the guest."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[Any]:
        """Standard output as JSON, one value a line."""
        return [json.loads(line) for line in self.out.splitlines()]


class Channel:
    """Takes over a connected socket."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)
        self._waiting: dict[int, Future[Any]] = {}
        self._lock = threading.Lock()
        self.hello: Future[str] = Future()
        """The guest's kernel, once its agent has started; never in a guest that was restored."""
        self._reader = threading.Thread(target=self._read, name="lab channel", daemon=True)
        self._reader.start()

    def ask(self, operation: str, **arguments: Any) -> Future[Any]:
        """Begin an operation; the result comes later.

        The future raises `GuestError` when the operation fails.
        """
        answer: Future[Any] = Future()
        with self._lock:
            number = next(self._numbers)
            self._waiting[number] = answer
            request = {"id": number, "operation": operation, "arguments": arguments}
            self._connection.sendall(json.dumps(request).encode() + b"\n")
        return answer

    def do(self, operation: str, **arguments: Any) -> Any:
        """An operation's result.

        Raises:
            GuestError: it failed.
        """
        return self.ask(operation, **arguments).result(HANG_S)

    def begin(self, command: str, timeout_s: float = HANG_S) -> Future[Any]:
        """Begin a shell command; the result is what `done` takes."""
        return self.ask("run", command=command, timeout_s=timeout_s)

    def run(self, command: str, *, code: int | None = 0) -> Done:
        """Run a shell command to its end, as root.

        Args:
            command: For bash.
            code: The exit status it must have; None: any.

        Raises:
            GuestError: it ended with another.
        """
        result = done(self.begin(command))
        if code is not None and result.code != code:
            raise GuestError(f"{command}: exit {result.code}\n{result.out}{result.err}")
        return result

    def put(self, path: str, data: bytes | str, mode: int = 0o644) -> None:
        """Write a file."""
        content = data.encode() if isinstance(data, str) else data
        self.do("put", path=path, data=base64.b64encode(content).decode(), mode=mode)

    def get(self, path: str, offset: int = 0) -> bytes:
        """A file's content from a byte on; one that isn't there is empty."""
        return base64.b64decode(self.do("get", path=path, offset=offset))

    def close(self) -> None:
        """Let go of the guest, which has ended."""
        self._reader.join()
        self._connection.close()

    def _read(self) -> None:
        with self._connection.makefile("rb") as lines:
            for line in lines:
                self._take(json.loads(line))
        ended = GuestError("the guest has ended")
        for future in (self.hello, *self._waiting.values()):
            if not future.done():
                future.set_exception(ended)

    def _take(self, message: dict[str, Any]) -> None:
        if "hello" in message:
            self.hello.set_result(message["hello"])
            return
        answer = self._waiting.pop(message["id"])
        if "error" in message:
            answer.set_exception(GuestError(message["error"]))
        else:
            answer.set_result(message["result"])


def done(answer: Future[Any], patience_s: float = HANG_S) -> Done:
    """How a command that was begun has ended; waits for it."""
    return Done(**answer.result(patience_s))
