"""The HTTP server, in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import TYPE_CHECKING

import uvicorn

from station.errors import StationError

if TYPE_CHECKING:
    from station.web.app import Web

STOP_S = 2
"""How long a request may still take when the server stops."""
CONNECTIONS = 100


class _Server(uvicorn.Server):
    """uvicorn without its clock: it would wake up ten times a second to look whether it should stop."""

    def __init__(self, config: uvicorn.Config, closing: asyncio.Event) -> None:
        super().__init__(config)
        self._closing = closing

    async def main_loop(self) -> None:
        """Serve until told to stop."""
        await self.on_tick(0)
        await self._closing.wait()


class WebServer:
    """Serves `web` on a loopback address (``127.0.0.1:8321``; port 0: any that is free)."""

    def __init__(self, web: Web, listen: str) -> None:
        self.url = ""
        """Where it can be reached, once it is started."""
        self._web = web
        self._listen = listen
        self._loop: asyncio.AbstractEventLoop | None = None
        self._started = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> str:
        """Bind the address and serve; returns the URL.

        Raises:
            StationError: the address can't be had.
        """
        bound = self._bind()
        host, port = bound.getsockname()[:2]
        self.url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        self._thread = threading.Thread(target=self._run, args=(bound,), name="web", daemon=True)
        self._thread.start()
        self._started.wait()
        return self.url

    def stop(self) -> None:
        """Answer what is held, then end; stopping twice does nothing."""
        if self._thread is None or self._loop is None:
            return
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._web.closing.set)
            self._thread.join()
        self._thread = None

    def _bind(self) -> socket.socket:
        host, _, port = self._listen.rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind((host, int(port)))
        except (OSError, OverflowError) as error:
            bound.close()
            reason = error.strerror if isinstance(error, OSError) else "there is no such port"
            raise StationError(
                f'display.listen = "{self._listen}": can\'t be listened on: {reason}; choose another port',
            ) from error
        return bound

    def _run(self, bound: socket.socket) -> None:
        config = uvicorn.Config(
            self._web.app(),
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            loop="asyncio",
            http="h11",
            date_header=False,
            server_header=False,
            limit_concurrency=CONNECTIONS,
            timeout_graceful_shutdown=STOP_S,
        )
        asyncio.run(self._serve(config, bound))

    async def _serve(self, config: uvicorn.Config, bound: socket.socket) -> None:
        self._loop = asyncio.get_running_loop()
        server = _Server(config, self._web.closing)
        serving = asyncio.ensure_future(server.serve(sockets=[bound]))
        # The socket isn't listened on before: a first request would be refused.
        while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn offers no event
            await asyncio.sleep(0)
        self._started.set()
        await serving
