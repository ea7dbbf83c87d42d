"""QEMU's own control channel (QMP): one command after the other, events ignored."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.lab.channel import GuestError

if TYPE_CHECKING:
    import socket


class Monitor:
    """Takes over a connected socket."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._file = connection.makefile("rwb")

    def greet(self) -> None:
        """Wait for QEMU and leave its negotiation mode."""
        self._next()
        self.execute("qmp_capabilities")

    def execute(self, command: str, **arguments: Any) -> Any:
        """A command's result; Python's ``_`` stands for QMP's ``-`` in the arguments' names.

        Raises:
            GuestError: QEMU refuses it, or has ended.
        """
        named = {name.replace("_", "-"): value for name, value in arguments.items()}
        self._file.write(json.dumps({"execute": command, "arguments": named}).encode() + b"\n")
        self._file.flush()
        while True:
            message = self._next()
            if "return" in message:
                return message["return"]
            if "error" in message:
                raise GuestError(f"{command}: {message['error']['desc']}")

    def _next(self) -> dict[str, Any]:
        line = self._file.readline()
        if not line:
            raise GuestError("QEMU has ended")
        message: dict[str, Any] = json.loads(line)
        return message

    def close(self) -> None:
        self._file.close()
        self._connection.close()
