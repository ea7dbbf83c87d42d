"""What may be posted: bodies of bounded size and strict shape, and their way to the desk and back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, TypeVar

import anyio
import msgspec
from anyio import to_thread
from starlette.exceptions import HTTPException

from station.display.messages import answer
from station.entries import TEXT_CHARACTERS

if TYPE_CHECKING:
    from starlette.requests import Request

    from station.display.state import Answer
    from station.entries import Entry, Inbox, Outcome

BODY_BYTES = 64 * 1024
BODY_WAIT_S = 10.0
"""How long a body may take to arrive: one that never does must not hold a connection."""
OUTCOME_WAIT_S = 30.0
POSTING_THREADS = 8
"""Posts that may wait for room in the queue at once; threads for reading stay free."""

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_CHARACTERS)]
SymbologyIdentifier = Annotated[str, msgspec.Meta(max_length=3, pattern=r"^\][A-Za-z][0-9A-Za-z]$")]
ScannerName = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class Posted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What every post may say."""

    scanner: ScannerName = "display"


class PostedScan(Posted, frozen=True, kw_only=True):
    """``POST /api/v1/scans``: a label's text."""

    text: Text
    symbology_identifier: SymbologyIdentifier | None = None


class PostedCommand(Posted, frozen=True, kw_only=True):
    """``POST /api/v1/commands``: a command without its prefix."""

    command: Text


B = TypeVar("B", bound=Posted)


async def read_body(request: Request, shape: type[B]) -> B:
    """The body of a post.

    Raises:
        HTTPException: it is too big, too slow, or not of this shape.
    """
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        raise HTTPException(415, "the content type must be application/json")
    try:
        with anyio.fail_after(BODY_WAIT_S):
            body = await _bounded(request)
    except TimeoutError as error:
        raise HTTPException(408, f"the body took longer than {BODY_WAIT_S:.0f} s") from error
    return _decoded(body, shape)


async def _bounded(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES:
            raise HTTPException(413, f"the body is longer than {BODY_BYTES} bytes")
    return bytes(body)


def _decoded(body: bytes, shape: type[B]) -> B:
    try:
        posted = msgspec.json.decode(body, type=shape)  # noqa: TID251 - the web has one thread for it
    except msgspec.ValidationError as error:
        raise HTTPException(422, str(error).replace("`", "")) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise HTTPException(400, f"the body is no JSON: {error}") from error
    if not posted.scanner.isprintable():
        raise HTTPException(422, "scanner must have printable characters only")
    return posted


class Posting:
    """Puts entries into the queue and waits for what becomes of them."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._threads = anyio.CapacityLimiter(POSTING_THREADS)

    async def post(self, entry: Entry) -> Answer:
        """Queue an entry; answers after the commit.

        Raises:
            HTTPException: no answer came in time; whether the entry was booked is not known.
        """
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[Outcome] = loop.create_future()

        def settle(value: Outcome) -> None:
            if not outcome.done():
                outcome.set_result(value)

        def done(value: Outcome) -> None:
            # In the desk's thread. The loop is closed when the station is stopping: nobody waits any more.
            if not loop.is_closed():
                loop.call_soon_threadsafe(settle, value)

        try:
            with anyio.fail_after(OUTCOME_WAIT_S):
                await to_thread.run_sync(
                    self._inbox.post,
                    entry,
                    done,
                    limiter=self._threads,
                    abandon_on_cancel=True,
                )
                return answer(await outcome)
        except TimeoutError as error:
            raise HTTPException(
                504,
                f"no answer within {OUTCOME_WAIT_S:.0f} s; look at the history whether it was booked",
            ) from error
