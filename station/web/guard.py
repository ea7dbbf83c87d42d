"""What may reach the station over HTTP: programs of this machine, never a web page of somebody else's.

A browser on this machine can be made to send requests here by any page it shows. The page's own ``Origin``
and, when a name was made to point here (DNS rebinding), the ``Host`` give it away. Errors are problem
details (RFC 9457).
"""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


_LOOPBACK = re.compile(r"(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)


def problem(status: int, detail: str) -> Response:
    """An error as people and programs can read it."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return Response(
        json.dumps(body, ensure_ascii=False),
        status_code=status,
        media_type="application/problem+json",
    )


def is_loopback(host: str) -> bool:
    """Whether a ``Host`` header, with or without a port, names this machine and nothing else."""
    return _LOOPBACK.fullmatch(host) is not None


class LoopbackOnly:
    """Turns away whatever is not addressed to this machine, or comes from another page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a problem, or hand the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if len(hosts) != 1 or not is_loopback(hosts[0]):
            answer = problem(403, "the Host header must be a loopback name, like 127.0.0.1")
        elif any(origin.lower() != f"http://{hosts[0].lower()}" for origin in origins):
            answer = problem(403, "requests from other web pages are not taken")
        else:
            await self._app(scope, receive, send)
            return
        await answer(scope, receive, send)
