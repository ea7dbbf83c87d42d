"""Descriptions of HTTP endpoints, from which routes, checks and the OpenAPI description are derived."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import msgspec
from starlette.convertors import Convertor, register_url_convertor
from starlette.responses import Response
from starlette.routing import Route

from station.web.requests import BODY_BYTES, Nothing, decode_headers, decode_query, read_body

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Mapping

    from starlette.requests import Request

    from station.web.access import Client
    from station.web.tokens import Scope

Method = Literal["GET", "POST", "PUT"]
JSON = "application/json"
DISPLAY: frozenset[Scope] = frozenset({"display"})
DOCUMENTS: frozenset[Scope] = frozenset({"documents"})
ADMIN: frozenset[Scope] = frozenset({"admin"})

PROBLEMS = {
    400: "The query or a header is invalid.",
    403: "The token lacks the scope, or the request comes from another web page or names another host.",
    500: "Internal error.",
    503: "The database is temporarily unavailable, or there are too many requests at once.",
}
PROBLEMS_OF_BODIES = {
    400: "The body is not valid JSON, or the query or a header is invalid.",
    408: "The body took too long to arrive.",
    413: "The body is too long.",
    415: "The content type is not application/json.",
    422: "The body does not match the schema.",
    429: "Too many posts.",
}

Q = TypeVar("Q")
H = TypeVar("H")
B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Call(Generic[Q, H, B]):
    """One request, checked and decoded."""

    request: Request
    client: Client
    query: Q
    headers: H
    body: B

    @property
    def path(self) -> Mapping[str, str]:
        """The values of the path's parameters."""
        return self.request.path_params


@dataclass(frozen=True, slots=True)
class DescribedResponse:
    """One successful response: its meaning, and the type behind each media type."""

    description: str
    content: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of a path. The docstring of `serve` is its description."""

    method: Method
    path: str
    """``{name}`` is a parameter; its value may contain slashes."""
    serve: Callable[[Call[Any, Any, Any]], Awaitable[Response]]
    answers: Mapping[int, DescribedResponse]
    scopes: frozenset[Scope] | None
    """The token needs one of these, or ``admin``; None: no token is needed."""
    query: type[msgspec.Struct] = Nothing
    headers: type[msgspec.Struct] = Nothing
    body: type[msgspec.Struct] | None = None
    body_bytes: int = BODY_BYTES
    """A longer body is refused."""
    problems: Mapping[int, str] = field(default_factory=dict)
    """Status -> cause, in addition to those that all endpoints have."""

    @property
    def all_problems(self) -> Mapping[int, str]:
        """All error responses: status -> cause."""
        of_token = {} if self.scopes is None else {401: "The token is missing or unknown."}
        of_body = {} if self.body is None else PROBLEMS_OF_BODIES
        return dict(sorted((PROBLEMS | of_token | of_body | dict(self.problems)).items()))

    def __post_init__(self) -> None:
        # msgspec analyses a type at its first use, and that is not thread-safe: do it here.
        for shape in (self.query, self.headers, self.body):
            if shape is not None:
                msgspec.json.Decoder(shape)

    async def __call__(self, request: Request, client: Client) -> Response:
        """Check the request and serve it."""
        query = decode_query(request, self.query)
        headers = decode_headers(request, self.headers)
        body = None if self.body is None else await read_body(request, self.body, self.body_bytes)
        return await self.serve(Call(request, client, query, headers, body))


Admit = Callable[["Request", Endpoint], "Client"]
"""Returns the client of a request; raises HTTPException if it may not use the endpoint."""


def routes(endpoints: Iterable[Endpoint], admit: Admit) -> list[Route]:
    """One route for each path with all its methods, so that a 405 can list them all."""
    by_path: dict[str, dict[str, Endpoint]] = {}
    for endpoint in endpoints:
        by_path.setdefault(endpoint.path, {})[endpoint.method] = endpoint
    return [_route(path, methods, admit) for path, methods in by_path.items()]


def _route(path: str, methods: dict[str, Endpoint], admit: Admit) -> Route:
    async def serve(request: Request) -> Response:
        endpoint = methods["GET" if request.method == "HEAD" else request.method]
        return await endpoint(request, admit(request, endpoint))

    return Route(path.replace("}", ":anything}"), serve, methods=list(methods))


class _Anything(Convertor[str]):
    """A path parameter that may contain slashes, and even line ends."""

    regex = "(?s:.*)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("anything", _Anything())


def json_answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A response with a value as JSON."""
    return Response(msgspec.json.encode(value), status, headers, JSON)
