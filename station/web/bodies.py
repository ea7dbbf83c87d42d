"""What is sent in a request's body: of bounded size, in bounded time, of strict shape."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import anyio
import msgspec
from starlette.exceptions import HTTPException

from station.web.asked import sentence

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

S = TypeVar("S", bound=msgspec.Struct)

BODY_BYTES = 64 * 1024
"""As far as an endpoint says nothing else."""
BODY_WAIT_S = 10.0
"""How long a body may take to arrive: one that never does must not hold a connection."""
DRAIN_WAIT_S = 1.0
DRAINED_BYTES = 8 * 1024 * 1024
"""How long, and how much of a body that is too long, is read and thrown away."""


async def read_body(request: Request, shape: type[S], most_bytes: int) -> S:
    """The body as a value.

    Raises:
        HTTPException: it is too big, too slow, or not of this shape.
    """
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    # Also what keeps a form of another page out: a form can't send this one.
    if content_type != "application/json":
        raise HTTPException(415, "the content type must be application/json")
    body = await bounded(request, most_bytes)
    try:
        value: S = _decoder(shape).decode(body)
    except msgspec.ValidationError as error:
        raise HTTPException(422, sentence(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise HTTPException(400, f"the body is no JSON: {error}") from error
    return value


async def bounded(request: Request, most_bytes: int) -> bytes:
    """The body as it came.

    Raises:
        HTTPException: it is too big or too slow.
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


_CLOSE = {"Connection": "close"}
"""What is left of the body must not be read as a next request."""


async def _refuse(request: Request, stream: AsyncIterator[bytes], most_bytes: int) -> NoReturn:
    """A body that is too long is let come a while: who still sends it would not read the answer.

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
