"""Errors as people and programs can read them: problem details (RFC 9457)."""

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
    """``about:blank``: the status says all that a program needs."""
    title: str
    """The status in words."""
    status: int
    detail: str
    """What, which value, and what to do."""


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """An error as an answer."""
    body = Problem("about:blank", HTTPStatus(status).phrase, status, detail)
    return Response(msgspec.json.encode(body), status, headers, MEDIA_TYPE)


async def _of_http(request: Request, error: Any) -> Response:
    return problem(error.status_code, _spoken(request, str(error.detail)), error.headers)


def _spoken(request: Request, detail: str) -> str:
    """What workers may read, in the language that was asked for; all the rest is for programmers."""
    return language(request.query_params.get("language", "")).sentence(detail)


async def _of_routing(request: Request, error: Any) -> Response:
    """What Starlette itself finds: it says no more than the status in words."""
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (error.headers or {}).get("Allow", "")
        detail = f"{request.method} is not possible here; allowed: {allowed}"
        return problem(405, detail, error.headers)
    if error.detail == HTTPStatus.NOT_FOUND.phrase:
        return problem(404, "there is nothing under this path; GET /openapi.json tells what there is")
    return await _of_http(request, error)


async def _of_database(request: Request, error: Exception) -> Response:
    return problem(503, _spoken(request, str(error)), {"Retry-After": "1"})


async def _of_nobody(_request: Request, _error: Exception) -> Response:
    """Whoever asked is gone: nobody reads it."""
    return problem(400, "the connection was closed")


async def _of_bug(_request: Request, _error: Exception) -> Response:
    return problem(500, "the station made a mistake; its log says more")


HANDLERS: dict[Any, Any] = {
    HTTPException: _of_routing,
    DatabaseError: _of_database,
    ClientDisconnect: _of_nobody,
    Exception: _of_bug,
}
"""For Starlette: what is raised to what is answered."""
