"""The HTTP server, in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from typing import TYPE_CHECKING

import uvicorn

from station.config.credentials import credential
from station.errors import ConfigError, StationError
from station.web.guard import HEAD_BYTES
from station.web.protocol import HEAD_WAIT_S, BoundedProtocol, ListeningSocket, LoopTroubles

if TYPE_CHECKING:
    from station.config.settings import DisplaySettings
    from station.web.app import Web

STOP_S = 2
"""How long requests may still take when the server stops."""
GONE_MS = 30_000
"""How long a client may leave sent data unacknowledged before its connection is dropped."""
SILENT_S = 60
"""How long a connection may be silent before TCP probes it."""


def server_context(display: DisplaySettings) -> ssl.SSLContext | None:
    """A context with the configured certificate, read from its files now; None: none is configured.

    Raises:
        ConfigError: the files can't be used.
    """
    if not display.certificate:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    _load(context, display)
    return context


class RenewableContext:
    """A server's context whose certificate can be replaced while it serves."""

    def __init__(self, first: ssl.SSLContext) -> None:
        self._now = first
        self.context = first
        """For the listening socket."""
        # Called at the beginning of each handshake, even if the client names no server.
        first.sni_callback = self._choose

    def become(self, context: ssl.SSLContext) -> None:
        """Use this context's certificate for new connections."""
        self._now = context

    def _choose(self, connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        connection.context = self._now


def _load(context: ssl.SSLContext, display: DisplaySettings) -> None:
    """Load the configured certificate into a context.

    Raises:
        ConfigError: the files can't be used.
    """
    keys = f'display.certificate = "{display.certificate}", display.key = "{display.key}"'
    try:
        # Otherwise a password would be asked for at the terminal, and a daemon has none.
        context.load_cert_chain(display.certificate, credential(display.key), password=_no_password)
    except ssl.SSLError as error:
        reason = error.reason or "PEM expected"
        raise ConfigError(
            f"{keys}: must be a certificate and its key without a password: {reason}"
        ) from error
    except OSError as error:
        raise ConfigError(
            f"{keys}: can't be read: {error.strerror}; check the files and their permissions"
        ) from error


def _no_password() -> str:
    return ""


class _Server(uvicorn.Server):
    """uvicorn without its timer, which would wake up ten times a second to check whether to stop."""

    def __init__(self, config: uvicorn.Config, closing: asyncio.Event) -> None:
        super().__init__(config)
        self.servers: list[asyncio.Server] = []
        self._closing = closing

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen; a silent client times out even during the TLS handshake."""
        loop = asyncio.get_running_loop()
        tls = self.config.ssl
        for each in sockets or ():
            server = await loop.create_server(
                self._protocol, sock=each, ssl=tls, ssl_handshake_timeout=HEAD_WAIT_S if tls else None
            )
            self.servers.append(server)
        self.started = True

    def _protocol(self) -> BoundedProtocol:
        return BoundedProtocol(self.config, self.server_state, {})

    async def main_loop(self) -> None:
        """Serve until told to stop."""
        await self.on_tick(0)
        await self._closing.wait()
        loop = asyncio.get_running_loop()
        for server in self.servers:
            for each in server.sockets:
                loop.remove_reader(each.fileno())
        # A connection accepted just now gets its transport in this round of the loop. If the server were
        # closed by then, it would get none, and nobody would close it.
        await asyncio.sleep(0)


class WebServer:
    """Serves `web` at the configured address (port 0: any free port)."""

    def __init__(self, web: Web, display: DisplaySettings) -> None:
        self.url = ""
        """The address for programs on this machine, once it is started."""
        self._web = web
        self._display = display
        self._tls: RenewableContext | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._started = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> str:
        """Bind the address and serve; returns the URL.

        Raises:
            ConfigError: the certificate or its key can't be used.
            StationError: the address is not available.
        """
        context = server_context(self._display)
        self._tls = RenewableContext(context) if context else None
        bound = self._bind()
        self.url = _url(bound, "https" if self._tls else "http")
        self._thread = threading.Thread(target=self._run, args=(bound,), name="web", daemon=True)
        self._thread.start()
        self._started.wait()
        return self.url

    def renew(self, context: ssl.SSLContext | None) -> None:
        """Use this context's certificate for new connections; None changes nothing."""
        if self._tls is not None and context is not None:
            self._tls.become(context)

    def stop(self) -> None:
        """Answer held requests, then stop; stopping twice does nothing."""
        if self._thread is None or self._loop is None:
            return
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._web.closing.set)
            self._thread.join()
        self._thread = None

    def _bind(self) -> ListeningSocket:
        address = self._display.address()
        bound = ListeningSocket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            # Each connection inherits these.
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, SILENT_S)
            bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, GONE_MS)
            bound.bind(address)
        except OSError as error:
            bound.close()
            raise StationError(
                f'display.listen = "{self._display.listen}": can\'t be listened on: {error.strerror}; '
                "choose another port or address",
            ) from error
        return bound

    def _run(self, bound: ListeningSocket) -> None:
        tls = self._tls
        config = uvicorn.Config(
            self._web.app(),
            log_config=None,
            # Otherwise anybody could fill the log with malformed requests.
            log_level="error",
            access_log=False,
            lifespan="off",
            ws="none",
            loop="asyncio",
            # No client is trusted about where a request comes from.
            proxy_headers=False,
            http=BoundedProtocol,
            h11_max_incomplete_event_size=HEAD_BYTES,
            date_header=False,
            server_header=False,
            timeout_graceful_shutdown=STOP_S,
            ssl_context_factory=(lambda _config, _default: tls.context) if tls else None,
        )
        try:
            asyncio.run(self._serve(config, bound))
        finally:
            bound.close_the_rest()

    async def _serve(self, config: uvicorn.Config, bound: socket.socket) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(LoopTroubles())
        server = _Server(config, self._web.closing)
        serving = asyncio.ensure_future(server.serve(sockets=[bound]))
        # Until then the socket isn't listening, and a first request would be refused.
        while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn offers no event
            await asyncio.sleep(0)
        self._started.set()
        await serving
        for connection in tuple(server.server_state.connections):
            # The client was too slow for the graceful stop; nothing else closes its connection.
            connection.transport.abort()
        await asyncio.sleep(0)


def _url(bound: socket.socket, scheme: str) -> str:
    """The address for programs on this machine, even if the server listens on all addresses."""
    host, port = bound.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
