"""The OpenAPI 3.1.0 description of the interface, generated from the same endpoints as the routes.

Schemas are JSON Schema as msgspec derives it from the types of requests and responses; texts are the
docstrings.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from functools import partial
from http import HTTPStatus
from importlib.metadata import version
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec
from anyio import to_thread

from station.web.endpoints import JSON, Call, DescribedResponse, Endpoint, json_answer
from station.web.problems import MEDIA_TYPE, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from starlette.responses import Response


def structs_in(types: Iterable[Any]) -> set[type[msgspec.Struct]]:
    """All structs that occur in these types."""
    found: set[type[msgspec.Struct]] = set()
    waiting = list(msgspec.inspect.multi_type_info(types))
    while waiting:
        each = waiting.pop()
        if isinstance(each, msgspec.inspect.StructType):
            if each.cls in found:
                continue
            found.add(each.cls)
            waiting += [field.type for field in each.fields]
        else:
            waiting += _inside(each)
    return found


def _inside(each: Any) -> Iterator[Any]:
    for name in ("type", "item_type", "key_type", "value_type"):
        if hasattr(each, name):
            yield getattr(each, name)
    for name in ("types", "item_types"):
        yield from getattr(each, name, ())


def field_docs(struct: type[msgspec.Struct]) -> dict[str, str]:
    """Field -> its docstring, including inherited fields."""
    docs: dict[str, str] = {}
    for base in reversed(struct.__mro__):
        if issubclass(base, msgspec.Struct) and base is not msgspec.Struct:
            (defined,) = ast.parse(textwrap.dedent(inspect.getsource(base))).body
            docs |= dict(_documented(defined))
    return docs


def _documented(defined: Any) -> Iterator[tuple[str, str]]:
    for node, below in pairwise(defined.body):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            match below:
                case ast.Expr(value=ast.Constant(value=str(text))):
                    yield node.target.id, " ".join(text.split())


_TOKENS = "Create one with scanstation token create, for the scopes display, documents, metrics or admin."
_REFERENCE = "#/components/schemas/{name}"


def describe(endpoints: Iterable[Endpoint], version: str, *, needs_token: bool) -> dict[str, Any]:
    """The description as a value for JSON; `version` is the program's."""
    listed = list(endpoints)
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in listed:
        operation = _operation(endpoint)
        if needs_token and endpoint.scopes is not None:
            operation["security"] = [{"token": [scope]} for scope in sorted(endpoint.scopes | {"admin"})]
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "scanstation",
            "version": version,
            "description": "One scanning station: what is posted is processed like a scan.",
        },
        "paths": paths,
        "components": {
            "schemas": _components(listed),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": _TOKENS}},
        },
    }


def _components(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    types: list[Any] = [Problem]
    for endpoint in endpoints:
        types += [shape for answer in endpoint.answers.values() for shape in answer.content.values()]
        types += [endpoint.body] if endpoint.body is not None else []
    _, components = msgspec.json.schema_components(types, ref_template=_REFERENCE)
    for struct in structs_in(types):
        names = dict(zip(struct.__struct_fields__, struct.__struct_encode_fields__, strict=True))
        for field, text in field_docs(struct).items():
            components[struct.__name__]["properties"][names[field]]["description"] = text
    return components


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    summary, _, rest = (inspect.getdoc(endpoint.serve) or "").partition("\n\n")
    operation: dict[str, Any] = {
        "operationId": endpoint.serve.__name__,
        "summary": " ".join(summary.split()).rstrip("."),
        "description": " ".join(rest.split()),
        "parameters": [
            *_path_parameters(endpoint.path),
            *_parameters(endpoint.query, "query"),
            *_parameters(endpoint.headers, "header"),
        ],
        "responses": {
            **{str(status): _answer(answer) for status, answer in endpoint.answers.items()},
            **{str(status): _problem(status, when) for status, when in endpoint.all_problems.items()},
        },
    }
    if endpoint.body is not None:
        content = {"application/json": {"schema": _schema(endpoint.body)}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _path_parameters(path: str) -> list[dict[str, Any]]:
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    # Clients remove dot segments from a path before they send it.
    shape = {"type": "string", "minLength": 1, "not": {"enum": [".", ".."]}}
    return [{"name": name, "in": "path", "required": True, "schema": shape} for name in names]


def _parameters(shape: type[msgspec.Struct], place: str) -> list[dict[str, Any]]:
    (_,), components = msgspec.json.schema_components([shape], ref_template=_REFERENCE)
    described, docs = components[shape.__name__], field_docs(shape)
    return [
        {
            "name": name,
            "in": place,
            "required": name in described["required"],
            "description": docs.get(field, ""),
            "schema": _without_null(described["properties"][name]),
        }
        for field, name in zip(shape.__struct_fields__, shape.__struct_encode_fields__, strict=True)
    ]


def _without_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema without null, which only the program uses, for a parameter that is left out."""
    kept = {key: value for key, value in schema.items() if not (key == "default" and value is None)}
    if "anyOf" in kept:
        (kept,) = [each for each in kept["anyOf"] if each != {"type": "null"}]
    return kept


def _answer(answer: DescribedResponse) -> dict[str, Any]:
    described: dict[str, Any] = {
        "description": answer.description,
        "content": {kind: {"schema": _schema(shape)} for kind, shape in answer.content.items()},
    }
    if answer.headers:
        described["headers"] = {
            name: {"description": text, "schema": {"type": "string"}} for name, text in answer.headers.items()
        }
    return described


def _problem(status: int, when: str) -> dict[str, Any]:
    return {
        "description": when or HTTPStatus(status).phrase,
        "content": {MEDIA_TYPE: {"schema": _schema(Problem)}},
    }


def _schema(shape: Any) -> dict[str, Any]:
    (schema,), _ = msgspec.json.schema_components([shape], ref_template=_REFERENCE)
    return schema


class Description:
    """Serves the description of all endpoints, including its own."""

    def __init__(self, others: Sequence[Endpoint], *, needs_token: bool) -> None:
        self._others = others
        self._needs_token = needs_token
        self._described: dict[str, Any] | None = None

    def endpoints(self) -> list[Endpoint]:
        """Its endpoints."""
        answer = DescribedResponse("The description.", {JSON: dict[str, Any]})
        return [Endpoint("GET", "/openapi.json", self.openapi, {200: answer}, None)]

    async def openapi(self, _call: Call[object, object, None]) -> Response:
        """This description (OpenAPI 3.1)."""
        if self._described is None:
            # Generated on demand: it takes a moment, and most stations never need it.
            endpoints = [*self._others, *self.endpoints()]
            self._described = await to_thread.run_sync(
                partial(describe, endpoints, version("scanstation"), needs_token=self._needs_token)
            )
        return json_answer(self._described)
