"""The one table of what can be asked over HTTP: routes, checks and the description are made of its rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import msgspec
from starlette.convertors import Convertor, register_url_convertor
from starlette.responses import Response
from starlette.routing import Route

from station.web.requests import BODY_BYTES, Nothing, asked_headers, asked_query, read_body

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
    400: "The query or a header is wrong.",
    403: "The token is not for this, or the request comes from another web page or by another name.",
    500: "The station made a mistake.",
    503: "The database can't be used now, or too many ask at once.",
}
PROBLEMS_OF_BODIES = {
    400: "The body is no JSON, or the query or a header is wrong.",
    408: "The body took too long.",
    413: "The body is too long.",
    415: "The content type is not application/json.",
    422: "The body is not of this shape.",
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
    """One good answer: what it is for, and what each media type holds."""

    description: str
    content: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A method of a path. Its description is the docstring of what serves it."""

    method: Method
    path: str
    """With ``{name}`` for a part of it that may hold slashes."""
    serve: Callable[[Call[Any, Any, Any]], Awaitable[Response]]
    answers: Mapping[int, DescribedResponse]
    scopes: frozenset[Scope] | None
    """Those of a token that are good for it; None: it is told to everybody."""
    query: type[msgspec.Struct] = Nothing
    headers: type[msgspec.Struct] = Nothing
    body: type[msgspec.Struct] | None = None
    body_bytes: int = BODY_BYTES
    """A longer body is refused."""
    problems: Mapping[int, str] = field(default_factory=dict)
    """Beside those that everything has; status and when."""

    @property
    def all_problems(self) -> Mapping[int, str]:
        """What else can be answered, by status."""
        of_token = {} if self.scopes is None else {401: "A token is needed, or it is unknown."}
        of_body = {} if self.body is None else PROBLEMS_OF_BODIES
        return dict(sorted((PROBLEMS | of_token | of_body | dict(self.problems)).items()))

    def __post_init__(self) -> None:
        # msgspec works a type out at its first use; here no second thread can come in between.
        for shape in (self.query, self.headers, self.body):
            if shape is not None:
                msgspec.json.Decoder(shape)

    async def __call__(self, request: Request, client: Client) -> Response:
        """Check the request and serve it."""
        query = asked_query(request, self.query)
        headers = asked_headers(request, self.headers)
        body = None if self.body is None else await read_body(request, self.body, self.body_bytes)
        return await self.serve(Call(request, client, query, headers, body))


Admit = Callable[["Request", Endpoint], "Client"]
"""Who asks for an endpoint; raises HTTPException when that is not allowed."""


def routes(endpoints: Iterable[Endpoint], admit: Admit) -> list[Route]:
    """A route for each path, with all its methods: so that a wrong one is told all that there are."""
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
    """A part of a path that may hold slashes, and even line ends."""

    regex = "(?s:.*)"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("anything", _Anything())


def json_answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A value as JSON."""
    return Response(msgspec.json.encode(value), status, headers, JSON)
