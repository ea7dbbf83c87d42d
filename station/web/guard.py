"""Protects the station from foreign web pages: only programs and its own pages may send requests.

Any page can make a browser send requests here. The ``Origin`` and ``Sec-Fetch-Site`` headers reveal such a
page, and the ``Host`` header reveals a name that was pointed here (DNS rebinding).
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders

from station.i18n.catalogues import ENGLISH
from station.web.page import read_page
from station.web.problems import problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEAD_BYTES = 16 * 1024
"""The limit for a request's first line and headers together."""

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "media-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""A response that needs another value sets it itself."""

_LOOPBACK = re.compile(r"(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)
_CLOSE = {"Connection": "close"}
_OWN_SITES = {"same-origin", "none"}
"""``none``: typed by a person into the address bar."""


class SecurityHeaders:
    """Adds `SECURITY_HEADERS` to every response, including those to internal errors."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and return the response with the headers."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def is_loopback(host: str) -> bool:
    """Whether a ``Host`` header, with or without a port, names this machine and nothing else."""
    return _LOOPBACK.fullmatch(host) is not None


def is_address(host: str) -> bool:
    """Whether a host is an IP address, which no name server can redirect."""
    bare = re.sub(r":[0-9]{1,5}$", "", host) if not host.endswith("]") else host
    try:
        ip_address(bare[1:-1] if bare.startswith("[") and bare.endswith("]") else bare)
    except ValueError:
        return False
    return ":" not in bare or bare.startswith("[")


def _is_too_long(scope: Scope) -> bool:
    """Whether the head is too long; h11 doesn't check a head that arrives in one read."""
    head = len(scope["raw_path"]) + len(scope["query_string"])
    return head + sum(len(name) + len(value) for name, value in scope["headers"]) > HEAD_BYTES


class Guard:
    """Refuses requests that are not addressed to this station, or come from a foreign page."""

    def __init__(self, app: ASGIApp, facing: Facing, *, is_open: bool = False) -> None:
        """`facing`: has the station's host names; `is_open`: other machines may use its IP address."""
        self._app = app
        self._facing = facing
        self._is_open = is_open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the request, or pass it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        # Close refused connections: an attacker's page must not hold any.
        elif _is_too_long(scope):
            answer = problem(431, f"the headers are longer than {HEAD_BYTES} bytes", _CLOSE)
            await answer(scope, receive, send)
        elif reason := self._refusal(scope):
            await problem(403, reason, _CLOSE)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> str:
        headers = Headers(scope=scope)
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if len(hosts) != 1 or not self._is_ours(hosts[0]):
            names = ", ".join(["a loopback name, like 127.0.0.1", *sorted(self._facing.host_names)])
            return f"the Host header must be {names}; display.host_names adds names"
        own = f"{scope['scheme']}://{hosts[0].lower()}"
        if any(origin.lower() != own for origin in origins) or self._is_foreign(scope, headers):
            return "requests from other web pages are not accepted"
        return ""

    def _is_ours(self, host: str) -> bool:
        name = re.sub(r":[0-9]{1,5}$", "", host).lower()
        return is_loopback(host) or name in self._facing.host_names or (self._is_open and is_address(host))

    @staticmethod
    def _is_foreign(scope: Scope, headers: Headers) -> bool:
        """Whether the request comes from another site's page; following a link to our page is allowed."""
        if headers.get("sec-fetch-site", "none") in _OWN_SITES:
            return False
        is_link = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
        return not (is_link and scope["method"] == "GET" and not scope["path"].startswith("/api/"))


class Facing:
    """The station's page, and the host names by which it may be addressed."""

    def __init__(self, language: str = ENGLISH, host_names: Iterable[str] = ()) -> None:
        """Read the page; `host_names`: in addition to the machine's own addresses."""
        self.page = read_page(language)
        """Replaced by another object only when the content changes."""
        self.host_names = frozenset(name.lower() for name in host_names)

    def become(self, other: Facing) -> None:
        """Take the values of `other`; called from another thread than the one that serves."""
        self.host_names = other.host_names
        if other.page != self.page:
            self.page = other.page
