"""Decodes a request's query, headers and body strictly: a mistyped filter is reported, not ignored."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar
from urllib.parse import parse_qsl

import anyio
import msgspec
from starlette.exceptions import HTTPException

from station.config.settings import LanguageCode
from station.worker.entries import TEXT_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request


S = TypeVar("S", bound=msgspec.Struct)

PARAMETERS = 20

# A database accepts no NUL in a text.
Text = Annotated[str, msgspec.Meta(max_length=TEXT_CHARACTERS, pattern=r"^[^\x00]*$")]
Whole = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]

_WORDS: dict[str, Any] = {
    # A parameter is left out, never null; and in a query everything is text.
    " | null": "",
    ", got str": "",
    "Expected int": "must be a whole number",
    "Expected str": "must be text",
    "Expected ": "must be ",
    "Object contains unknown field": "there is an unknown field",
    "Object missing required field": "there must be a field",
    "Invalid enum value": "can't be",
    ", got ": ", not ",
}
BODY_BYTES = 64 * 1024
"""The default limit of an endpoint."""
BODY_WAIT_S = 10.0
"""How long a body may take to arrive, so that it doesn't hold a connection forever."""
DRAIN_WAIT_S = 1.0
DRAINED_BYTES = 8 * 1024 * 1024
"""How long, and how much of, a body that is too long is read and discarded."""
_CLOSE = {"Connection": "close"}
"""The rest of the body must not be read as the next request."""


class Nothing(msgspec.Struct, frozen=True):
    """No parameters."""


class LanguageQuery(msgspec.Struct, frozen=True):
    """The language of the answer."""

    language: LanguageCode = "en"
    """Of sentences for workers: reasons, questions, notices. Words for programs are never translated."""


def decode_query(request: Request, shape: type[S]) -> S:
    """The query's parameters; an empty one counts as left out.

    Raises:
        HTTPException: a parameter is unknown, occurs twice or has an invalid value.
    """
    raw = request.scope["query_string"].decode("latin-1")
    try:
        pairs = parse_qsl(raw, keep_blank_values=True, errors="strict", max_num_fields=PARAMETERS)
    except UnicodeDecodeError as error:
        raise HTTPException(400, "the query is not valid UTF-8") from error
    except ValueError as error:
        raise HTTPException(400, f"the query has more than {PARAMETERS} parameters") from error
    known = _names(shape)
    given: dict[str, str] = {}
    for name, value in pairs:
        if name not in known:
            allowed = f"allowed: {', '.join(known)}" if known else "there are none"
            raise HTTPException(400, f'"{name[:64]}" is not a parameter of this path; {allowed}')
        if name in given:
            raise HTTPException(400, f"{name} is given twice")
        given[name] = value
    return _converted(shape, {name: value for name, value in given.items() if value})


def decode_headers(request: Request, shape: type[S]) -> S:
    """The headers that this endpoint reads.

    Raises:
        HTTPException: a header occurs twice or has an invalid value.
    """
    given: dict[str, str] = {}
    for name in _names(shape):
        values = request.headers.getlist(name)
        if len(values) > 1:
            raise HTTPException(400, f"{name} is given twice")
        if values and values[0]:
            given[name] = values[0]
    return _converted(shape, given)


def _names(shape: type[msgspec.Struct]) -> tuple[str, ...]:
    return shape.__struct_encode_fields__


def _converted(shape: type[S], given: dict[str, str]) -> S:
    try:
        return msgspec.convert(given, shape, strict=False)  # noqa: TID251 - its endpoint has analysed the type
    except msgspec.ValidationError as error:
        raise HTTPException(400, sentence(error)) from error


def sentence(error: msgspec.ValidationError) -> str:
    """The library's message with the field in front: ``limit must be a whole number <= 1000``."""
    message, _, path = str(error).replace("`", "").partition(" - at $")
    for word, plain in _WORDS.items():
        message = message.replace(word, plain)
    return f"{path.lstrip('.')} {message}" if path else message


async def read_body(request: Request, shape: type[S], most_bytes: int) -> S:
    """The body as a value.

    Raises:
        HTTPException: it is too long, too slow, or does not match `shape`.
    """
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    # This also keeps out forms of other pages, which can't send this type.
    if content_type != "application/json":
        raise HTTPException(415, "the content type must be application/json")
    body = await bounded(request, most_bytes)
    try:
        value: S = _decoder(shape).decode(body)
    except msgspec.ValidationError as error:
        raise HTTPException(422, sentence(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise HTTPException(400, f"the body is not valid JSON: {error}") from error
    return value


async def bounded(request: Request, most_bytes: int) -> bytes:
    """The raw body.

    Raises:
        HTTPException: it is too long or too slow.
    """
    announced = request.headers.get("content-length", "")
    body = bytearray()
    stream = request.stream()
    try:
        with anyio.fail_after(BODY_WAIT_S):
            if announced.isdecimal() and int(announced) > most_bytes:
                await _refuse(request, stream, most_bytes)
            async for chunk in stream:
                body += chunk
                if len(body) > most_bytes:
                    await _refuse(request, stream, most_bytes)
    except TimeoutError as error:
        raise HTTPException(408, f"the body took longer than {BODY_WAIT_S:.0f} s", _CLOSE) from error
    return bytes(body)


async def _refuse(request: Request, stream: AsyncIterator[bytes], most_bytes: int) -> NoReturn:
    """Refuse a body that is too long, after reading on a while: a client that still sends reads no answer.

    Raises:
        HTTPException: always.
    """
    if "expect" not in request.headers:
        left = DRAINED_BYTES
        with anyio.move_on_after(DRAIN_WAIT_S):
            async for chunk in stream:
                left -= len(chunk)
                if left < 0:
                    break
    raise HTTPException(413, f"the body is longer than {most_bytes} bytes", _CLOSE)


@lru_cache(64)
def _decoder(shape: type[Any]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(shape)
