"""Errors as problem details (RFC 9457), for people and programs."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from station.errors import DatabaseError
from station.i18n.catalogues import language

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

MEDIA_TYPE = "application/problem+json"


class Problem(msgspec.Struct, frozen=True):
    """What is wrong with a request, or with the station (RFC 9457)."""

    type: str
    """``about:blank``: programs need only the status."""
    title: str
    """The status in words."""
    status: int
    detail: str
    """What is wrong, with which value, and what to do."""


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """An error response."""
    body = Problem("about:blank", HTTPStatus(status).phrase, status, detail)
    return Response(msgspec.json.encode(body), status, headers, MEDIA_TYPE)


async def _of_http(request: Request, error: Any) -> Response:
    return problem(error.status_code, _translated(request, str(error.detail)), error.headers)


def _translated(request: Request, detail: str) -> str:
    """Messages for workers in the requested language; the others, for programmers, stay English."""
    return language(request.query_params.get("language", "")).sentence(detail)


async def _of_routing(request: Request, error: Any) -> Response:
    """Add details to Starlette's own errors, which only have the status in words."""
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (error.headers or {}).get("Allow", "")
        detail = f"{request.method} is not allowed here; allowed: {allowed}"
        return problem(405, detail, error.headers)
    if error.detail == HTTPStatus.NOT_FOUND.phrase:
        return problem(404, "this path does not exist; GET /openapi.json lists all paths")
    return await _of_http(request, error)


async def _of_database(request: Request, error: Exception) -> Response:
    return problem(503, _translated(request, str(error)), {"Retry-After": "1"})


async def _of_disconnect(_request: Request, _error: Exception) -> Response:
    """The client is gone, so nobody reads this."""
    return problem(400, "the connection was closed")


async def _of_bug(_request: Request, _error: Exception) -> Response:
    return problem(500, "internal error; see the station's log")


HANDLERS: dict[Any, Any] = {
    HTTPException: _of_routing,
    DatabaseError: _of_database,
    ClientDisconnect: _of_disconnect,
    Exception: _of_bug,
}
"""For Starlette: exception -> handler."""
