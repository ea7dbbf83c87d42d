"""The station over HTTP: its state, what is posted to it, history and documents."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from station.display.state import document_head, entry_shown
from station.entries import TEXT_CHARACTERS, Commanded, Scanned
from station.errors import DatabaseError
from station.web.guard import LoopbackOnly, problem
from station.web.posting import PostedCommand, PostedScan, Posting, read_body

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.requests import Request

    from station.display.keeper import StateKeeper
    from station.display.ports import Reader
    from station.entries import Inbox
    from station.events import Source

T = TypeVar("T")

WAIT_S = 30.0
"""The longest that a request for the state is held."""
UNWELL_WAIT_S = 2.0
"""The same while the database can't be read: nothing tells when it is back but reading it."""
EVENT_GAP_S = 0.05
"""Notices of server-sent events come no faster: nobody sees more, and the desk needs the processor."""
KEEP_ALIVE_S = 15.0
ROWS = 200
ROWS_MOST = 1000


@dataclass(frozen=True, slots=True)
class Web:
    """What the routes work with."""

    keeper: StateKeeper
    reader: Reader
    inbox: Inbox
    stamp: Callable[[str, str], Source]
    """Makes a source of a text and the scanner's name."""
    is_ready: Callable[[], bool]
    """Whether scans can be processed now."""
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the server stops: held requests are answered."""

    def app(self) -> Starlette:
        """The ASGI application."""
        posting = Posting(self.inbox)

        async def scans(request: Request) -> Response:
            posted = await read_body(request, PostedScan)
            source = self.stamp(posted.text, posted.scanner)
            read = replace(source, symbology_identifier=posted.symbology_identifier)
            return _json(await posting.post(Scanned(read)))

        async def commands(request: Request) -> Response:
            posted = await read_body(request, PostedCommand)
            return _json(await posting.post(Commanded(self.stamp(posted.command, posted.scanner))))

        return Starlette(
            routes=[
                Route("/api/v1/state", self.state),
                Route("/api/v1/scans", scans, methods=["POST"]),
                Route("/api/v1/commands", commands, methods=["POST"]),
                Route("/api/v1/history", self.history),
                Route("/api/v1/documents", self.documents),
                Route("/api/v1/events", self.events),
                Route("/healthz", self.health),
            ],
            middleware=[Middleware(LoopbackOnly)],
            exception_handlers={
                HTTPException: _http_problem,
                DatabaseError: _database_problem,
                Exception: _bug,
            },
        )

    async def state(self, request: Request) -> Response:
        """The state; with `after`, as soon as it is another than that version, or after `wait` seconds."""
        after = _number(request, "after", 0, 0, 2**63)
        wait_s = _number(request, "wait", 0, 0, int(WAIT_S))
        if after and wait_s:
            await self._changed(after, wait_s if self.keeper.database.ok else UNWELL_WAIT_S)
        return _json(await to_thread.run_sync(self.keeper.state))

    async def history(self, request: Request) -> Response:
        """History rows, newest first: of a serial number, of a document, or of this station."""
        serial, document = _text(request, "serial"), _text(request, "document")
        limit = _number(request, "limit", ROWS, 1, ROWS_MOST)
        rows = await to_thread.run_sync(self.reader.history, serial, document, limit)
        return _json({"rows": [entry_shown(row) for row in rows]})

    async def documents(self, request: Request) -> Response:
        """Documents without their lines, open ones first."""
        limit = _number(request, "limit", ROWS, 1, ROWS_MOST)
        found = await to_thread.run_sync(self.reader.documents, limit)
        return _json({"documents": [document_head(each) for each in found]})

    async def health(self, _request: Request) -> Response:
        """200 only when scans can be processed."""
        if self.is_ready():
            return _json({"status": "ok"})
        return problem(503, "scans can't be processed now")

    async def events(self, request: Request) -> Response:
        """Server-sent events: the version, whenever the state has changed."""
        seen = request.headers.get("last-event-id", "")
        return StreamingResponse(
            self._notices(int(seen) if seen.isdecimal() and len(seen) < 20 else 0),  # noqa: PLR2004 - of 64 bits
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store"},
        )

    async def _notices(self, seen: int) -> AsyncIterator[str]:
        while not self.closing.is_set():
            if await self._changed(seen, KEEP_ALIVE_S):
                seen = self.keeper.changes.version
                yield f'id: {seen}\nevent: state\ndata: {{"version":{seen}}}\n\n'
                await asyncio.sleep(EVENT_GAP_S)
            else:
                yield ": still here\n\n"

    async def _changed(self, version: int, timeout_s: float) -> bool:
        """Wait until the version is another; False: the time was up, or the server stops."""
        loop = asyncio.get_running_loop()
        bell = asyncio.Event()

        def wake() -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(bell.set)

        if not self.keeper.changes.call(wake, version):
            return True
        waits = [asyncio.ensure_future(each.wait()) for each in (bell, self.closing)]
        try:
            await asyncio.wait(waits, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.keeper.changes.forget(wake)
            for each in waits:
                each.cancel()
        return bell.is_set()


def _json(value: object) -> Response:
    return Response(
        msgspec.json.encode(value),
        media_type="application/json",
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
    )


def _number(request: Request, name: str, default: int, low: int, high: int) -> int:
    given = request.query_params.get(name)
    if given is None:
        return default
    if given.isascii() and given.isdecimal() and len(given) < 20 and low <= int(given) <= high:  # noqa: PLR2004 - of 64 bits
        return int(given)
    raise HTTPException(400, f"{name} must be a whole number from {low} to {high}")


def _text(request: Request, name: str) -> str | None:
    given = request.query_params.get(name) or None
    if given is not None and (len(given) > TEXT_CHARACTERS or "\x00" in given):
        raise HTTPException(400, f"{name} is longer than {TEXT_CHARACTERS} characters, or holds NUL")
    return given


async def _http_problem(_request: Request, error: Any) -> Response:
    answer = problem(error.status_code, str(error.detail))
    answer.headers.update(error.headers or {})
    return answer


async def _database_problem(_request: Request, error: Exception) -> Response:
    return problem(503, str(error))


async def _bug(_request: Request, _error: Exception) -> Response:
    return problem(500, "the station made a mistake; its log says more")
