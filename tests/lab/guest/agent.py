"""The guest's end of the command channel: JSON lines over a virtio-serial port.

``{"id": 1, "operation": "run", "arguments": {…}}`` gives ``{"id": 1, "result": …}`` or
``{"id": 1, "error": "…"}``. Requests run side by side. At its start the agent says ``{"hello": "<kernel>"}``.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from tests.lab.guest import commands, gadgets, sending

if TYPE_CHECKING:
    from collections.abc import Callable

OPERATIONS: dict[str, Callable[..., Any]] = {
    "run": commands.run,
    "put": commands.put,
    "get": commands.get,
    "load": gadgets.load,
    "create": gadgets.create,
    "plug": gadgets.plug,
    "unplug": gadgets.unplug,
    "flap": gadgets.flap,
    "nodes": gadgets.nodes,
    "send_reports": sending.send_reports,
    "exchange": sending.exchange,
}


class Agent:
    """Serves requests until the guest ends."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._sending = threading.Lock()

    def serve(self) -> None:
        self._send({"hello": os.uname().release})
        pending = b""
        while True:
            chunk = os.read(self._fd, 65_536)
            if not chunk:
                # Nobody is at the other end of the port: reading doesn't wait then.
                time.sleep(0.05)
                continue
            *lines, pending = (pending + chunk).split(b"\n")
            for line in lines:
                threading.Thread(target=self._answer, args=(line,), daemon=True).start()

    def _answer(self, line: bytes) -> None:
        request = json.loads(line)
        try:
            result = OPERATIONS[request["operation"]](**request["arguments"])
        except Exception as error:  # noqa: BLE001 - the other end raises it
            self._send({"id": request["id"], "error": repr(error)})
        else:
            self._send({"id": request["id"], "result": result})

    def _send(self, message: dict[str, Any]) -> None:
        data = json.dumps(message).encode() + b"\n"
        with self._sending:
            while data:
                data = data[os.write(self._fd, data) :]


if __name__ == "__main__":
    Agent(os.open(sys.argv[1], os.O_RDWR)).serve()
